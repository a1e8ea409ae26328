"""Photo and output blended pixel by pixel: the cheapest strength control, and the baseline for a trained one.

A network is better where its style distance is lower at equal content distance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

import torch
from torch import Tensor

from texnet.losses import PerceptualLoss

SHARES = tuple(i / 40 for i in range(41))  # of the output in the blend


class Point(NamedTuple):
    """How far a picture is from its photo and from the style: 0 and 1 for an untouched photo."""

    content: float
    style: float


@dataclass(frozen=True)
class PixelBlend:
    """A network against the pixel blend: ``content`` and ``style`` of blends are means over the photos.

    ``beaten``: the share of photos and noise factors between 0 and 1 at which the network has less style distance at equal
    content. ``beaten_each``: of the photos, at each of these factors. ``mean_beaten``: of the factors, means over the photos.
    """

    content: list[float]
    style: list[float]
    beaten: float
    beaten_each: list[float]
    mean_beaten: float


@torch.no_grad()
def blend(loss: PerceptualLoss, photo: Tensor, output: Tensor) -> list[Point]:
    """Content and style of the blends of a photo and the output for it, both (1, 3, H, W) in [0, 1], at rising SHARES."""
    layers = {**loss.style_layers, **loss.content_layers}
    content_features = loss.extract(photo, layers)
    blends = ((1 - share) * photo + share * output for share in SHARES)
    return [locate(loss, loss.extract(image, layers), content_features) for image in blends]


def locate(loss: PerceptualLoss, output_features: Mapping[str, Tensor], content_features: Mapping[str, Tensor]) -> Point:
    """Content and style of a picture from its features and those of its photo, each of a batch of one."""
    style, content = loss.distances(output_features, content_features)
    return Point(content.item(), style.item())


def style_at(content: float, blends: Sequence[Point]) -> float:
    """The style of the first blend of that content, which lies between two; of the last where none has so much.

    Content is a squared distance: its root grows evenly with the share, so the style is interpolated linearly over the root.
    """
    before, *others = blends
    for after in others:
        if after.content >= content:
            begin, middle, end = (math.sqrt(value) for value in (before.content, content, after.content))
            t = (middle - begin) / (end - begin) if end > begin else 0.0
            return before.style + t * (after.style - before.style)
        before = after
    return before.style


def compare_pixel_blend(
    factors: Sequence[float], curves: Sequence[Sequence[Point]], blends: Sequence[Sequence[Point]]
) -> PixelBlend:
    """A network's points along the noise factors, for each photo, against the blends of the same photos."""
    mean_blends = _mean(blends)
    wins = [list(_wins(factors, *pair)) for pair in zip(curves, blends, strict=True)]
    return PixelBlend(
        content=[point.content for point in mean_blends],
        style=[point.style for point in mean_blends],
        beaten=fmean(won for each in wins for won in each),
        beaten_each=[fmean(at) for at in zip(*wins, strict=True)],
        mean_beaten=fmean(_wins(factors, _mean(curves), mean_blends)),
    )


def _wins(factors: Sequence[float], curve: Sequence[Point], blends: Sequence[Point]) -> Iterator[bool]:
    """At each noise factor between 0 and 1: is the style lower than that of the blend of equal content?"""
    for factor, point in zip(factors, curve, strict=True):
        if 0 < factor < 1:
            yield point.style < style_at(point.content, blends)


def _mean(curves: Sequence[Sequence[Point]]) -> list[Point]:
    return [Point(fmean(p.content for p in at), fmean(p.style for p in at)) for at in zip(*curves, strict=True)]
