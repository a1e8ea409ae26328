"""Mosaics of cells: a Byzantine floor of square tiles laid in rows, and a window of stained glass.

The floor's tiles are the cells of oriented points moved to their centers, after Hausner, Simulating decorative mosaics, 2001.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from texnet.drawing.primitives import Color, Field, clouds, finish, grid, look_up, ramp, relief, scatter, spots

TILES, ROUNDS, DRAFT = 2300, 12, 320  # how many; Lloyd's rounds, and the size they are done at
GROUT: Color = (52, 44, 42)
RINGS: tuple[Color, ...] = (
    (246, 226, 160), (232, 178, 58), (214, 120, 38), (176, 44, 36), (92, 22, 38), (24, 60, 92), (46, 128, 150),
    (150, 200, 190), (248, 238, 212), (222, 168, 60), (160, 62, 38), (34, 34, 60),
)  # fmt: skip
GROUND: tuple[Color, ...] = (
    (16, 30, 74), (22, 52, 118), (28, 86, 152), (38, 128, 150), (96, 176, 160), (226, 216, 170), (228, 176, 70),
    (54, 110, 84), (20, 66, 78), (18, 36, 84),
)  # fmt: skip
MEDALLIONS = ((0.30, 0.34, 0.235), (0.80, 0.70, 0.20), (0.83, 0.15, 0.125), (0.20, 0.86, 0.15), (0.53, 0.97, 0.09))


def draw_mosaic_floor(size: int = 1024, seed: int = 0) -> Image.Image:
    """Tesserae of glass, stone and gold around medallions; (size, size) RGB."""
    random = np.random.default_rng(seed)
    height, inside = _ground_plan(512, random)
    down, right = np.gradient(height)
    angles = np.arctan2(down, right)
    points = _settle(scatter(TILES, random), angles)
    owner, near, second = _cells(size, points, look_up(angles, points))
    colors = _tile_colors(look_up(height, points), look_up(inside, points), random)[owner]
    unit = 1024 / size
    gap = (second - near) * 1024
    joint = 1 / (1 + np.exp((gap - 4.4 - 0.9 * clouds(size, 90, random)) * 1.3 / max(unit, 0.7)))
    tilt = random.normal(0, 1, (len(points), 2))[owner]
    x, y = grid(size)
    middle = points[owner]
    slope = ((x - middle[..., 0]) * tilt[..., 0] + (y - middle[..., 1]) * tilt[..., 1]) * 9
    dome = np.clip(gap / 20, 0, 1) ** 0.6
    surface = relief(dome * 9 / unit + 0.35 * clouds(size, 150, random), 0.10 * unit)
    stone = colors * (1 + slope + 0.05 * clouds(size, 70, random, 2))[..., None] * surface
    grout = np.array(GROUT, np.float32) * (1 + 0.18 * clouds(size, 160, random))[..., None]
    return finish(stone * (1 - joint[..., None]) + grout * joint[..., None])


def _ground_plan(size: int, random: np.random.Generator) -> tuple[Field, Field]:
    """The height whose level lines the rows follow, and positions: -1 in a medallion's center, 0 at its edge, more outside."""
    x, y = grid(size)
    edge: Field = np.full((size, size), np.inf, np.float32)
    inside = edge.copy()
    for number, (cx, cy, radius) in enumerate(MEDALLIONS):
        cx, cy = cx + random.normal(0, 0.02), cy + random.normal(0, 0.02)
        around, turn = np.arctan2(y - cy, x - cx), random.uniform(0, 6)
        away = np.hypot(x - cx, y - cy)
        own = away * (1 + 0.02 * np.sin(5 * around + turn)) - radius
        petals = 0.2 * radius * np.sin(np.pi * np.clip(away / radius, 0, 1)) * np.cos((5 + 2 * number) % 9 * around + turn)
        inside = np.where((own < edge) & (own < 0), np.minimum((own + petals) / radius, -0.001), inside)
        edge = np.minimum(edge, own)
    waves = 0.05 * clouds(size, 3, random) + 0.25 * (x * random.uniform(-0.5, 0.5) + y)
    weight = np.clip(edge / 0.07, 0, 1)
    return edge + weight * waves, np.where(edge < 0, inside, edge)


