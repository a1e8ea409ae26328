"""The guide's questions: which folders there are, what a data set offers, which style pictures, what a training would run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from texnet.errors import UserError
from texnet.picture_files import EXTENSIONS, VIDEOS
from texnet.studio import runs
from texnet.studio.endpoints import HOUR, get, number_of, post, text_of
from texnet.studio.error_responses import Json, Refusal
from texnet.studio.flags import as_flags, described_options, dry_run
from texnet.studio.store import Job
from texnet.studio.studio import TRAIN, Studio
from texnet.studio.uploads import MEGABYTE, plain_stem, save_upload

USUAL_STEPS = 200.0  # a minute, on two cores: where nothing was trained here yet
MOST_USED = 24  # style pictures of earlier runs
CHECKS = {"picture": "check_picture", "network": "network", "video": "check_video"}  # functions of the helper, by kind


class GuideApi:
    """Endpoints of the page that starts a training."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def routes(self) -> list[BaseRoute]:
        """Paths below /api."""
        return [
            get("/start", self.start),
            get("/complete", self.complete),
            get("/thumbnail", self.thumbnail),
            get("/textures", self.textures),
            post("/photos", self.photos),
            post("/photos/sample", self.sample_photos),
            post("/trainings/check", self.check),
            post("/trainings", self.train),
            Route("/uploads", self.upload, methods=["POST"]),
        ]

    def start(self, request: Request) -> Any:
        """What every page needs first."""
        recent = [Path(job.folder) for job in self.studio.store.jobs() if job.kind == TRAIN][:10]
        measured = runs.steps_per_minute(recent)
        return {
            "token": self.studio.token,
            "folders": [str(root) for root in self.studio.folders.roots],
            "options": described_options(),
            "steps_per_minute": measured or USUAL_STEPS,
            "is_measured": measured is not None,
            "max_upload": self.studio.config.max_upload,
            "max_video": self.studio.config.max_video,
            "videos": VIDEOS,
            "can_log_out": not self.studio.login.admits(""),
        }

    def complete(self, request: Request) -> Any:
        """What a half-typed path may become."""
        given = request.query_params
        return self.studio.folders.complete(given.get("path", ""), videos="videos" in given)

    def thumbnail(self, request: Request) -> Response:
        """A picture below the folders, reduced."""
        path = self.studio.folders.file(request.query_params.get("path", ""))
        size = int(number_of(request.query_params.get("size", "256"), "size", 16, 2048))
        return Response(self.studio.cache.thumbnail(path, size), media_type="image/jpeg", headers={"cache-control": HOUR})

    def textures(self, request: Request) -> Any:
        """Style pictures: those that come with texnet, those of earlier runs, and uploads."""
        folder = self.studio.drawn_textures()
        if not folder.is_dir():
            self.studio.pictures.call("textures", folder=str(folder))
        used = dict.fromkeys(str(job.settings.get("texture", "")) for job in self.studio.store.jobs() if job.kind == TRAIN)
        sent = sorted(self.studio.places.uploads.glob("*"), key=lambda path: -path.stat().st_mtime)
        drawn = _pictures(sorted(folder.iterdir()))
        own = [path for path in [*used, *_pictures(sent)] if path not in drawn and self._is_offered(path)]
        return {"drawn": drawn, "own": list(dict.fromkeys(own))[:MOST_USED]}

    def photos(self, request: Request, data: dict[str, Any]) -> Any:
        """What a data set offers."""
        root = self.studio.folders.resolve(text_of(data, "data_dir"))
        categories = data.get("categories", [])
        if not isinstance(categories, list) or not all(isinstance(name, str) for name in categories):
            raise Refusal(400, "categories are a list of names")
        split = text_of(data, "split", "train")
        facts, _ = self.studio.pictures.call("photos", data_dir=str(root), split=split, categories=categories)
        return {**facts, "data_dir": str(root)}

    def sample_photos(self, request: Request, data: dict[str, Any]) -> Any:
        """Draw photos to try training with; their folder."""
        folder, _ = self.studio.pictures.call("sample_photos", folder=str(self.studio.places.own / "sample_photos"))
        return {"data_dir": folder}

    async def upload(self, request: Request) -> Response:
        """Keep a picture, a network or a video that the page sends, once it was read as a whole."""
        kind, config = request.query_params.get("kind", "picture"), self.studio.config
        limit = (config.max_video if kind == "video" else config.max_upload) * MEGABYTE
        path = await save_upload(request, self.studio.places.uploads, kind, limit)
        try:
            facts, _ = await run_in_threadpool(self.studio.pictures.call, CHECKS[kind], path=str(path))
        except Exception as error:
            await run_in_threadpool(path.unlink, missing_ok=True)
            if isinstance(error, UserError):  # the page knows the file by its name
                raise type(error)(str(error).replace(str(path), path.name)) from error
            raise
        return Json({"path": str(path), "name": path.name, **facts})

    def check(self, request: Request, data: dict[str, Any]) -> Any:
        """The command line that does the same as the page's settings, after a dry run of it."""
        words = self._words(data)
        dry_run(words)
        return {"command": "texnet train " + shlex.join(words)}

    def train(self, request: Request, data: dict[str, Any]) -> Any:
        """Put a training behind the others; its job."""
        words = self._words(data)
        config = dry_run(words)
        texture = config["loss"]["texture"]
        if not texture or not config["data"]["data_dir"]:
            raise Refusal(422, "choose photos and a style picture first")
        stem = plain_stem(text_of(data, "title", "") or Path(texture).name)
        folder = self.studio.free_place(self.studio.places.runs, stem)
        places = [f"--checkpoint_dir={folder.parent}", f"--run_name={folder.name}", "--verbose"]
        title = text_of(data, "title", "") or Path(texture).stem.replace("_", " ")
        settings = {**data["settings"], "texture": texture, "data_dir": config["data"]["data_dir"]}
        return as_plain(self.studio.store.add(TRAIN, title[:120], ["train", *words, *places], settings, str(folder)))

    def _words(self, data: dict[str, Any]) -> list[str]:
        settings = data.get("settings")
        if not isinstance(settings, dict):
            raise Refusal(400, "settings are missing")
        return as_flags(settings, self.studio.folders.resolve)

    def _is_offered(self, path: str) -> bool:
        try:
            return bool(path) and self.studio.folders.file(path).is_file()
        except (Refusal, OSError):
            return False


def as_plain(job: Job) -> dict[str, Any]:
    """A job as the page gets it."""
    return {
        **vars(job),
        "command": "texnet " + shlex.join(job.command) if job.command else "",
    }


def _pictures(paths: list[Path]) -> list[str]:
    return [str(path) for path in paths if path.suffix.lower() in EXTENSIONS]
