"""Videos and the camera: what a video is, painting it in the queue, playing it beside the result, and painted live pictures."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from texnet.picture_files import VIDEOS
from texnet.studio.api_guide import as_plain
from texnet.studio.endpoints import file_answer, get, number_of, post, text_of
from texnet.studio.error_responses import Refusal
from texnet.studio.paint_requests import video_options_of, without_photo
from texnet.studio.studio import VIDEO, Studio
from texnet.studio.uploads import read_body
from texnet.studio.videos import add_video, result_of

TYPES = {".webm": "video/webm", ".mkv": "video/x-matroska", ".ogv": "video/ogg"}  # others that browsers play are MP4
AS_IT_IS = "private, no-cache"  # players ask for parts; these are kept as long as the file stays the same
LARGEST_SIZE = 16384  # pixels of a video's long side
LIVE_SIZES = (32, 1280)  # pixels of a side
CHANNELS = 4


class VideoApi:
    """Endpoints of the page Paint where it shows a video or a camera."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def routes(self) -> list[BaseRoute]:
        """Paths below /api."""
        return [
            get("/videos", self.facts),
            post("/videos", self.paint),
            get("/videos/original", self.original),
            get("/videos/{id}/result", self.result),
            Route("/camera", self.camera, methods=["POST"]),
        ]

    def facts(self, request: Request) -> Any:
        """What a video is, and the jobs that have painted or will paint it, the newest first."""
        video = self._video(request.query_params.get("path", ""))
        jobs = [job for job in self.studio.store.jobs() if job.kind == VIDEO and job.settings.get("video") == str(video)]
        return {**self.studio.cache.video(video), "jobs": [as_plain(job) for job in jobs if not job.binned]}

    def paint(self, request: Request, data: dict[str, Any]) -> Any:
        """Put a video behind the other jobs, after a check that the networks can paint it so."""
        video = self._video(text_of(data, "video"))
        options = video_options_of(self.studio, data, video)
        max_size = number_of(data.get("max_size", 0), "max_size", 0, LARGEST_SIZE)
        facts = self.studio.cache.video(video)
        self.studio.paint.call("check", options=asdict(options))
        return as_plain(add_video(self.studio, video, facts, options, text_of(data, "style", "style"), int(max_size)))

    def original(self, request: Request) -> Response:
        """A video below the folders, to play, by parts where the player asks for them."""
        video = self._video(request.query_params.get("path", ""))
        return file_answer(video, _type_of(video), cache=AS_IT_IS)

    def result(self, request: Request) -> Response:
        """A painted video, to play, or with ?download to save; of one that was stopped as much as was done."""
        job = self.studio.job(request.path_params["id"])
        if job.kind != VIDEO:
            raise Refusal(404, "there is no such video")
        path = result_of(job)
        name = path.name if "download" in request.query_params else ""
        return file_answer(path, _type_of(path), name=name, cache=AS_IT_IS)

    async def camera(self, request: Request) -> Response:
        """A camera's picture, sent as RGBA bytes, painted, as JPEG."""
        given = dict(request.query_params)
        width, height = (int(number_of(given.get(side), side, *LIVE_SIZES)) for side in ("width", "height"))
        pixels = await read_body(request, CHANNELS * width * height)
        facts, picture = await run_in_threadpool(self._painted, given, pixels, width, height)
        return Response(picture, media_type="image/jpeg", headers={"x-milliseconds": f"{facts['milliseconds']:.1f}"})

    def _painted(self, given: dict[str, Any], pixels: bytes, width: int, height: int) -> tuple[Any, bytes]:
        options, session = asdict(without_photo(self.studio, given)), text_of(given, "session", "")
        sent = b64encode(pixels).decode()
        return self.studio.paint.call("camera", options=options, pixels=sent, width=width, height=height, session=session)

    def _video(self, words: str) -> Path:
        """The video that a page names; Refusal for another file."""
        path = self.studio.folders.file(words)
        if path.suffix.lower() not in VIDEOS:
            raise Refusal(415, f"{path.name}: not a video by its name; those end in {' '.join(VIDEOS)}")
        return path


def _type_of(path: Path) -> str:
    return TYPES.get(path.suffix.lower(), "video/mp4")