def _settle(points: Field, angles: Field) -> Field:
    """Lloyd's algorithm: move every point to the center of its cell, ROUNDS times, for even tiles."""
    x, y = grid(DRAFT)
    for _ in range(ROUNDS):
        owner = _cells(DRAFT, points, look_up(angles, points))[0].ravel()
        count = np.bincount(owner, minlength=len(points))
        middle = (
            np.stack([np.bincount(owner, place.ravel(), len(points)) for place in (x, y)], -1) / np.maximum(count, 1)[:, None]
        )
        points = np.where(count[:, None] > 0, middle, points)
    return points


def _cells(size: int, points: Field, angles: Field) -> tuple[NDArray[np.intp], Field, Field]:
    """The nearest point to each pixel, its distance and that of the second, in the maximum norm turned by the angles."""
    owner, reach = np.zeros((size, size), np.intp), 2.2 / np.sqrt(TILES)
    near, second = np.full((size, size), reach, np.float32), np.full((size, size), reach, np.float32)
    middles = ((np.arange(size) + 0.5) / size).astype(np.float32)
    lows = np.clip(np.floor((points - reach) * size), 0, size).astype(int)
    highs = np.clip(np.ceil((points + reach) * size), 0, size).astype(int)
    for index, ((px, py), (left, top), (right, low)) in enumerate(zip(points, lows, highs, strict=True)):
        box = np.s_[top:low, left:right]
        dx, dy = middles[left:right] - np.float32(px), middles[top:low, None] - np.float32(py)
        cos, sin = np.float32(np.cos(angles[index])), np.float32(np.sin(angles[index]))
        away = np.maximum(np.abs(dx * cos + dy * sin), np.abs(dy * cos - dx * sin))
        closer = away < near[box]
        second[box] = np.where(closer, near[box], np.minimum(second[box], away))
        owner[box] = np.where(closer, index, owner[box])
        near[box] = np.where(closer, away, near[box])
    return owner, near, second


def _tile_colors(height: Field, inside: Field, random: np.random.Generator) -> Field:
    """A color per tile: rings in the medallions, flowing bands outside, a gold frame between, and a few stray stones."""
    count = len(height)
    ring = np.clip(1.04 * (1 + inside) + random.normal(0, 0.02, count), 0, 1)
    band = (height * 2.1 + random.normal(0, 0.035, count)) % 1
    colors = np.where((inside < 0)[:, None], ramp(RINGS, ring), ramp(GROUND, band))
    frame = np.abs(inside - 0.008) < 0.012
    colors[frame] = ramp(((250, 214, 110), (206, 146, 34)), random.uniform(0, 1, int(frame.sum())))
    stray = random.random(count) < 0.06
    colors[stray] = np.array(RINGS + GROUND, np.float32)[random.integers(0, len(RINGS + GROUND), int(stray.sum()))]
    return colors * random.normal(1, 0.13, (count, 1)) + random.normal(0, 7, (count, 3))


GLASS: tuple[Color, ...] = (
    (24, 78, 150), (52, 130, 200), (120, 180, 220), (18, 110, 110), (240, 190, 60), (228, 120, 40), (196, 48, 44),
    (246, 238, 214), (246, 238, 214), (250, 226, 170), (110, 60, 120), (70, 140, 80),
)  # fmt: skip
LEAD: Color = (28, 24, 26)


def draw_stained_glass(size: int = 1024, seed: int = 0) -> Image.Image:
    """Voronoi cells of leaded, uneven glass around a rosette, 15 across; (size, size) RGB."""
    random = np.random.default_rng(seed)
    cell = max(2, round(34 * size / 512))  # pixels
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
