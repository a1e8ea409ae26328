"""Ink and wash: petals and leaves in watercolor that pools at its edges and granulates, outlined with a pen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from texnet.drawing.primitives import Color, Field, clouds, corners, disc, finish, look_up, scatter, smoothstep

PAPER: Color = (251, 246, 234)
INK: Color = (34, 30, 52)
LEAVES: tuple[Color, ...] = (
    (30, 110, 80), (110, 150, 40), (16, 70, 90), (196, 160, 40), (44, 60, 130), (20, 100, 110), (30, 60, 60),
)  # fmt: skip
BLOOMS: tuple[tuple[Color, Color], ...] = (
    ((214, 40, 70), (250, 150, 90)), ((120, 50, 140), (226, 110, 160)), ((240, 130, 30), (252, 206, 70)),
    ((40, 70, 170), (110, 170, 220)), ((190, 30, 50), (240, 90, 120)), ((226, 90, 50), (250, 180, 120)),
)  # fmt: skip
FLOWERS = (
    (0.27, 0.25, 0.185), (0.74, 0.19, 0.145), (0.62, 0.55, 0.20), (0.17, 0.66, 0.155), (0.88, 0.80, 0.165),
    (0.42, 0.87, 0.15), (0.95, 0.43, 0.11), (0.03, 0.40, 0.10), (0.05, 0.97, 0.12), (0.50, 0.03, 0.11), (0.66, 0.97, 0.09),
)  # fmt: skip


@dataclass(frozen=True)
class Petal:
    """One touch of the brush, for a petal or a leaf: root, direction and size, and the colors from root to tip."""

    x: float
    y: float
    angle: float
    length: float
    width: float
    root: Color
    tip: Color
    depth: float = 0.85

    def outline(self, count: int = 30) -> tuple[Field, Field]:
        """The two sides from root to tip: (count, 2) each."""
        along = np.linspace(0, 1, count)
        half = self.width * np.sin(np.pi * along**0.8) ** 0.8
        bow = 0.12 * self.width * np.sin(np.pi * along)
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        sides = []
        for sign in (1, -1):
            u, v = along * self.length, sign * half + bow
            sides.append(np.stack([self.x + u * cos - v * sin, self.y + u * sin + v * cos], 1))
        return sides[0], sides[1]


def draw_ink_and_wash(size: int = 1024, seed: int = 0) -> Image.Image:
    """Flowers and leaves in watercolor and ink; (size, size) RGB."""
    random = np.random.default_rng(seed)
    grain = 0.6 * clouds(size, 190, random, 2) + 0.4 * clouds(size, 60, random)
    wobble = clouds(size, 16, random, 3)
    sheet: Field = np.array(PAPER, np.float32) / 255 * (1 + 0.012 * grain)[..., None]
    sheet = _ground(sheet, random)
    petals = [*_foliage(random), *_flowers(random)]
    for petal in petals:
        _paint(sheet, petal, grain, wobble)
    pen = Image.new("L", (2 * size, 2 * size))
    for petal in petals:
        _outline(ImageDraw.Draw(pen), petal, pen.width, random)
    _hearts_and_drops(ImageDraw.Draw(pen), pen.width, random)
    lines = np.asarray(pen.resize((size, size), Image.Resampling.BOX), np.float32)[..., None] / 255
    lines = lines * (0.86 + 0.10 * np.clip(grain, -1, 1))[..., None]
    return finish(255 * (sheet * (1 - lines) + np.array(INK, np.float32) / 255 * lines))


def _ground(sheet: Field, random: np.random.Generator) -> Field:
    """Pale washes all over, wet in wet, with hard edges where they dried."""
    size = sheet.shape[0]
    for color in ((110, 180, 206), (252, 206, 160), (120, 116, 186)):
        pool = clouds(size, 3.5, random, 4)
        cover = smoothstep(-0.1, 0.12, pool) * (0.42 + 0.12 * pool) + 0.3 * np.exp(-((pool / 0.06) ** 2))
        sheet = sheet * (1 - np.clip(cover, 0, 0.8)[..., None] * (1 - np.array(color, np.float32) / 255))
    return sheet


def _foliage(random: np.random.Generator) -> list[Petal]:
    """Leaves that follow one field of directions."""
    wind = 1.4 * clouds(256, 2.5, random)
    leaves = []
    for x, y in scatter(130, random, 0.08):
        angle = float(look_up(wind, np.array((x, y)))) + random.normal(0, 0.35)
        first, second = random.choice(len(LEAVES), 2, replace=False)
        length = random.uniform(0.11, 0.21)
        leaves.append(
            Petal(
                x,
                y,
                angle,
                length,
                length * random.uniform(0.10, 0.19),
                LEAVES[first],
                LEAVES[second],
                random.uniform(0.75, 1.2),
            )
        )
    return leaves


def _flowers(random: np.random.Generator) -> list[Petal]:
    """Petals around the centers of the flowers."""
    petals = []
    for number, (x, y, radius) in enumerate(FLOWERS):
        x, y = x + random.normal(0, 0.012), y + random.normal(0, 0.012)
        root, tip = BLOOMS[number % len(BLOOMS)]
        count, turn = int(random.integers(6, 10)), random.uniform(0, 6)
        for k in range(count):
            angle = turn + 2 * np.pi * k / count + random.normal(0, 0.08)
            length = radius * random.uniform(0.8, 1.08)
            petals.append(
                Petal(x, y, angle, length, length * random.uniform(1.1, 1.5) / count * 2, root, tip, random.uniform(0.85, 1.1))
            )
    return petals


def _paint(sheet: Field, petal: Petal, grain: Field, wobble: Field) -> None:
    """Glaze a petal over the sheet, in place: pigment absorbs light, more at the edge and in the grain of the paper."""
    size = sheet.shape[0]
    reach = petal.length * 1.25
    left, top = (int(np.clip((place - reach) * size, 0, size)) for place in (petal.x, petal.y))
    right, low = (int(np.clip((place + reach) * size, 0, size)) for place in (petal.x, petal.y))
    if left >= right or top >= low:
        return
    box = np.s_[top:low, left:right]
    x, y = ((np.arange(*span, dtype=np.float32) + 0.5) / size for span in ((left, right), (top, low)))
    dx, dy = x - petal.x, y[:, None] - petal.y
    cos, sin = np.cos(petal.angle), np.sin(petal.angle)
    along, across = (dx * cos + dy * sin) / petal.length, (dy * cos - dx * sin) / petal.width
    inner = np.clip(along, 1e-3, 1)
    half = np.sin(np.pi * inner**0.8) ** 0.8
    away = np.abs(across - 0.12 * np.sin(np.pi * inner)) - half + 0.07 * wobble[box]  # below 0 inside
    away = np.where((along > 0) & (along < 1), away, 1)
    cover = smoothstep(0.06, -0.06, away)
    pool = np.exp(-(((away + 0.10) / 0.10) ** 2))
    amount = petal.depth * (
        0.60 + 0.16 * wobble[box] + 0.42 * pool + 0.06 * grain[box] + 0.2 * np.sin(9 * along + 3 * wobble[box]) * 0.5
    )
    run = np.clip(along * 1.1 + 0.22 * wobble[box], 0, 1)
    color = _blend(petal.root, petal.tip, run)
    bare = 0.8 * cover[..., None]  # white under the glaze hides what lies below
    sheet[box] = sheet[box] * (1 - bare) + np.array(PAPER, np.float32) / 255 * bare
    sheet[box] *= 1 - (cover * np.clip(amount, 0.12, 1.05))[..., None] * (1 - color)


def _blend(first: Color, last: Color, run: Field) -> Field:
    """From one color to another, 0 to 1 per channel."""
    a, b = (np.array(color, np.float32) / 255 for color in (first, last))
    return a + (b - a) * run[..., None]


def _outline(draw: ImageDraw.ImageDraw, petal: Petal, side: int, random: np.random.Generator) -> None:
    """A loose pen line around a petal, a little off the paint, and its veins."""
    shift = random.normal(0, 0.0025, 2)
    left, right = petal.outline()
    draw.polygon(corners(np.concatenate([left, right[::-1]]), side), fill=0)
    for line in (left, right):
        start = int(random.integers(0, 3))
        _pen(draw, line[start:] + shift, side, random.uniform(0.0022, 0.0036), random)
    middle = (left + right) / 2
    _pen(draw, middle[2 : int(random.integers(18, 27))] + shift, side, 0.0018, random)
    for k in range(5, 25, 4):
        for edge in (left, right):
            if random.random() < 0.8:
                end = min(k + 4, 29)
                path = np.linspace(middle[k], middle[end] + (edge[end] - middle[end]) * 0.75, 6)
                _pen(draw, path + shift, side, 0.0013, random)


def _pen(draw: ImageDraw.ImageDraw, line: Field, side: int, width: float, random: np.random.Generator) -> None:
    """A trembling line, widest in its middle."""
    line = line + np.cumsum(random.normal(0, 0.0004, line.shape), 0)
    for k in range(len(line) - 1):
        swell = 0.45 + 0.75 * np.sin(np.pi * (k + 0.5) / len(line))
        (ax, ay), (bx, by) = (line[k : k + 2] * side).tolist()
        draw.line([ax, ay, bx, by], fill=255, width=max(1, round(width * swell * side)))


def _hearts_and_drops(draw: ImageDraw.ImageDraw, side: int, random: np.random.Generator) -> None:
    """Stamens in the flowers, and drops of ink anywhere."""
    for x, y, radius in FLOWERS:
        stamens = np.array((x, y)) + random.normal(0, radius * 0.09, (26, 2))
        for center, size in zip(stamens, random.uniform(0.0015, 0.0055, len(stamens)), strict=True):
            disc(draw, side, center, size, 255)
    drops = random.uniform(0, 1, (60, 2))
    for center, size in zip(drops, random.uniform(0.0008, 0.004, 60) * random.uniform(0.3, 1, 60), strict=True):
        disc(draw, side, center, size, 255)
