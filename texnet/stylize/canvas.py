"""Canvases: pictures that are read in parts, from a tensor or from files of tiles."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.generators.plane_operations import Region


class Canvas(Protocol):
    """A picture of ``size``, (height, width), of which any region can be read: (1, 3, h, w) in [0, 1], on the CPU."""

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""

    def read(self, region: Region) -> Tensor:
        """A region, (1, 3, h, w)."""


@dataclass(frozen=True)
class TensorCanvas:
    """A picture that is in memory, (1, 3, H, W)."""

    image: Tensor

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.image.shape[2], self.image.shape[3]

    def read(self, region: Region) -> Tensor:
        """A region, (1, 3, h, w)."""
        return region.cut_from(self.image, Region(0, 0, 0, 0))


def whole(canvas: Canvas) -> Tensor:
    """All of a canvas, (1, 3, H, W)."""
    return canvas.read(Region(0, canvas.size[0], 0, canvas.size[1]))


@dataclass(frozen=True)
class Grid:
    """A picture of ``size`` cut into tiles, from its upper left corner; those at the right and lower ends are smaller."""

    size: tuple[int, int]
    tile: int

    @property
    def rows(self) -> int:
        """How many tiles there are from top to bottom."""
        return -(-self.size[0] // self.tile)

    @property
    def columns(self) -> int:
        """How many tiles there are from left to right."""
        return -(-self.size[1] // self.tile)

    def at(self, row: int, column: int) -> Region:
        """The place of a tile."""
        height, width = self.size
        top, left = row * self.tile, column * self.tile
        return Region(top, min(height, top + self.tile), left, min(width, left + self.tile))

    def __iter__(self) -> Iterator[tuple[int, int, Region]]:
        return ((row, column, self.at(row, column)) for row in range(self.rows) for column in range(self.columns))

    def overlapping(self, region: Region) -> Iterator[tuple[int, int, Region]]:
        """The tiles that a region touches."""
        for row in range(region.top // self.tile, -(-region.bottom // self.tile)):
            for column in range(region.left // self.tile, -(-region.right // self.tile)):
                yield row, column, self.at(row, column)


class TileFiles:
    """A tensor (1, C, H, W) in a folder, a file for each tile of a grid: its bytes as (h, w, C)."""

    def __init__(self, folder: Path, grid: Grid, channels: int) -> None:
        self.folder = folder
        self.grid = grid
        self.channels = channels

    def write(self, row: int, column: int, part: Tensor) -> None:
        """Write a tile, (1, C, h, w), float32 or bfloat16."""
        path = self._path(row, column)
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = part[0].permute(1, 2, 0).contiguous().cpu()  # (h, w, C)
        pixels.view(torch.int16 if pixels.dtype == torch.bfloat16 else torch.int32).numpy().tofile(path)

    def read(self, region: Region) -> Tensor:
        """A region, (1, C, h, w) in channels_last, from all tiles that it touches."""
        parts = [(place, self._open(row, column, place)) for row, column, place in self.grid.overlapping(region)]
        output = torch.empty(*region.size, self.channels, dtype=parts[0][1].dtype)
        for place, tile in parts:
            top, bottom = max(place.top, region.top), min(place.bottom, region.bottom)
            left, right = max(place.left, region.left), min(place.right, region.right)
            inner = tile[top - place.top : bottom - place.top, left - place.left : right - place.left]
            output[top - region.top : bottom - region.top, left - region.left : right - region.left] = inner
        return output.permute(2, 0, 1)[None]  # (1, C, h, w)

    def drop_row(self, row: int) -> None:
        """Delete a row of tiles."""
        shutil.rmtree(self.folder / str(row), ignore_errors=True)

    def drop(self) -> None:
        """Delete all tiles."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self, row: int, column: int, place: Region) -> Tensor:
        path = self._path(row, column)
        height, width = place.size
        values = height * width * self.channels
        dtype = torch.float32 if path.stat().st_size == 4 * values else torch.bfloat16
        return torch.from_file(str(path), size=values, dtype=dtype).view(height, width, self.channels)

    def _path(self, row: int, column: int) -> Path:
        return self.folder / str(row) / str(column)


def reduce_canvas(canvas: Canvas, ratio: int, tile: int) -> Tensor:
    """A canvas at a ratio-th of its size, each pixel the mean of ratio x ratio, read in tiles: (1, 3, H / ratio, W / ratio)."""
    height, width = (side // ratio * ratio for side in canvas.size)
    grid = Grid((height, width), max(1, tile // ratio) * ratio)
    output = torch.empty(1, 3, height // ratio, width // ratio)
    for _, _, place in grid:
        part = Region(*(side // ratio for side in place))
        part.cut_from(output, Region(0, 0, 0, 0)).copy_(F.avg_pool2d(canvas.read(place), ratio))
    return output
