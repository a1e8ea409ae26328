"""PNG files written strip by strip, which Pillow cannot: a picture may be larger than the memory."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from texnet.files import write_atomically
from texnet.picture_files import RESULT_MARK

SUB = 1  # PNG's filter type: each byte is the difference to the pixel on the left


def save_strips(
    strips: Iterable[Tensor], path: str | Path, size: tuple[int, int], *, has_alpha: bool = False, exif: bytes | None = None
) -> None:
    """Write strips of sRGB, uint8 (3, h, W) from top to bottom, as one PNG that says so of (height, width), all or nothing.

    With ``has_alpha`` strips are (4, h, W). ``exif`` are data as Pillow has them.
    """
    write_atomically(path, _file(strips, size, 6 if has_alpha else 2, exif))


def _file(strips: Iterable[Tensor], size: tuple[int, int], color: int, exif: bytes | None) -> Iterator[bytes]:
    height, width = size
    yield b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0))
    yield _chunk(b"sRGB", b"\0")  # 0: to be shown with the perceptual intent
    if exif:
        yield _chunk(b"eXIf", exif.removeprefix(b"Exif\0\0"))
    yield _chunk(b"tEXt", "\0".join(RESULT_MARK).encode())
    compressor = zlib.compressobj()
    for strip in strips:
        yield _chunk(b"IDAT", compressor.compress(_lines(strip)))
    yield _chunk(b"IDAT", compressor.flush()) + _chunk(b"IEND", b"")


def _lines(strip: Tensor) -> bytes:
    pixels = strip.permute(1, 2, 0)  # (h, W, 3 or 4)
    differences = torch.cat([pixels[:, :1], pixels[:, 1:] - pixels[:, :-1]], dim=1).flatten(1)  # modulo 256
    filters = torch.full((len(differences), 1), SUB, dtype=torch.uint8)
    return torch.cat([filters, differences], dim=1).numpy().tobytes()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
