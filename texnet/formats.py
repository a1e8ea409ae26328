"""What a file is before Pillow decodes it: no pipe or device, within the memory, and if it is no picture, what else."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, PngImagePlugin

from texnet.devices import free_memory
from texnet.errors import UnreadablePictureError

DECODING = {"plain": 32, "deep": 64}  # bytes per pixel, at most, from a file to floats
TEXT = 2**26  # bytes of a text chunk: some programs keep the history of an edit there, which harms no pixel
SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
OTHERS = {  # by what stands at the beginning of the file
    b"%PDF": "a PDF file",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"<svg": "a drawing in SVG",
    b"FUJIFILMCCD-RAW": "a camera's raw file",
    b"II\x1a\0\0\0HEAPCCDR": "a camera's raw file",
    b"II*\0": "a TIFF or a camera's raw file of an unknown kind",
    b"MM\0*": "a TIFF or a camera's raw file of an unknown kind",
}
BRANDS = {  # of the ISO container, bytes 8 to 12
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC"),
    **dict.fromkeys((b"avif", b"avis"), "AVIF, for which this Pillow was not built"),
    b"crx ": "a camera's raw file",
}
CONVERT = "which cannot be read here: convert it to JPEG or PNG"


def check_kind(path: str | Path) -> None:
    """UnreadablePictureError for what is no file, such as a pipe, which would never end: it is not opened. OSError as usual."""
    kind = stat.S_IFMT(Path(path).stat().st_mode)
    if kind != stat.S_IFREG:
        raise UnreadablePictureError(f"{os.fspath(path)}: {SPECIAL.get(kind, 'no file')}, not a picture's file")


def guess_format(path: str | Path) -> str:
    """Why a file that Pillow does not know cannot be read, with a remedy where it is a picture after all."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(32)
    except OSError as error:
        return error.strerror or str(error)
    if not head:
        return "not a picture that can be read: the file is empty"
    container = head[4:8] == b"ftyp"
    other = BRANDS.get(head[8:12], "a video") if container else next((name for key, name in OTHERS.items() if head.startswith(key)), "")
    return f"{other}, {CONVERT}" if other else "not a picture that can be read"


class _Limits:
    """Pillow's limits, which are global: how many threads read at the moment, and what the limits were before."""

    lock = threading.Lock()
    readers = 0
    before: tuple[int | None, int, int] = (None, 0, 0)


@contextmanager
def limits_of_memory() -> Iterator[None]:
    """While pictures are read, let the free memory limit their size, and not a fixed number of pixels as Pillow does.

    The limits are as before once no thread reads.
    """
    with _Limits.lock:
        if not _Limits.readers:
            _Limits.before = Image.MAX_IMAGE_PIXELS, PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY
            largest = max(Image.MAX_IMAGE_PIXELS or 0, free_memory() // 8)  # Pillow refuses the double, at 4 bytes a pixel
            Image.MAX_IMAGE_PIXELS = largest
            PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY = TEXT, 4 * TEXT
        _Limits.readers += 1
    try:
        yield
    finally:
        with _Limits.lock:
            _Limits.readers -= 1
            if not _Limits.readers:
                Image.MAX_IMAGE_PIXELS, PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY = _Limits.before
