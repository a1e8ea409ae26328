"""Painting: networks, previews at any noise factor, masks, results at full size, and batches for the queue."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from texnet.files import is_folder, write_atomically
from texnet.picture_files import VIDEOS, find_pictures
from texnet.studio.api_guide import as_plain
from texnet.studio.endpoints import HOUR, file_answer, get, number_of, post, text_of
from texnet.studio.error_responses import Json, Refusal
from texnet.studio.networks import find_networks, network_words
from texnet.studio.paint_requests import mask_file, options_of, without_photo
from texnet.studio.studio import BATCH, Studio
from texnet.studio.uploads import MEGABYTE, open_new, plain_stem, read_body

SIZES = (256, 1024)  # pixels of a preview's long side
FORMATS = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
LARGEST_MASK = 16 * MEGABYTE


class PaintApi:
    """Endpoints of the page Paint."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._shares: dict[str, float] = {}  # of results that are being painted, by the page's name for the task

    def routes(self) -> list[BaseRoute]:
        """Paths below /api."""
        return [
            get("/networks", self.networks),
            get("/networks/picture", self.network_picture),
            get("/networks/range", self.network_range),
            get("/pictures", self.pictures),
            get("/paint", self.paint),
            Route("/masks", self.mask, methods=["POST"]),
            post("/results", self.full),
            get("/results/{name}", self.result),
            get("/progress/{task}", self.progress),
            post("/batches", self.batch),
        ]

    def networks(self, request: Request) -> Any:
        """All networks that can repaint a photo."""
        return find_networks(self.studio)

    def network_picture(self, request: Request) -> Response:
        """The preview that a checkpoint carries."""
        picture = self.studio.cache.network(self.studio.folders.file(request.query_params.get("path", "")))[1]
        if not picture:
            raise FileNotFoundError("this network carries no preview")
        return Response(picture, media_type="image/jpeg", headers={"cache-control": HOUR})

    def network_range(self, request: Request) -> Any:
        """Name and range of a network, also of a style picture as an untrained one."""
        facts, _ = self.studio.paint.call("describe", network=network_words(self.studio, request.query_params.get("path", "")))
        return facts

    def pictures(self, request: Request) -> Any:
        """The pictures and videos of a folder, the first hundreds, or a file alone; pictures at any depth."""
        path = self.studio.folders.resolve(request.query_params.get("path", ""))
        if is_folder(path):
            videos = sorted(one for one in path.iterdir() if one.suffix.lower() in VIDEOS and one.name[0] != ".")
            found = [*find_pictures(path), *videos]
        else:
            found = [self.studio.folders.file(str(path))]
        return {"count": len(found), "pictures": [{"path": str(one), "name": one.name} for one in found[:300]]}

    def paint(self, request: Request) -> Response:
        """A preview: exact as PNG, or as JPEG where it is one of those that the page fades between."""
        given = dict(request.query_params)
        size = int(number_of(given.get("size", "512"), "size", *SIZES))
        is_exact = given.get("exact", "1") == "1"
        facts, picture = self.studio.paint.call(
            "preview", options=asdict(options_of(self.studio, given)), size=size, exact=is_exact
        )
        headers = {"x-milliseconds": f"{facts['milliseconds']:.1f}"}
        return Response(picture, media_type="image/png" if is_exact else "image/jpeg", headers=headers)

    async def mask(self, request: Request) -> Response:
        """Keep a mask that was brushed or chosen, under a name made of its bytes."""
        data = await read_body(request, LARGEST_MASK)
        path = mask_file(self.studio, hashlib.sha256(data).hexdigest()[:32])
        if not path.exists():
            await run_in_threadpool(write_atomically, path, data)
            try:
                await run_in_threadpool(self.studio.pictures.call, "check_picture", path=str(path))
            except Exception:
                await run_in_threadpool(path.unlink, missing_ok=True)
                raise
        return Json({"mask": path.stem})

    def full(self, request: Request, data: dict[str, Any]) -> Any:
        """Paint a picture at its own size into a file, beside previews and trainings."""
        options, kind = options_of(self.studio, data), text_of(data, "format", "png")
        if kind not in FORMATS:
            raise Refusal(400, "format is png, jpg or webp")
        style = "-".join(plain_stem(text_of(data, "style", "style")).split("/"))
        name, place = f"{plain_stem(Path(options.photo).name)}_{style}", self.studio.places.results
        target, opened = open_new(place, name, f".{kind}")
        opened.close()
        task = text_of(data, "task", "")
        try:
            tell = partial(self._shares.__setitem__, task)
            facts, _ = self.studio.full.call("full", tell, options=asdict(options), target=str(target))
        except BaseException:
            target.unlink(missing_ok=True)  # nothing was painted into it
            raise
        finally:
            self._shares.pop(task, None)
        return {"name": target.name, "bytes": target.stat().st_size, **facts}

    def progress(self, request: Request) -> Any:
        """The share of a result that is painted, by the name that the page gave its task."""
        return {"share": self._shares.get(request.path_params["task"], 0.0)}

    def result(self, request: Request) -> Response:
        """A painted picture, to show, or with ?download to save."""
        name = request.path_params["name"]
        kind = FORMATS.get(Path(name).suffix[1:])
        if kind is None or Path(name).name != name:
            raise FileNotFoundError(f"{name}: no such result")
        return file_answer(self.studio.places.results / name, kind, name=name if "download" in request.query_params else "")

    def batch(self, request: Request, data: dict[str, Any]) -> Any:
        """Put the pictures of a folder, or several pictures, behind the other jobs."""
        paths = data.get("pictures")
        if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
            raise Refusal(400, "name pictures or a folder")
        found = [self.studio.folders.resolve(path) for path in paths]
        total = sum(len(find_pictures(path)) if is_folder(path) else 1 for path in found)
        if not total:
            raise Refusal(422, f"there are no pictures in {found[0]}")
        options = without_photo(self.studio, data)
        folder = self.studio.free_place(self.studio.places.results, plain_stem(found[0].name))
        command = ["stylize", *options.flags(), f"--output={folder}", "--", *map(str, found)]
        title = f"{total} picture{'s' if total > 1 else ''} of {found[0].name}"
        return as_plain(
            self.studio.store.add(BATCH, title, command, {"total": total, "network": options.networks[0]}, str(folder))
        )
