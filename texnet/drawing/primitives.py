"""What the drawings share: noise, color ramps, flow lines, reliefs, outlines.

Fields are float32 (size, size), colors 0 to 255. Positions and lengths are fractions of the picture's side, never pixels: a
seed gives the same composition at every size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

Color = tuple[int, int, int]
Field = NDArray[np.floating]
Indices = NDArray[np.integer]
AnyField = TypeVar("AnyField", Field, Indices)


def spots(size: int, grain: int, random: np.random.Generator) -> NDArray[np.floating]:
    """Noise between about -1 and 1 whose spots are ``grain`` pixels wide."""
    cells = max(2, size // grain + 2)
    small = Image.fromarray((random.random((cells, cells)) * 255).astype(np.uint8))
    large = small.resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32) / 127.5 - 1


def clouds(size: int, cells: float, random: np.random.Generator, octaves: int = 1, stretch: float = 1.0) -> Field:
    """Smooth noise of mean 0 and deviation 1 with ``cells`` spots across, and ``octaves`` of finer ones at half the strength.

    ``stretch`` makes the spots that many times as long as high.
    """
    total: Field = np.zeros((size, size), np.float32)
    for octave in range(octaves):
        rows, columns = (max(2, round(cells * 2**octave / part)) + 3 for part in (1, stretch))
        knots = Image.fromarray(random.standard_normal((rows, columns)).astype(np.float32))
        box = (1, 1, columns - 1, rows - 1)
        total += np.asarray(knots.resize((size, size), Image.Resampling.BICUBIC, box=box)) / 2**octave
    return (total - total.mean()) / (total.std() + 1e-6)


def grid(size: int) -> tuple[Field, Field]:
    """x and y of every pixel's middle, from 0 to 1."""
    middles = (np.arange(size, dtype=np.float32) + 0.5) / size
    x, y = np.meshgrid(middles, middles)
    return x, y


def ramp(colors: Sequence[Color], places: ArrayLike) -> Field:
    """The color at a place between 0, the first, and 1, the last: (...) -> (..., 3)."""
    steps = np.linspace(0, 1, len(colors))
    table = np.array(colors, np.float32)
    return np.stack([np.interp(np.asarray(places), steps, table[:, k]) for k in range(3)], -1).astype(np.float32)


def smoothstep(low: float, high: float, values: Field) -> Field:
    """0 below ``low``, 1 above ``high``, an S between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def look_up(field: AnyField, points: Field) -> AnyField:
    """The field at points (..., 2) of x and y from 0 to 1; beyond the border, the border's."""
    size = field.shape[0]
    columns, rows = (np.clip((points[..., k] * size).astype(int), 0, size - 1) for k in (0, 1))
    return field[rows, columns]


def displace(picture: Field, right: Field, down: Field) -> Field:
    """A picture (size, size, 3) whose parts were moved by fields, in parts of the picture."""
    x, y = grid(picture.shape[0])
    return look_up(picture, np.stack([x - right, y - down], -1))


def trace(angles: Field, starts: Field, length: ArrayLike, steps: int = 8) -> Field:
    """Lines through the middle of ``starts`` (N, 2) along a field of angles: (N, steps + 1, 2), each ``length`` long."""
    halves, stride = [], np.broadcast_to(np.asarray(length, np.float32), (len(starts),))[:, None] / steps
    for sign, count in ((-1, steps // 2), (1, steps - steps // 2)):
        points, half = starts, []
        for _ in range(count):
            angle = look_up(angles, points)
            points = points + sign * stride * np.stack([np.cos(angle), np.sin(angle)], -1)
            half.append(points)
        halves.append(half)
    return np.stack([*halves[0][::-1], starts, *halves[1]], 1)


def normals(lines: Field) -> Field:
    """Unit vectors across lines (N, K, 2), to the left of where they go: (N, K, 2)."""
    along = np.gradient(lines, axis=1)
    along /= np.linalg.norm(along, axis=-1, keepdims=True) + 1e-9
    return np.stack([along[..., 1], -along[..., 0]], -1)


def scatter(count: int, random: np.random.Generator, margin: float = 0.03) -> Field:
    """About ``count`` points, evenly spread without a pattern, a margin beyond the picture included: (N, 2), shuffled."""
    side = math.ceil(math.sqrt(count))
    rows, columns = np.divmod(np.arange(side * side), side)
    points = (np.stack([columns, rows], -1) + random.uniform(0, 1, (side * side, 2))) / side
    return random.permutation(points * (1 + 2 * margin) - margin)


def relief(height: Field, strength: float) -> Field:
    """Light from the upper left on a surface: about 1, brighter on slopes that face it; (size, size, 1)."""
    down, right = np.gradient(height.astype(np.float32))
    return np.expand_dims(np.clip(1 + strength * (down + right), 0.35, 1.7), -1)


def finish(picture: Field, size: int = 0) -> Image.Image:
    """Colors (side, side, 3) as a picture, reduced to ``size`` where it was drawn larger."""
    image = Image.fromarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8))
    return image if size in (0, image.width) else image.resize((size, size), Image.Resampling.LANCZOS)


def corners(line: Field, side: int) -> list[tuple[float, float]]:
    """A line or an outline (K, 2) in pixels of a picture of that side, as PIL takes it."""
    return [(x, y) for x, y in (line * side).tolist()]


def disc(draw: ImageDraw.ImageDraw, side: int, center: Field, radius: float, fill: Color | int) -> None:
    """Draw a filled disc around a center (2,) into a picture of that side."""
    x, y, r = center[0] * side, center[1] * side, radius * side
    draw.ellipse([x - r, y - r, x + r, y + r], fill=fill)
