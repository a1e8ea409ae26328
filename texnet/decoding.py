"""Opening pictures through Pillow: no pipe, no device, within the memory; what is none becomes one error that says why."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError
from PIL.ExifTags import Base

from texnet.color import correct_exif, is_deep
from texnet.devices import free_memory, is_out_of_memory
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


@contextmanager
def reading(path: str | Path) -> Iterator[Image.Image]:
    """Open a picture; whatever PIL raises until the end of the block becomes one error that names the file."""
    try:
        _check_kind(path)
        with _limits_of_memory(), Image.open(path) as opened:
            yield opened
    except UnreadablePictureError:
        raise
    except UnidentifiedImageError as error:
        raise unreadable(path, _guess_format(path)) from error
    except Exception as error:  # PIL raises nearly every type there is on broken files
        if is_out_of_memory(error):
            raise unreadable(path, "too large for the memory that is free") from error
        raise unreadable(path, getattr(error, "strerror", None) or str(error) or type(error).__name__) from error


def check_fits(picture: Image.Image, path: str | Path) -> None:
    """UnreadablePictureError where decoding takes more memory than is free: it is large, or a bomb that claims to be."""
    width, height = picture.size
    needed, free = width * height * DECODING["deep" if is_deep(picture) else "plain"], free_memory()
    if needed > free:
        gigabytes = f"about {needed / 2**30:.1f} GB of memory to be read, {free / 2**30:.1f} are free"
        raise unreadable(path, f"{width}x{height} pixels need {gigabytes}")


def turn_upright(picture: Image.Image) -> None:
    """Turn a picture in place as its EXIF data say it was held."""
    picture.load()
    with suppress(Exception):  # PIL raises nearly every type there is on broken data, which harm no pixel
        ImageOps.exif_transpose(picture, in_place=True)


def exif_of(picture: Image.Image) -> bytes | None:
    """The EXIF data of a picture that was turned upright, as they hold for its pixels in sRGB; without broken ones.

    A TIFF's are left out: they say how its own bytes lie in the file.
    """
    with suppress(Exception):
        exif = picture.getexif()
        exif.pop(Base.Orientation, None)  # one that means nothing is still there
        if exif and picture.format != "TIFF":
            correct_exif(exif)
            return exif.tobytes()
    return None


def unreadable(path: str | Path, reason: str) -> UnreadablePictureError:
    """The error that says, on one line, what is wrong with a file."""
    return UnreadablePictureError(" ".join(f"{os.fspath(path)}: {reason}".splitlines()))


def _check_kind(path: str | Path) -> None:
    """UnreadablePictureError for what is no file, such as a pipe, which would never end: it is not opened. OSError as usual."""
    kind = stat.S_IFMT(Path(path).stat().st_mode)
    if kind != stat.S_IFREG:
        raise unreadable(path, f"{SPECIAL.get(kind, 'no file')}, not a picture's file")


def _guess_format(path: str | Path) -> str:
    """Why a file that Pillow does not know cannot be read, with a remedy where it is a picture after all."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(32)
    except OSError as error:
        return error.strerror or str(error)
    if not head:
        return "not a picture that can be read: the file is empty"
    container = head[4:8] == b"ftyp"
    begun = next((name for key, name in OTHERS.items() if head.startswith(key)), "")
    other = BRANDS.get(head[8:12], "a video") if container else begun
    return f"{other}, {CONVERT}" if other else "not a picture that can be read"


class _Limits:
    """Pillow's limits, which are global: how many threads read at the moment, and what the limits were before."""

    lock = threading.Lock()
    readers = 0
    before: tuple[int | None, int, int] = (None, 0, 0)


@contextmanager
def _limits_of_memory() -> Iterator[None]:
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
