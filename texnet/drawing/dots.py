"""Pointillism: a harbour at sunset in dabs of pure color, shot with their complements."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from texnet.drawing.fields import Color, Field, clouds, finish, grid, look_up, ramp, scatter, smoothstep

LAYERS = ((6200, 0.0112, 0.04), (7600, 0.0098, 0.16), (5200, 0.0082, 0.28))  # dots, their radius, share of other hues
CANVAS: Color = (222, 206, 176)
GLOW: tuple[Color, ...] = (
    (255, 250, 214), (255, 232, 140), (252, 192, 92), (244, 150, 96), (232, 124, 130), (190, 116, 168), (130, 116, 190),
    (84, 120, 196), (60, 96, 176), (40, 64, 140), (32, 44, 110),
)  # fmt: skip
SEA: tuple[Color, ...] = (
    (216, 170, 170),
    (150, 160, 200),
    (96, 150, 190),
    (52, 122, 168),
    (36, 92, 150),
    (28, 60, 120),
    (30, 36, 90),
)
HILLS: tuple[Color, ...] = ((150, 120, 180), (90, 84, 160), (56, 62, 124))
BANK: tuple[Color, ...] = ((20, 28, 70), (30, 60, 84), (40, 96, 80), (110, 140, 66), (226, 176, 78))
SHOTS: tuple[Color, ...] = (
    (240, 120, 48), (250, 208, 70), (64, 96, 200), (130, 70, 160), (220, 60, 80), (46, 140, 120), (250, 240, 214),
    (240, 160, 170),
)  # fmt: skip
SUN, HORIZON = (0.60, 0.30), 0.46
BOATS = (
    (0.27, 0.60, 0.17, (232, 92, 52)),
    (0.44, 0.53, 0.10, (250, 236, 200)),
    (0.83, 0.57, 0.14, (244, 190, 120)),
    (0.72, 0.76, 0.24, (206, 60, 70)),
)


def draw_pointillism(size: int = 1024, seed: int = 0) -> Image.Image:
    """Dabs after Seurat's and Signac's manner; (size, size) RGB."""
    random = np.random.default_rng(seed)
    side = 2 * size
    tones, angles = _harbour(512, random)
    picture = Image.new("RGB", (side, side), CANVAS)
    draw = ImageDraw.Draw(picture)
    for layer in LAYERS:
        _dab(draw, side, tones, angles, layer, random)
    canvas = np.asarray(finish(np.asarray(picture), size), np.float32)
    return finish(canvas * (1 + 0.025 * clouds(size, 150, random))[..., None])


def _harbour(size: int, random: np.random.Generator) -> tuple[Field, Field]:
    """What the dabs are to show, (size, size, 3), and the angle that they are laid at."""
    x, y = grid(size)
    sx, sy = np.array(SUN) + random.normal(0, 0.03, 2)
    away = np.hypot(x - sx, (y - sy) * 1.15)
    waft = clouds(size, 4, random, 2)
    tones = ramp(GLOW, np.clip(away * 1.35 - 0.05 + 0.03 * waft + 0.035 * np.sin(away * 62), 0, 1))
    angles = np.arctan2(y - sy, x - sx) + np.pi / 2
    ridge = HORIZON - 0.05 - 0.035 * np.sin(7 * x + random.uniform(0, 6)) - 0.02 * np.sin(17 * x + random.uniform(0, 6))
    hill = (y > ridge) & (y < HORIZON)
    tones = np.where(hill[..., None], ramp(HILLS, (y - ridge) / 0.09 + 0.2 * waft), tones)
    sea, depth = y > HORIZON, (y - HORIZON) / (1 - HORIZON)
    swell = np.sin((np.clip(depth, 0, 1) + 0.02) ** 0.6 * 60 + 3 * np.sin(5 * x + 2 * waft))
    water = ramp(SEA, np.clip(depth * 1.1 + 0.12 * swell + 0.06 * waft, 0, 1))
    glitter = np.exp(-(((x - sx) / (0.05 + 0.14 * depth)) ** 2)) * smoothstep(-0.3, 0.7, swell + 0.4 * waft)
    water = water + (np.array((255, 196, 96), np.float32) - water) * (0.9 * glitter)[..., None]
    tones = np.where(sea[..., None], water, tones)
    angles = np.where(sea | hill, 0.22 * np.cos(9 * x + 5 * depth) + 0.1 * waft, angles)
    return _shore(_boats(tones, x, y), angles, x, y, random)


def _boats(tones: Field, x: Field, y: Field) -> Field:
    """Sails, hulls, and what the water gives back of them."""
    for cx, foot, tall, color in BOATS:
        up = (foot - y) / tall
        right = (x - cx) / tall
        jib = (up > 0.03) & (right > 0.03) & (right < 0.40 * np.clip(1 - up, 0, 1) ** 0.8) & (up < 0.95)
        main = (up > 0.06) & (right < 0) & (right > -0.34 * np.clip(1.1 - up, 0, 1) ** 0.9) & (up < 1.1)
        hull = (up < 0.02) & (up > -0.12) & (np.abs(right) < 0.42 + 0.6 * up)
        echo = (up < -0.12) & (up > -0.85) & (np.abs(right + 0.04 * np.sin(up * 34)) < 0.30 * (1 + up))
        shades = (np.array(color, np.float32), np.array(color, np.float32) * (0.72, 0.66, 0.86), np.array((34, 26, 66)))
        for where, shade, strength in (
            (jib, shades[1], 1.0),
            (main, shades[0], 1.0),
            (hull, shades[2], 1.0),
            (echo, shades[1], 0.65),
        ):
            cover = strength * where[..., None]
            tones = tones * (1 - cover) + shade * cover
    return tones


def _shore(tones: Field, angles: Field, x: Field, y: Field, random: np.random.Generator) -> tuple[Field, Field]:
    """A bank in front and a pine that leans over it."""
    size = len(x)
    slope = 0.90 - 0.10 * np.cos(3.2 * x + 0.5) + 0.03 * np.sin(11 * x)
    light = np.clip(0.30 + 3.2 * (slope + 0.03 - y) + 0.16 * clouds(size, 7, random, 2) + 0.35 * (y < slope + 0.025), 0, 1)
    tones = np.where((y > slope)[..., None], ramp(BANK, light), tones)
    trunk = np.abs(x - 0.10 - 0.10 * (0.95 - y) ** 2 - 0.012 * np.sin(14 * y)) < 0.014 + 0.016 * y
    trunk = trunk & (y > 0.12) & (y < 0.97)
    tones = np.where(trunk[..., None], np.array((66, 34, 72), np.float32) * (1 + 5 * (x - 0.12))[..., None], tones)
    angles = np.where(trunk, np.pi / 2, angles)
    for cx, cy, wide in ((0.10, 0.20, 0.17), (0.27, 0.13, 0.14), (0.03, 0.07, 0.15), (0.19, 0.03, 0.16)):
        away = np.hypot((x - cx) / wide, (y - cy) / (0.48 * wide)) + 0.16 * clouds(size, 10, random, 2)
        leaf = away < 1
        glow = np.clip(0.30 - 3.0 * (y - cy) + 1.5 * (x - cx) + 0.10 * clouds(size, 8, random), 0, 0.85)
        tones = np.where(leaf[..., None], ramp(BANK, glow), tones)
        angles = np.where(leaf, 0.8 * np.sin(30 * x + 20 * y), angles)
    return tones, angles


def _dab(
    draw: ImageDraw.ImageDraw,
    side: int,
    tones: Field,
    angles: Field,
    layer: tuple[int, float, float],
    random: np.random.Generator,
) -> None:
    """One layer of dots, a little longer than wide, some in the complement or a pure color beside."""
    count, radius, strays = layer
    points = scatter(count, random)
    colors = np.asarray(look_up(tones, points), np.float32)
    middle = colors.mean(1, keepdims=True)
    colors = middle + (colors - middle) * random.uniform(1.0, 1.25, (len(points), 1))
    fate = random.random(len(points))
    other = 0.55 * (2 * middle - colors) + 0.45 * np.array(SHOTS, np.float32)[random.integers(0, len(SHOTS), len(points))]
    colors = np.where((fate < strays)[:, None], other * 0.75 + colors * 0.25, colors)
    colors = colors * random.normal(1.02, 0.12, (len(points), 1)) + random.normal(0, 12, colors.shape)
    turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    for point, color, angle in zip(points, np.clip(colors, 0, 255), np.asarray(look_up(angles, points)), strict=True):
        long, wide = radius * random.uniform(1.1, 1.65), radius * random.uniform(0.7, 0.92)
        wobble = 1 + 0.07 * random.standard_normal(12)
        along, across = long * np.cos(turns) * wobble, wide * np.sin(turns) * wobble
        cos, sin = np.cos(angle), np.sin(angle)
        outline = point + np.stack([along * cos - across * sin, along * sin + across * cos], 1)
        draw.polygon([(a, b) for a, b in (outline * side).tolist()], fill=tuple(int(c) for c in color))
