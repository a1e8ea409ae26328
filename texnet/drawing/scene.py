"""Photo-like scenes, for training where there are no photos."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from texnet.drawing.primitives import Color, spots


def draw_scene(size: int = 384, seed: int = 0) -> Image.Image:
    """A landscape of sky, sun, hills, trees, houses and water, different for every seed; (size, size) RGB."""
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
    grain = random.normal(0, 5, (size, size, 1)) + 10 * spots(size, 3, random)[..., None]
    light = 1 + 0.15 * spots(size, size // 3, random)[..., None]
    return Image.fromarray(np.clip(np.asarray(picture) * light + grain, 0, 255).astype(np.uint8))


def _vary(color: Color, amount: float, random: np.random.Generator) -> Color:
    r, g, b = (int(np.clip(channel + random.normal(0, amount), 0, 255)) for channel in color)
    return r, g, b


def _sky(side: int, horizon: int, random: np.random.Generator) -> Image.Image:
    skies = (((70, 130, 210), (200, 225, 245)), ((40, 60, 120), (250, 170, 110)), ((120, 140, 160), (225, 228, 230)))
    top, low = (np.array(_vary(c, 15, random), np.float32) for c in skies[int(random.integers(len(skies)))])
    mix = np.clip(np.arange(side) / max(1, horizon), 0, 1)[:, None, None]
    sky = np.broadcast_to(top * (1 - mix) + low * mix, (side, side, 3))
    clouds = np.clip(spots(side, side // 6, random) + 0.5 * spots(side, side // 16, random), 0, 1)[..., None]
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
