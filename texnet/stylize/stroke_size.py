"""Strokes of another size than the network learned, without losing the photo's edges.

Larger ones: the photo is painted at a fraction of its size, the painting is enlarged along the photo's edges by joint bilateral
up-sampling (Kopf et al. 2007), and a second pass of the network at full size gives the fine strokes. Smaller ones: the photo is
painted enlarged, and the painting is reduced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from texnet.generators.plane_operations import Region
from texnet.stylize.canvas import Canvas, TensorCanvas, whole
from texnet.stylize.stylizer import StylizeFn, Stylizer, as_noise_factor
from texnet.stylize.tiles import TiledPainting

REACH = 2  # pixels of the small painting to each side that have a part in a pixel of the large one
SPATIAL = 0.8  # deviation of their weights over distance, pixels of the small painting
RANGE = 0.1  # and over the difference of the photo's colors, of 1
SECOND = 0.6  # noise factor of the second pass at full style


@dataclass(frozen=True)
class StrokeScaler:
    """A stylizer whose strokes are ``stroke_size`` times as large, used like it."""

    stylizer: StylizeFn
    stroke_size: float

    def __call__(self, image: Tensor, noise_factor: float = 1.0, seed: int = 0) -> Tensor:
        """Stylize (N, 3, H, W) in [0, 1] at one noise factor; at 0 it is the picture itself."""
        if as_noise_factor(noise_factor) == 0 or self.stroke_size == 1:
            return self.stylizer(image, noise_factor, seed)
        return torch.cat([self._paint(picture.cpu(), noise_factor, seed) for picture in torch.split(image, 1)])

    def _paint(self, image: Tensor, noise_factor: float, seed: int) -> Tensor:
        photo = TensorCanvas(image)
        scaled = TensorCanvas(whole(Resized(photo, scaled_size(photo.size, self.stroke_size))))
        painted = TensorCanvas(self.stylizer(scaled.image, noise_factor, seed))
        if self.stroke_size < 1:
            return whole(Resized(painted, photo.size))
        enlarged = whole(Enlarged(painted, scaled, photo))
        return self.stylizer(enlarged, second_factor(noise_factor), seed)


def stroke_canvases(
    stylizer: Stylizer,
    photo: Canvas,
    noise_factor: float,
    seed: int,
    stroke_size: float,
    folder: Path,
    *,
    tile: int,
    statistics: str,
) -> list[Canvas]:
    """The same in tiles: canvases, of which each reads those before it; the last is the result.

    Those that are a :class:`TiledPainting` are to be painted in order first.
    """
    if stroke_size == 1:
        return [TiledPainting(stylizer, photo, noise_factor, seed, folder, tile, statistics)]
    scaled = Resized(photo, scaled_size(photo.size, stroke_size))
    first = TiledPainting(stylizer, scaled, noise_factor, seed, folder / "scaled", tile, statistics)
    if stroke_size < 1:
        return [first, Resized(first, photo.size)]
    enlarged = Enlarged(first, scaled, photo)
    return [first, TiledPainting(stylizer, enlarged, second_factor(noise_factor), seed, folder / "second", tile, statistics)]


def scaled_size(size: tuple[int, int], stroke_size: float) -> tuple[int, int]:
    """The (height, width) at which strokes are that many times as large."""
    return max(1, round(size[0] / stroke_size)), max(1, round(size[1] / stroke_size))


def second_factor(noise_factor: float) -> float:
    """The noise factor of the second pass."""
    return SECOND * min(1.0, noise_factor)


@dataclass(frozen=True)
class Resized:
    """A canvas at another size: cubic, and where it is reduced smoothed as much as that needs.

    A pixel is the same whatever region is read: its weighted sum is added up in the same order.
    """

    canvas: Canvas
    size: tuple[int, int]

    def read(self, region: Region) -> Tensor:
        """A region, (1, 3, h, w) in [0, 1]."""
        down = _taps(range(region.top, region.bottom), self.canvas.size[0], self.size[0])
        across = _taps(range(region.left, region.right), self.canvas.size[1], self.size[1])
        (rows, weights_down), (columns, weights_across) = down, across
        around = Region(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)
        part = self.canvas.read(around)
        part = _weighted(part, 2, rows - around.top, weights_down)
        return _weighted(part, 3, columns - around.left, weights_across).clamp(0, 1)


@dataclass(frozen=True)
class Enlarged:
    """A small painting at the size of its photo: joint bilateral up-sampling.

    A pixel is the mean of its neighbors in the painting, weighted by distance and by how alike the photo's colors are there:
    edges of the photo stay as sharp as they are, and no paint runs across.
    """

    painting: Canvas
    scaled: Canvas  # the photo at the painting's size
    photo: Canvas

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.photo.size

    def read(self, region: Region) -> Tensor:
        """A region, (1, 3, h, w) in [0, 1]."""
        photo = self.photo.read(region)
        rows, down = self._neighbors(range(region.top, region.bottom), 0)  # (h, 2 * REACH + 1) each
        columns, right = self._neighbors(range(region.left, region.right), 1)
        around = Region(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)
        both = torch.cat([self.painting.read(around), self.scaled.read(around)], dim=1)  # (1, 6, h', w')
        total, weights = torch.zeros_like(photo), torch.zeros_like(photo[:, :1])
        for row in range(rows.shape[1]):
            line = both[:, :, rows[:, row] - around.top]
            for column in range(columns.shape[1]):
                near = line[..., columns[:, column] - around.left]  # (1, 6, h, w)
                unlike = (near[:, 3:] - photo).square().sum(1, keepdim=True) / (2 * RANGE**2)
                distance = (down[:, row, None].square() + right[:, column].square()) / (2 * SPATIAL**2)
                weight = (-unlike - distance).exp() + 1e-12 * (-distance).exp()  # where nothing is alike, by distance
                total += weight * near[:, :3]
                weights += weight
        return (total / weights).clamp(0, 1)

    def _neighbors(self, wanted: range, axis: int) -> tuple[Tensor, Tensor]:
        """For each wanted row or column those of the painting around it, and how far they are, pixels of the painting."""
        small, large = self.painting.size[axis], self.size[axis]
        centers = (torch.arange(wanted.start, wanted.stop, dtype=torch.float64) + 0.5) * small / large - 0.5
        places = centers.round()[:, None] + torch.arange(-REACH, REACH + 1)
        return places.long().clamp(0, small - 1), (places - centers[:, None]).float()


def _taps(wanted: range, before: int, after: int) -> tuple[Tensor, Tensor]:
    """For pixels of a side that became ``after`` long: places before, (wanted, taps), and their weights, which sum to 1."""
    scale = before / after
    width = max(scale, 1.0)
    centers = (torch.arange(wanted.start, wanted.stop, dtype=torch.float64) + 0.5) * scale - 0.5
    reach = math.ceil(2 * width)
    places = centers.floor()[:, None] + torch.arange(1 - reach, reach + 1)
    weights = _cubic((places - centers[:, None]) / width)
    weights = weights / weights.sum(1, keepdim=True)
    return places.long().clamp(0, before - 1), weights.float()


def _cubic(x: Tensor) -> Tensor:
    """Keys' kernel (1981) with a = -0.5."""
    x = x.abs()
    near, far = (1.5 * x - 2.5) * x * x + 1, ((2.5 - 0.5 * x) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, 0.0))


def _weighted(x: Tensor, dim: int, places: Tensor, weights: Tensor) -> Tensor:
    """Sums over taps along a dimension: places and weights, (wanted, taps)."""
    shape = [1, 1, 1, 1]
    shape[dim] = len(places)
    output = torch.zeros(())
    for tap in range(places.shape[1]):
        output = output + weights[:, tap].view(shape) * x.index_select(dim, places[:, tap])
    return output
