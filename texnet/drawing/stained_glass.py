"""Stained glass: leaded cells around a rosette."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from texnet.drawing.fields import Color, spots

GLASS: tuple[Color, ...] = (
    (24, 78, 150), (52, 130, 200), (120, 180, 220), (18, 110, 110), (240, 190, 60), (228, 120, 40), (196, 48, 44),
    (246, 238, 214), (246, 238, 214), (250, 226, 170), (110, 60, 120), (70, 140, 80),
)  # fmt: skip
LEAD: Color = (28, 24, 26)


def draw_stained_glass(size: int = 1024, seed: int = 0) -> Image.Image:
    """The same window at every size: the mosaic of 15 cells across; (size, size) RGB."""
    return draw_mosaic(size, max(2, round(34 * size / 512)), seed)


def draw_mosaic(size: int = 512, cell: int = 34, seed: int = 0) -> Image.Image:
    """Stained glass: Voronoi cells of leaded, uneven glass around a rosette; (size, size) RGB."""
    random = np.random.default_rng(seed)
    points, scale = _rosette_points(size, cell, random), cell / 34
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    nearest: NDArray[np.floating] = np.full((size, size), np.inf, np.float32)
    second = nearest.copy()
    owner = np.zeros((size, size), np.int64)
    for index, (px, py) in enumerate(points):
        distance = np.hypot(x - px, y - py)
        closer = distance < nearest
        second = np.where(closer, nearest, np.minimum(second, distance))
        owner = np.where(closer, index, owner)
        nearest = np.where(closer, distance, nearest)
    glass = _glass_colors(points, size, random)[owner]  # (size, size, 3)
    light = 1 + 0.16 * spots(size, round(24 * scale), random) + 0.06 * spots(size, max(1, round(4 * scale)), random)
    edge = (second - nearest) / scale
    bevel = np.clip(edge / 9, 0, 1) ** 0.5
    glass = glass * (light * (0.82 + 0.18 * bevel))[..., None]
    lead = 1 / (1 + np.exp((edge - 3.0) * 2.2))[..., None]
    picture = glass * (1 - lead) + np.array(LEAD, np.float32) * lead
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def _rosette_points(size: int, cell: int, random: np.random.Generator) -> NDArray[np.floating]:
    """Cell centers: rings around the middle, jittered, out to the corners."""
    middle, points = size / 2, []
    for ring in range(1, int(size * 0.75 / cell) + 1):
        radius, count = ring * cell, max(6, round(2 * math.pi * ring * random.uniform(0.75, 1.05)))
        turn = random.uniform(0, math.pi)
        for k in range(count):
            angle = turn + 2 * math.pi * k / count + random.normal(0, 0.1 / ring)
            reach = radius + random.normal(0, cell * 0.16)
            points.append((middle + reach * math.cos(angle), middle + reach * math.sin(angle)))
    return np.array([(middle, middle), *points], np.float32)


def _glass_colors(points: NDArray[np.floating], size: int, random: np.random.Generator) -> NDArray[np.floating]:
    """A color per cell; neighbors along a direction from the middle tend to share a hue."""
    angles = np.arctan2(points[:, 1] - size / 2, points[:, 0] - size / 2)
    hue = (np.sin(3 * angles) + random.normal(0, 0.9, len(points)) + 2) / 4 * len(GLASS)
    chosen = np.clip(hue.astype(int), 0, len(GLASS) - 1)
    colors: NDArray[np.floating] = np.array(GLASS, np.float32)[chosen] * random.uniform(0.85, 1.1, (len(points), 1))
    return colors
