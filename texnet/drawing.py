"""Pictures drawn by code: photo-like scenes to learn on where there are no photos, and a texture to paint with."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]

GLASS: tuple[Colour, ...] = (
    (24, 78, 150), (52, 130, 200), (120, 180, 220), (18, 110, 110), (240, 190, 60), (228, 120, 40), (196, 48, 44),
    (246, 238, 214), (246, 238, 214), (250, 226, 170), (110, 60, 120), (70, 140, 80),
)  # fmt: skip
LEAD: Colour = (28, 24, 26)


def draw_mosaic(size: int = 512, cell: int = 34, seed: int = 0) -> Image.Image:
    """Stained glass: Voronoi cells of leaded, uneven glass around a rosette; (size, size) RGB."""
    random = np.random.default_rng(seed)
    points = _rosette_points(size, cell, random)
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
    light = 1 + 0.16 * _smooth_noise(size, 24, random) + 0.06 * _smooth_noise(size, 4, random)
    bevel = np.clip((second - nearest) / 9, 0, 1) ** 0.5
    glass = glass * (light * (0.82 + 0.18 * bevel))[..., None]
    lead = 1 / (1 + np.exp(((second - nearest) - 3.0) * 2.2))[..., None]
    picture = glass * (1 - lead) + np.array(LEAD, np.float32) * lead
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def draw_scene(size: int = 384, seed: int = 0) -> Image.Image:
    """A landscape as a camera might see it, different for every seed: sky, sun, hills, trees, houses, water."""
    random = np.random.default_rng(seed)
    scale = 2  # drawn larger and reduced: smooth edges
    side = size * scale
    horizon = int(side * random.uniform(0.4, 0.65))
    picture = _sky(side, horizon, random)
    draw = ImageDraw.Draw(picture)
    radius = int(side * random.uniform(0.03, 0.09))
    sun_x, sun_y = int(random.uniform(0.1, 0.9) * side), int(random.uniform(0.3, 0.9) * horizon)
    draw.ellipse([sun_x - radius, sun_y - radius, sun_x + radius, sun_y + radius], fill=_vary((255, 236, 170), 12, random))
    for depth in range(3):
        _hills(draw, side, horizon, depth, random)
    if random.random() < 0.5:
        _water(draw, side, horizon, random)
    for _ in range(int(random.integers(2, 6))):
        _house(draw, side, horizon, random)
    for _ in range(int(random.integers(4, 12))):
        _tree(draw, side, horizon, random)
    picture = picture.resize((size, size), Image.Resampling.LANCZOS)
    grain = random.normal(0, 5, (size, size, 1)) + 10 * _smooth_noise(size, 3, random)[..., None]
    light = 1 + 0.15 * _smooth_noise(size, size // 3, random)[..., None]
    return Image.fromarray(np.clip(np.asarray(picture) * light + grain, 0, 255).astype(np.uint8))


def _rosette_points(size: int, cell: int, random: np.random.Generator) -> NDArray[np.floating]:
    """Cell centres: rings around the middle, jittered, out to the corners."""
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
    """A colour per cell; neighbours along a direction from the middle tend to share a hue."""
    angles = np.arctan2(points[:, 1] - size / 2, points[:, 0] - size / 2)
    hue = (np.sin(3 * angles) + random.normal(0, 0.9, len(points)) + 2) / 4 * len(GLASS)
    chosen = np.clip(hue.astype(int), 0, len(GLASS) - 1)
    colors: NDArray[np.floating] = np.array(GLASS, np.float32)[chosen] * random.uniform(0.85, 1.1, (len(points), 1))
    return colors


def _smooth_noise(size: int, grain: int, random: np.random.Generator) -> NDArray[np.floating]:
    """Noise between about -1 and 1 whose spots are ``grain`` pixels wide."""
    cells = max(2, size // grain + 2)
    small = Image.fromarray((random.random((cells, cells)) * 255).astype(np.uint8))
    large = small.resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32) / 127.5 - 1


def _vary(color: Colour, amount: float, random: np.random.Generator) -> Colour:
    r, g, b = (int(np.clip(channel + random.normal(0, amount), 0, 255)) for channel in color)
    return r, g, b


def _sky(side: int, horizon: int, random: np.random.Generator) -> Image.Image:
    skies = (((70, 130, 210), (200, 225, 245)), ((40, 60, 120), (250, 170, 110)), ((120, 140, 160), (225, 228, 230)))
    top, low = (np.array(_vary(c, 15, random), np.float32) for c in skies[int(random.integers(len(skies)))])
    mix = np.clip(np.arange(side) / max(1, horizon), 0, 1)[:, None, None]
    sky = np.broadcast_to(top * (1 - mix) + low * mix, (side, side, 3))
    clouds = np.clip(_smooth_noise(side, side // 6, random) + 0.5 * _smooth_noise(side, side // 16, random), 0, 1)[..., None]
    sky = sky * (1 - 0.7 * clouds) + 245 * 0.7 * clouds
    return Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2))


def _hills(draw: ImageDraw.ImageDraw, side: int, horizon: int, depth: int, random: np.random.Generator) -> None:
    base = horizon + depth * side * 0.09
    height = side * (0.16 - 0.04 * depth)
    phase, pace = random.uniform(0, 6, 3), random.uniform(1, 5, 3)
    xs = np.linspace(0, side, 80)
    ridge = sum(np.sin(xs / side * pace[k] * 2 + phase[k]) / (k + 1) for k in range(3))
    far, near = np.array((120, 140, 160)), np.array(_vary((70, 110, 50), 25, random))
    r, g, b = (int(c) for c in far + (near - far) * (depth + 0.5) / 3)
    outline = [(float(x), float(base - height * (0.5 + 0.35 * e))) for x, e in zip(xs, ridge, strict=True)]
    draw.polygon([*outline, (side, side), (0, side)], fill=(r, g, b))


def _water(draw: ImageDraw.ImageDraw, side: int, horizon: int, random: np.random.Generator) -> None:
    top = int(horizon + side * random.uniform(0.2, 0.3))
    draw.rectangle([0, top, side, side], fill=_vary((60, 110, 150), 15, random))
    for _ in range(120):
        x, y = random.uniform(0, side), random.uniform(top, side)
        length = side * random.uniform(0.02, 0.1)
        draw.line([x, y, x + length, y], fill=_vary((140, 180, 205), 25, random), width=int(random.integers(2, 5)))


def _house(draw: ImageDraw.ImageDraw, side: int, horizon: int, random: np.random.Generator) -> None:
    width, height = side * random.uniform(0.07, 0.18), side * random.uniform(0.08, 0.22)
    left, foot = random.uniform(0, side - width), horizon + side * random.uniform(0.05, 0.2)
    wall = _vary(((205, 190, 165), (170, 80, 60), (225, 225, 220))[int(random.integers(3))], 15, random)
    draw.rectangle([left, foot - height, left + width, foot], fill=wall)
    roof = [(left - 6, foot - height), (left + width / 2, foot - height - width * 0.5), (left + width + 6, foot - height)]
    draw.polygon(roof, fill=_vary((130, 60, 45), 20, random))
    pane = width / 7
    for row in range(2):
        for column in range(3):
            x, y = left + pane * (1 + 2 * column), foot - height + height * (0.15 + 0.4 * row)
            draw.rectangle([x, y, x + pane, y + pane * 1.4], fill=_vary((50, 60, 80), 15, random))


def _tree(draw: ImageDraw.ImageDraw, side: int, horizon: int, random: np.random.Generator) -> None:
    x, foot = random.uniform(0, side), horizon + side * random.uniform(0.1, 0.4)
    height = side * random.uniform(0.08, 0.25)
    draw.rectangle([x - height / 24, foot - height, x + height / 24, foot], fill=_vary((80, 60, 45), 10, random))
    leaves = _vary((60, 110, 50), 25, random)
    for _ in range(40):
        cx, cy = x + random.normal(0, height / 6), foot - height + random.normal(0, height / 5)
        r = height * random.uniform(0.04, 0.12)
        draw.ellipse([cx - r, cy - r, cx + r, cy + r], fill=_vary(leaves, 14, random))
