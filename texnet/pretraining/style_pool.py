"""An endless supply of styles: variations of style pictures, of which some are at hand at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from texnet.images import load_style
from texnet.losses.descriptor import Describer
from texnet.losses.styles_loss import StylesLoss, StyleTarget
from texnet.rng import make_generator

MIN_SIZE, MAX_SIZE = 256, 512  # long side of the style pictures, pixels
SMALLEST_CUT = 0.6  # of each side
STEPS_PER_STYLE = 4  # steps until the oldest style of the pool is replaced
MIRRORED, PERMUTED, INVERTED, MIXED = 0.5, 0.4, 0.1, 0.15  # shares of the styles


@dataclass(frozen=True)
class PooledStyle:
    """A style picture's descriptor, (1, size), and what the loss needs of it."""

    descriptor: Tensor
    target: StyleTarget


class StylePool:
    """``size`` styles at a time, the oldest replaced every few steps; which ones is a function of the seed and the step."""

    def __init__(self, paths: Sequence[Path], loss: StylesLoss, photos: Tensor, *, seed: int, size: int) -> None:
        self.paths, self.loss, self.photos, self.seed, self.size = paths, loss, photos, seed, size
        self.photo_features = loss.extract(photos, {**loss.style_layers, **loss.content_layers})
        self.describe = Describer(photos.device)
        self._kept: dict[int, PooledStyle] = {}

    def draw(self, step: int, count: int) -> list[PooledStyle]:
        """The styles of a step's batch."""
        styles = self.styles(step)
        places = torch.randint(self.size, (count,), generator=make_generator(self.seed, "styles", step))
        return [styles[place] for place in places.tolist()]

    def styles(self, step: int) -> list[PooledStyle]:
        """All that are at hand at a step."""
        newest = self.size + step // STEPS_PER_STYLE
        numbers = range(newest - self.size, newest)
        self._kept = {number: self._kept.get(number) or self._prepare(number) for number in numbers}
        return list(self._kept.values())

    @torch.no_grad()
    def _prepare(self, number: int) -> PooledStyle:
        style = draw_style(self.paths, number, self.seed).to(self.photos.device)
        return PooledStyle(self.describe(style), self.loss.measure(style, self.photos, self.photo_features))


def draw_style(paths: Sequence[Path], number: int, seed: int) -> Tensor:
    """A varied style picture (1, 3, H, W) in [0, 1], now and then two side by side. Equal numbers and seeds give equal ones."""
    random = make_generator(seed, "mix", number)
    order = torch.randperm(len(paths), generator=make_generator(seed, "order", number // len(paths))).tolist()
    style = augment_style(paths[order[number % len(paths)]], number, seed)
    if torch.rand((), generator=random) >= MIXED:
        return style
    other = augment_style(paths[int(torch.randint(len(paths), (), generator=random))], number, seed)
    height = min(style.shape[2], other.shape[2])
    return torch.cat([style[:, :, :height], other[:, :, :height]], dim=3)


def augment_style(path: Path, number: int, seed: int) -> Tensor:
    """A part of a style picture, (1, 3, H, W) in [0, 1], at a random size, possibly mirrored, with its channels permuted, or
    negative. Equal numbers and seeds give equal pictures.
    """
    random = make_generator(seed, "vary", number)
    size, down, across, flip, order, invert, *cut = torch.rand(8, generator=random).tolist()
    style = load_style(path, round(MIN_SIZE + size * (MAX_SIZE - MIN_SIZE)))
    (top, bottom), (left, right) = (_cut(*numbers) for numbers in zip(style.shape[2:], cut, (down, across), strict=True))
    style = style[:, :, top:bottom, left:right]
    if flip < MIRRORED:
        style = style.flip(3)
    if order < PERMUTED:
        style = style[:, torch.randperm(3, generator=random)]
    return 1 - style if invert < INVERTED else style


def _cut(side: int, share: float, place: float) -> tuple[int, int]:
    """Where a part of a side begins and ends: how long it is, and where it lies, by two numbers from 0 to 1."""
    length = round(side * (SMALLEST_CUT + (1 - SMALLEST_CUT) * share))
    begin = int(place * (side - length))
    return begin, begin + length
