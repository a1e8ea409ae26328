"""Impasto: thick strokes of oil paint that follow whirling air over hills, lit from the side."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from texnet.drawing.fields import Color, Field, clouds, finish, grid, look_up, normals, ramp, relief, scatter, trace

BRISTLES = 8
LAYERS = ((2600, 0.10, 0.028), (3000, 0.085, 0.021), (900, 0.065, 0.017))  # strokes, their length and width
NIGHT: tuple[Color, ...] = (
    (12, 18, 58), (18, 36, 104), (28, 66, 152), (44, 104, 184), (86, 156, 200), (150, 200, 206), (206, 224, 200),
)  # fmt: skip
HALO: tuple[Color, ...] = (
    (255, 250, 222), (255, 232, 130), (250, 196, 58), (236, 150, 44), (226, 210, 120), (140, 190, 170), (60, 120, 180),
)  # fmt: skip
LAND: tuple[Color, ...] = ((14, 26, 34), (22, 58, 50), (52, 96, 58), (112, 132, 56), (196, 170, 66), (206, 110, 48))
STARS = ((0.27, 0.27, 0.19, 1), (0.70, 0.44, 0.15, -1), (0.86, 0.13, 0.13, 1), (0.50, 0.07, 0.08, -1), (0.08, 0.56, 0.09, -1))


def draw_brush_strokes(size: int = 1024, seed: int = 0) -> Image.Image:
    """A night of whirls in thick strokes, after van Gogh's manner; (size, size) RGB."""
    random = np.random.default_rng(seed)
    side = 2 * size  # drawn larger and reduced: smooth edges
    angles, tones = _motif(512, random)
    paint = Image.fromarray(tones.astype(np.uint8)).resize((side, side))
    height = Image.new("L", (side, side), 90)
    for count, length, width in LAYERS:
        _lay(paint, height, angles, tones, (count, length, width), random)
    surface = np.asarray(height.resize((size, size), Image.Resampling.BOX), np.float32)
    oil = np.asarray(finish(np.asarray(paint), size), np.float32)
    oil *= relief(surface, 0.011 * (size / 1024) ** 0.5) * (1 + 0.03 * clouds(size, 200, random))[..., None]
    return finish(oil)


def _motif(size: int, random: np.random.Generator) -> tuple[Field, Field]:
    """The angle of the strokes, and the colors they take, (size, size, 3)."""
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


def _lay(
    paint: Image.Image,
    height: Image.Image,
    angles: Field,
    tones: Field,
    layer: tuple[int, float, float],
    random: np.random.Generator,
) -> None:
    """Lay one layer of strokes, each a bundle of bristles with a little of its own color and height."""
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
        shades = color * random.normal(1, 0.055, (BRISTLES, 1))
        loads = 120 + 70 * (1 - (2 * np.abs(offsets)) ** 2) + random.normal(0, 26, BRISTLES)
        loads[[0, -1]] += 30  # paint is pushed to the edges of a stroke
        thick = max(1, round(wide * side / BRISTLES * 1.5))
        for offset, shade, load in zip(offsets, shades, loads, strict=True):
            first, last = (round(7 * offset**2 + random.uniform(0, 1.6)) for _ in range(2))  # a round end, a little ragged
            bristle = [tuple(p) for p in ((line + normal * (offset * wide)) * side)[first : len(line) - last].tolist()]
            brush.line(bristle, fill=tuple(int(c) for c in np.clip(shade, 0, 255)), width=thick)
            knife.line(bristle, fill=int(np.clip(load, 0, 255)), width=thick)
