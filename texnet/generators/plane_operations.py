"""What the layers of a body do to a part of a plane: which part of their input it takes, and how it is computed.

Every operation computes the values of a part by the same arithmetic as those of a whole plane, so that parts equal the whole to
the last bit on the CPU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.ops import normalize_by

SMALLEST_SIDE = 64  # pixels, and
SMALLEST_INPUT = 20_481  # values: torch takes other kernels, which round otherwise, for less than that


class Region(NamedTuple):
    """A part of a plane in pixels, the ends not in it."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.bottom - self.top, self.right - self.left

    def joined(self, other: Region) -> Region:
        """The smallest region that holds both."""
        return Region(
            min(self.top, other.top), max(self.bottom, other.bottom), min(self.left, other.left), max(self.right, other.right)
        )

    def cut_from(self, x: Tensor, around: Region) -> Tensor:
        """This region of a tensor (..., H, W) that holds another one, a view."""
        height, width = self.size
        top, left = self.top - around.top, self.left - around.left
        return x[..., top : top + height, left : left + width]


class Operation:
    """How a plane is made of others; here one that takes each pixel of the plane from the same pixel of each of the others."""

    work = 0.0  # multiplications per pixel of the plane

    def needs(self, region: Region, size: tuple[int, int]) -> Region:
        """The region of its inputs, of ``size``, that a region of the plane takes."""
        return region

    def compute(self, parts: Sequence[Tensor], region: Region, size: tuple[int, int]) -> Tensor:
        """A region, (1, C, h, w), from the regions of the inputs, of ``size``, that it needs."""
        raise NotImplementedError


@dataclass(frozen=True)
class Pointwise(Operation):
    """A function of pixels at the same place."""

    function: Callable[..., Tensor]

    def compute(self, parts: Sequence[Tensor], region: Region, size: tuple[int, int]) -> Tensor:
        return self.function(*parts)


@dataclass
class Normalize(Operation):
    """An instance norm, scale and shift (1, C), by ``statistics``: variance and mean, (C,) each, None until they are known."""

    scale: Tensor
    shift: Tensor
    epsilon: float
    statistics: tuple[Tensor, Tensor] | None = None

    def compute(self, parts: Sequence[Tensor], region: Region, size: tuple[int, int]) -> Tensor:
        assert self.statistics is not None, "its statistics are measured first"
        variance, mean = self.statistics
        return normalize_by(parts[0], variance[None], mean[None], self.scale, self.shift, self.epsilon)


@dataclass(frozen=True)
class Border(Operation):
    """A border around the plane: its reflection, or the pixels at its edge where it ``repeats``."""

    left: int
    right: int
    top: int
    bottom: int
    repeats: bool = False

    def needs(self, region: Region, size: tuple[int, int]) -> Region:
        rows, columns = self._places(region, size)
        return Region(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)

    def compute(self, parts: Sequence[Tensor], region: Region, size: tuple[int, int]) -> Tensor:
        rows, columns = self._places(region, size)
        part = parts[0]
        for dim, places in ((2, rows), (3, columns)):
            places = places - places.min()
            if len(places) != part.shape[dim] or (places[1:] < places[:-1]).any():
                part = part.index_select(dim, places.to(part.device))
        return part.contiguous(memory_format=torch.channels_last)

    def _places(self, region: Region, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        rows = torch.arange(region.top - self.top, region.bottom - self.top)
        columns = torch.arange(region.left - self.left, region.right - self.left)
        if self.repeats:
            return rows.clamp(0, size[0] - 1), columns.clamp(0, size[1] - 1)
        return _reflect(rows, size[0]), _reflect(columns, size[1])


@dataclass(frozen=True)
class Convolve(Operation):
    """A convolution of what already has its border."""

    kernel: Tensor
    bias: Tensor | None
    stride: int

    @property
    def work(self) -> float:  # type: ignore[override]
        return float(self.kernel.numel())

    def needs(self, region: Region, size: tuple[int, int]) -> Region:
        height, width = self.kernel.shape[2:]
        (top, bottom, left, right), s = region, self.stride
        return Region(top * s, (bottom - 1) * s + height, left * s, (right - 1) * s + width)

    def compute(self, parts: Sequence[Tensor], region: Region, size: tuple[int, int]) -> Tensor:
        output = F.conv2d(self._filled(parts[0], self.needs(region, size), size), self.kernel, self.bias, self.stride)
        is_small = parts[0].shape[1] * size[0] * size[1] < SMALLEST_INPUT
        top, left = (region.top, region.left) if is_small else (0, 0)
        return output[..., top : top + region.size[0], left : left + region.size[1]]

    def _filled(self, part: Tensor, place: Region, size: tuple[int, int]) -> Tensor:
        """A part at a place of a whole, with zeros around, where its kernel would else not be that for the whole.

        A small whole is filled up to its size, as there the rounding depends on a pixel's place, too.
        """
        channels, (height, width) = part.shape[1], place.size
        if channels * size[0] * size[1] < SMALLEST_INPUT:
            margins = place.left, size[1] - place.right, place.top, size[0] - place.bottom
        else:
            down, across = (
                min(whole, max(have, SMALLEST_SIDE * self.stride)) for whole, have in zip(size, place.size, strict=True)
            )
            down = min(size[0], max(down, -(-SMALLEST_INPUT // (channels * across))))
            across = min(size[1], max(across, -(-SMALLEST_INPUT // (channels * down))))
            margins = 0, across - width, 0, down - height
        if not any(margins):
            return part
        return F.pad(part, margins).contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True)
class Coarser(Operation):
    """A step to a resolution ``ratio`` times lower, where every pixel is made of ratio x ratio pixels."""

    ratio: int
    function: Callable[[Tensor], Tensor]

    def needs(self, region: Region, size: tuple[int, int]) -> Region:
        return Region(*(self.ratio * side for side in region))

    def compute(self, parts: Sequence[Tensor], region: Region, size: tuple[int, int]) -> Tensor:
        return self.function(parts[0])


@dataclass(frozen=True)
class Finer(Operation):
    """A step to a resolution ``ratio`` times higher, where every pixel makes ratio x ratio pixels."""

    ratio: int
    function: Callable[..., Tensor]

    def needs(self, region: Region, size: tuple[int, int]) -> Region:
        top, bottom, left, right = region
        return Region(top // self.ratio, -(-bottom // self.ratio), left // self.ratio, -(-right // self.ratio))

    def compute(self, parts: Sequence[Tensor], region: Region, size: tuple[int, int]) -> Tensor:
        around = Region(*(self.ratio * side for side in self.needs(region, size)))
        return region.cut_from(self.function(*parts), around)


def _reflect(places: Tensor, length: int) -> Tensor:
    """Places below 0 and from the length on, reflected at the first and the last pixel."""
    last = length - 1
    return last - (last - places.abs()).abs()
