"""Tiled BigTIFF files, written strip by strip, with smaller and smaller copies for viewers of large pictures on request."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.color import srgb_profile
from texnet.errors import UserError

TILE = 256  # pixels to a side, as viewers expect
SMALLEST_LEVEL = 256  # long side of the smallest copy, pixels


def save_tiff(
    strips: Iterable[Tensor], path: str | Path, size: tuple[int, int], folder: Path, *, has_alpha: bool, pyramid: bool
) -> None:
    """Write strips of sRGB, uint8 (3, h, W) from top to bottom, as one tiled BigTIFF of (height, width), all or nothing.

    With ``has_alpha`` strips are (4, h, W). All but the last are a multiple of 256 high. ``folder``, on the same disk, takes
    what is not finished. With ``pyramid`` copies of half, a quarter ... of the size follow. UserError without tifffile.
    """
    try:
        import tifffile
    except ImportError as error:
        raise UserError(f"{path}: TIFF in tiles needs tifffile: pip install '.[large]', or write .png") from error
    channels = 4 if has_alpha else 3
    levels = _level_sizes(size) if pyramid else []
    common: dict[str, Any] = {"tile": (TILE, TILE), "photometric": "rgb", "compression": "zlib", "dtype": np.uint8}
    common |= {"extrasamples": ["unassalpha"]} if has_alpha else {}
    temporary = folder / "result.tif"
    with tempfile.TemporaryDirectory(dir=folder) as scratch, tifffile.TiffWriter(temporary, bigtiff=True) as file:
        next_level = _Level(Path(scratch) / "0", levels[0], channels) if levels else None
        tags: dict[str, Any] = {"iccprofile": srgb_profile(), "software": "texnet", "metadata": None, "subifds": len(levels)}
        file.write(_tiles(strips, next_level), shape=(*size, channels), **common, **tags)
        for number, level in enumerate(levels):
            this, after = next_level, number + 1
            assert this is not None
            next_level = _Level(Path(scratch) / str(after), levels[after], channels) if after < len(levels) else None
            file.write(_tiles(this.strips(), next_level), shape=(*level, channels), subfiletype=1, metadata=None, **common)
            this.delete()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.replace(temporary, path)


class _Level:
    """A copy at half the size, filled strip by strip, in a file of bytes."""

    def __init__(self, path: Path, size: tuple[int, int], channels: int) -> None:
        self.path = path
        self.pixels = np.memmap(path, np.uint8, "w+", shape=(*size, channels))
        self.filled = 0

    def add(self, strip: Tensor) -> None:
        """Take a strip of the picture of twice the size, uint8 (C, h, W); an odd last row or column is left out."""
        pooled = F.avg_pool2d(strip[None].float(), 2)[0].round().to(torch.uint8)  # (C, h / 2, W / 2)
        rows = pooled.permute(1, 2, 0).numpy()[: len(self.pixels) - self.filled]
        self.pixels[self.filled : self.filled + len(rows)] = rows
        self.filled += len(rows)

    def strips(self) -> Iterator[Tensor]:
        for top in range(0, len(self.pixels), TILE):
            yield torch.from_numpy(np.array(self.pixels[top : top + TILE])).permute(2, 0, 1)

    def delete(self) -> None:
        del self.pixels
        self.path.unlink()


def _level_sizes(size: tuple[int, int]) -> list[tuple[int, int]]:
    sizes = []
    while max(size) > SMALLEST_LEVEL and min(size) >= 2:
        size = (size[0] // 2, size[1] // 2)
        sizes.append(size)
    return sizes


def _tiles(strips: Iterable[Tensor], half: _Level | None) -> Iterator[np.ndarray[Any, Any]]:
    """The tiles of a picture, row by row, (h, w, C) each, from its strips; ``half`` gets the strips too."""
    for strip in strips:
        if half is not None:
            half.add(strip)
        pixels = strip.permute(1, 2, 0).numpy()  # (h, W, C)
        for top in range(0, pixels.shape[0], TILE):
            for left in range(0, pixels.shape[1], TILE):
                tile = pixels[top : top + TILE, left : left + TILE]
                filled = np.zeros((TILE, TILE, tile.shape[2]), np.uint8)
                filled[: tile.shape[0], : tile.shape[1]] = tile
                yield filled
