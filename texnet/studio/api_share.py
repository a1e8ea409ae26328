"""Sharing: a trained network as a file for other programs, or as a page that paints by itself, which the studio shows."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from texnet.files import numbered
from texnet.studio.endpoints import file_answer, get, post, text_of
from texnet.studio.error_responses import Refusal
from texnet.studio.flags import run_texnet
from texnet.studio.studio import Studio
from texnet.studio.uploads import plain_stem

SECONDS = 1800  # that an export may take, npm's download and a busy machine included
FILE, PAGE = "onnx", "web"  # formats of texnet export
MANIFEST = "styles.json"  # in the folder of every page


class ShareApi:
    """Endpoints of the page Share."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._exporting = threading.Lock()

    def routes(self) -> list[BaseRoute]:
        """Paths below /api."""
        return [get("/exports", self.exports), post("/exports", self.export), get("/exports/{name}", self.file)]

    def exports(self, request: Request) -> Any:
        """What was exported so far, the newest first."""
        places = self.studio.places
        pages = [path for path in places.pages.glob("*/") if (path / MANIFEST).is_file()]
        found = [_entry(path) for path in (*places.exports.glob(f"*.{FILE}"), *pages)]
        return sorted(found, key=lambda entry: -entry["written"])

    def export(self, request: Request, data: dict[str, Any]) -> Any:
        """Export a network, as the command does and with its checks; what was made. Exports wait for each other."""
        network, kind = self.studio.folders.file(text_of(data, "network")), text_of(data, "format")
        if kind not in (FILE, PAGE):
            raise Refusal(400, f"format is {FILE} or {PAGE}")
        name = plain_stem(text_of(data, "name", "") or self.studio.cache.network(network)[0]["style"])
        place, suffix = (self.studio.places.exports, f".{FILE}") if kind == FILE else (self.studio.places.pages, "")
        with self._exporting:
            target = next(place / free for free in numbered(name, suffix) if not (place / free).exists())
            words = [f"--ckpt={network}", f"--format={kind}", f"--output={target}", *["--half"] * (data.get("half") is True)]
            run_texnet(["export", *words], SECONDS)
        return _entry(target)

    def file(self, request: Request) -> Response:
        """An exported file, to save."""
        name = request.path_params["name"]
        if Path(name).name != name or not name.endswith(f".{FILE}"):
            raise FileNotFoundError(f"{name}: no such file")
        return file_answer(self.studio.places.exports / name, "application/octet-stream", name=name)


class Pages(StaticFiles):
    """The exported pages, each below a path of its own, of which alone it may load anything, the studio's API not either."""

    async def get_response(self, path: str, scope: Any) -> Response:
        """A file, under a policy as strict as the page's own."""
        response = await super().get_response(path, scope)
        response.headers["content-security-policy"] = _policy(Request(scope).headers["host"], path.split("/")[0])
        return response


def _policy(host: str, name: str) -> str:
    """The content security policy of one page; a host in brackets has no place in policies, and is ``'self'``."""
    own = "'self'" if host.startswith("[") else f"{host}/pages/{quote(name)}/"
    sources = {"script-src": f"{own} 'wasm-unsafe-eval'", "img-src": f"{own} blob:"}
    sources |= dict.fromkeys(("worker-src", "connect-src", "style-src"), own)
    sources |= dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'")
    return "; ".join(f"{directive} {allowed}" for directive, allowed in sources.items())


def _entry(path: Path) -> dict[str, Any]:
    is_page = path.is_dir()
    files = [one for one in path.rglob("*") if one.is_file()] if is_page else [path]
    address = f"/pages/{quote(path.name)}/" if is_page else f"/api/exports/{quote(path.name)}"
    return {
        "name": path.name,
        "format": PAGE if is_page else FILE,
        "bytes": sum(one.stat().st_size for one in files),
        "written": path.stat().st_mtime,
        "address": address,
        "path": str(path),
    }
