"""Oil paint: a night sky in thick strokes (impasto), and a harbor at sunset in dots of pure color (pointillism)."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from texnet.drawing.primitives import (
    Color,
    Field,
    clouds,
    corners,
    finish,
    grid,
    look_up,
    normals,
    ramp,
    relief,
    scatter,
    smoothstep,
    trace,
)

BRISTLES = 8
STROKES = ((2600, 0.10, 0.028), (3000, 0.085, 0.021), (900, 0.065, 0.017))  # per layer: their number, length, width
NIGHT: tuple[Color, ...] = (
    (12, 18, 58), (18, 36, 104), (28, 66, 152), (44, 104, 184), (86, 156, 200), (150, 200, 206), (206, 224, 200),
)  # fmt: skip
HALO: tuple[Color, ...] = (
    (255, 250, 222), (255, 232, 130), (250, 196, 58), (236, 150, 44), (226, 210, 120), (140, 190, 170), (60, 120, 180),
)  # fmt: skip
LAND: tuple[Color, ...] = ((14, 26, 34), (22, 58, 50), (52, 96, 58), (112, 132, 56), (196, 170, 66), (206, 110, 48))
STARS = ((0.27, 0.27, 0.19, 1), (0.70, 0.44, 0.15, -1), (0.86, 0.13, 0.13, 1), (0.50, 0.07, 0.08, -1), (0.08, 0.56, 0.09, -1))


def draw_brush_strokes(size: int = 1024, seed: int = 0) -> Image.Image:
    """A night sky of whirls in thick strokes, in the manner of van Gogh; (size, size) RGB."""
    random = np.random.default_rng(seed)
    side = 2 * size  # drawn larger and reduced: smooth edges
    angles, tones = _night(512, random)
    paint = Image.fromarray(tones.astype(np.uint8)).resize((side, side))
    height = Image.new("L", (side, side), 90)
    for layer in STROKES:
        _paint_strokes(paint, height, angles, tones, layer, random)
    surface = np.asarray(height.resize((size, size), Image.Resampling.BOX), np.float32)
    oil = np.asarray(finish(np.asarray(paint), size), np.float32)
    oil *= relief(surface, 0.011 * (size / 1024) ** 0.5) * (1 + 0.03 * clouds(size, 200, random))[..., None]
    return finish(oil)


def _night(size: int, random: np.random.Generator) -> tuple[Field, Field]:
    """Angles of the strokes, and the colors that they take, (size, size, 3)."""
    x, y = grid(size)
    wind = 0.5 * clouds(size, 2.5, random)
    east, south = np.cos(wind) * 0.6, np.sin(wind) * 0.6
    colors = ramp(NIGHT, 0.40 + 0.16 * clouds(size, 4, random) + 0.10 * np.sin(16 * (y + 0.08 * np.sin(5 * x) + 0.05 * wind)))
    for cx, cy, radius, spin in STARS:
        dx, dy = x - cx - random.normal(0, 0.02), y - cy - random.normal(0, 0.02)
        away = np.hypot(dx, dy)
        pull = np.exp(-((away / radius) ** 2)) * 3 * spin / (away + 1e-3)
        east, south = east - dy * pull - dx * np.abs(pull) * 0.12, south + dx * pull - dy * np.abs(pull) * 0.12
        swirl = away / radius + 0.05 * np.sin(np.arctan2(dy, dx) * 2 + 9 * away / radius)
        glow = np.clip(1.35 - swirl, 0, 1)[..., None] ** 0.7
        colors = colors * (1 - glow) + ramp(HALO, swirl / 1.25 + 0.10 * np.sin(swirl * 15)) * glow
    ridge = 0.74 + 0.06 * np.sin(4 * x + random.uniform(0, 6)) + 0.035 * np.sin(9 * x + random.uniform(0, 6))
    depth = (y - ridge) / 0.3
    hills = ramp(LAND, 0.40 + 0.28 * np.sin(depth * 9 + 3 * np.sin(5 * x)) + 0.12 * clouds(size, 6, random))
    land = depth > 0
    slope = np.arctan2(np.gradient(ridge, axis=1) * size, 1) * 1.6 + 0.35 * np.sin(7 * x + 4 * y) * np.clip(depth * 2, 0, 1)
    angle = np.where(land, slope, np.arctan2(south, east))
    return angle, np.where(land[..., None], hills, colors)


def _paint_strokes(
    paint: Image.Image,
    height: Image.Image,
    angles: Field,
    tones: Field,
    layer: tuple[int, float, float],
    random: np.random.Generator,
) -> None:
    """One layer of strokes, each a bundle of bristles that differ a little in color and height."""
    count, length, width = layer
    starts = scatter(count, random)
    lines = trace(angles, starts, length * random.uniform(0.6, 1.3, len(starts)), steps=14)  # (N, 15, 2)
    across = normals(lines)
    colors = look_up(tones, starts) * random.normal(1, 0.16, (len(starts), 1)) + random.normal(0, 15, (len(starts), 3))
    widths = width * random.uniform(0.7, 1.25, len(starts))
    side = paint.width
    brush, knife = ImageDraw.Draw(paint), ImageDraw.Draw(height)
    offsets = np.linspace(-0.5, 0.5, BRISTLES)
    for line, normal, color, wide in zip(lines, across, colors, widths, strict=True):
        shades = np.clip(color * random.normal(1, 0.055, (BRISTLES, 1)), 0, 255).astype(int).tolist()
        loads = 120 + 70 * (1 - (2 * np.abs(offsets)) ** 2) + random.normal(0, 26, BRISTLES)
        loads[[0, -1]] += 30  # paint is pushed to the edges of a stroke
        heights = np.clip(loads, 0, 255).astype(int).tolist()
        bristles = ((line + normal * (offsets * wide)[:, None, None]) * side).tolist()  # (BRISTLES, 15, 2)
        thick = max(1, round(wide * side / BRISTLES * 1.5))
        for offset, shade, level, points in zip(offsets, shades, heights, bristles, strict=True):
            first, last = (round(7 * offset**2 + random.uniform(0, 1.6)) for _ in range(2))  # a round end, a little ragged
            bristle = [(x, y) for x, y in points[first : len(points) - last]]
            brush.line(bristle, fill=tuple(shade), width=thick)
            knife.line(bristle, fill=level, width=thick)


DOTS = ((6200, 0.0112, 0.04), (7600, 0.0098, 0.16), (5200, 0.0082, 0.28))  # per layer: number, radius, share of other hues
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
    """A harbor in dots, in the manner of Seurat and Signac; (size, size) RGB."""
    random = np.random.default_rng(seed)
    side = 2 * size
    tones, angles = _harbor(512, random)
    picture = Image.new("RGB", (side, side), CANVAS)
    draw = ImageDraw.Draw(picture)
    for layer in DOTS:
        _paint_dots(draw, side, tones, angles, layer, random)
    canvas = np.asarray(finish(np.asarray(picture), size), np.float32)
    return finish(canvas * (1 + 0.025 * clouds(size, 150, random))[..., None])


def _harbor(size: int, random: np.random.Generator) -> tuple[Field, Field]:
    """The colors of the picture, (size, size, 3), and the angles of the dots."""
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
    """Sails, hulls, and their reflections."""
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
    """A bank in the foreground and a pine that leans over it."""
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


def _paint_dots(
    draw: ImageDraw.ImageDraw,
    side: int,
    tones: Field,
    angles: Field,
    layer: tuple[int, float, float],
    random: np.random.Generator,
) -> None:
    """One layer of dots, a little longer than wide, some in the complement or in another pure color."""
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
        draw.polygon(corners(outline, side), fill=tuple(int(c) for c in color))
