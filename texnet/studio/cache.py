"""Pictures made for the page and kept on disk, as long as their file stays the same.

They are thumbnails, previews of networks, and single frames of videos, which are used like photos.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from texnet.files import write_atomically
from texnet.picture_files import VIDEOS
from texnet.studio.helper import Helper

SIZES = (96, 160, 256, 384, 768, 1280)  # pixels of a long side that the page may ask for


class PictureCache:
    """Thumbnails by a helper, each made once; ``folder`` may be deleted at any time."""

    def __init__(self, folder: Path, helper: Helper) -> None:
        self._folder = folder
        self._helper = helper

    def thumbnail(self, path: Path, size: int) -> bytes:
        """A picture reduced to at least ``size`` pixels on its long side, as JPEG. Errors as of reading a picture."""
        path = self.still(path)
        size = next((known for known in SIZES if known >= size), SIZES[-1])
        name = _key(path, f"thumbnail-{size}") + ".jpg"
        return self._kept(name, lambda: self._helper.call("thumbnail", path=str(path), size=size)[1])

    def network(self, path: Path) -> tuple[dict[str, Any], bytes]:
        """What a checkpoint says of itself, and its preview as JPEG, which may be empty."""
        key = _key(path, "network")

        def ask() -> bytes:
            facts, picture = self._helper.call("network", path=str(path))
            return json.dumps(facts).encode() + b"\n" + picture

        line, _, picture = self._kept(f"{key}.network", ask).partition(b"\n")
        return json.loads(line), picture

    def video(self, path: Path) -> dict[str, Any]:
        """What a video is, see :func:`texnet.studio.pictures.check_video`. Errors as of reading a video."""
        facts: dict[str, Any] = json.loads(
            self._kept(f"{_key(path, 'video')}.json", lambda: _as_json(self._helper.call("check_video", path=str(path))[0]))
        )
        return facts

    def still(self, path: Path, seconds: float = 0.0) -> Path:
        """The picture that shows a video's frame at a time; of a picture itself. Errors as of reading a video."""
        if path.suffix.lower() not in VIDEOS:
            return path
        place = self._folder / "stills" / f"{_key(path, f'still-{seconds:.2f}')}.png"
        if not place.exists():
            self._helper.call("still", path=str(path), seconds=seconds, target=str(place))
        return place

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        place = self._folder / name
        with suppress(OSError):
            return place.read_bytes()
        data = make()
        with suppress(OSError):  # what cannot be kept is made again
            write_atomically(place, data)
        return data


def _as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def _key(path: Path, what: str) -> str:
    status = path.stat()
    words = f"{what}:{path}:{status.st_mtime_ns}:{status.st_size}"
    return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()[:32]
