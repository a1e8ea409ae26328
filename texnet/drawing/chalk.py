"""Chalk hatching: pebbles in colored chalk on toned paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from texnet.drawing.primitives import Color, Field, Indices, clouds, corners, finish, grid, look_up, scatter, smoothstep

PAPER: Color = (190, 164, 130)


@dataclass(frozen=True)
class Chalk:
    """A stick: its color, the range of tones (0 to 1) that it draws, its strokes, and the stones that it is for (-1: all)."""

    color: Color
    low: float
    high: float
    patches: int
    turn: float = 0.0
    length: float = 0.11
    width: float = 0.0056
    stones: int = -1


HUES = (
    ((222, 150, 60), (190, 84, 36)),
    ((92, 142, 170), (36, 66, 112)),
    ((214, 112, 84), (140, 34, 36)),
    ((150, 160, 96), (64, 86, 62)),
)
CHALKS = (
    *(Chalk(light, 0.30, 0.86, 1100, 0.1, 0.10, 0.0082, stones) for stones, (light, _) in enumerate(HUES)),
    *(Chalk(dark, 0.10, 0.58, 1100, -0.12, 0.09, 0.0064, stones) for stones, (_, dark) in enumerate(HUES)),
    Chalk((34, 28, 36), -0.1, 0.34, 800, 0.0, 0.10, 0.0056),
    Chalk((24, 20, 30), -0.1, 0.19, 700, 1.15, 0.06, 0.0052),
    Chalk((252, 246, 228), 0.74, 1.1, 620, 0.0, 0.08, 0.0064),
    Chalk((255, 252, 242), 0.88, 1.1, 500, 0.7, 0.05, 0.0060),
)
STONES = 34


def draw_chalk_hatching(size: int = 1024, seed: int = 0) -> Image.Image:
    """Pebbles, hatched with a dozen sticks of chalk; (size, size) RGB."""
    random = np.random.default_rng(seed)
    tone, angles, stones, edges = _pebbles(512, random)
    tooth = clouds(size, 200, random)
    sheet = np.array(PAPER, np.float32) * (1 + 0.03 * tooth + 0.06 * clouds(size, 4, random, 3))[..., None]
    for chalk in CHALKS:
        own = tone if chalk.stones < 0 else np.where(stones % len(HUES) == chalk.stones, tone, -9)
        sheet = _rub(sheet, _hatch(chalk, 2 * size, own, angles, random), chalk.color, tooth)
    contour = Image.new("L", (2 * size, 2 * size))
    for number, line in enumerate(edges):
        seen = look_up(stones, line + 0.04 * (line.mean(0) - line)) == number
        for _ in range(2):
            _contour(ImageDraw.Draw(contour), line + np.cumsum(random.normal(0, 0.0005, line.shape), 0), seen, contour.width)
    return finish(_rub(sheet, contour, CHALKS[-3].color, tooth))


def _rub(sheet: Field, pressure: Image.Image, color: Color, tooth: Field) -> Field:
    """Chalk on rough paper: light pressure colors only the raised grain (``tooth``)."""
    size = sheet.shape[0]
    marks = np.asarray(pressure.resize((size, size), Image.Resampling.BOX), np.float32) / 255
    cover = (marks * smoothstep(-3.4, 0.3, tooth + 1.2 * marks - 0.3))[..., None]
    return sheet * (1 - cover) + np.array(color, np.float32) * cover


def _pebbles(size: int, random: np.random.Generator) -> tuple[Field, Field, Indices, list[Field]]:
    """Tone (0 to 1), angle of the hatching and number of the stone per pixel, and each stone's contour (K, 2)."""
    x, y = grid(size)
    tone = 0.44 + 0.09 * clouds(size, 5, random)
    angles = -0.9 + 0.12 * clouds(size, 3, random)
    stones, edges = np.full((size, size), -4, np.intp), []
    around = np.linspace(0, 2 * np.pi, 60)
    for number, (cx, cy) in enumerate(sorted(_spread(random).tolist(), key=lambda center: center[1])):
        radius, flat, tilt = random.uniform(0.085, 0.135), random.uniform(0.70, 0.95), random.uniform(-0.6, 0.6)
        cos, sin = np.cos(tilt), np.sin(tilt)
        u, v = ((x - cx) * cos + (y - cy) * sin) / radius, ((y - cy) * cos - (x - cx) * sin) / (radius * flat)
        away = np.hypot(u, v)
        shadow = np.hypot(x - cx - 0.35 * radius, (y - cy - 0.45 * radius) / 0.9) < 1.05 * radius
        tone = np.where(shadow, np.minimum(tone, 0.14), tone)
        depth = np.sqrt(np.clip(1 - away**2, 0, 1))
        light = 0.10 + 0.86 * np.clip(0.62 * depth - 0.50 * (u * cos - v * sin) - 0.60 * (u * sin + v * cos), 0, 1)
        light = light + 0.16 * smoothstep(0.75, 1.0, away) * ((u + v) > 0.5) + 0.05 * clouds(size, 12, random)
        inside = away < 1
        tone, stones = np.where(inside, light, tone), np.where(inside, number, stones)
        angles = np.where(inside, -0.9 + random.normal(0, 0.22) + 0.35 * u, angles)
        rim = np.stack([np.cos(around) * radius, np.sin(around) * radius * flat], 1)
        edges.append(np.stack([cx + rim[:, 0] * cos - rim[:, 1] * sin, cy + rim[:, 0] * sin + rim[:, 1] * cos], 1))
    return tone, angles, stones, edges


def _spread(random: np.random.Generator) -> Field:
    """Centers of the stones, far from each other: each is the best of a dozen random candidates."""
    centers = random.uniform(-0.05, 1.05, (1, 2))
    while len(centers) < STONES:
        candidates = random.uniform(-0.05, 1.05, (12, 2))
        gaps = np.linalg.norm(candidates[:, None] - centers[None], axis=-1).min(1)
        centers = np.concatenate([centers, candidates[[gaps.argmax()]]])
    return centers


def _contour(draw: ImageDraw.ImageDraw, line: Field, seen: Field, side: int) -> None:
    """The visible part of a stone's outline, heavier below."""
    for step in range(len(line) - 1):
        if seen[step]:
            (ax, ay), (bx, by) = (line[step : step + 2] * side).tolist()
            weight = 0.0042 + 0.004 * max(0.0, float(np.sin(2 * np.pi * step / len(line) - 0.6)))
            draw.line([ax, ay, bx, by], fill=235, width=round(weight * side))


def _hatch(chalk: Chalk, side: int, tone: Field, angles: Field, random: np.random.Generator) -> Image.Image:
    """The pressure of a chalk, gray (side, side): patches of parallel strokes where the tone is in the chalk's range."""
    pressure = Image.new("L", (side, side))
    draw = ImageDraw.Draw(pressure)
    centers = scatter(chalk.patches, random)
    arc = np.linspace(-0.5, 0.5, 7)[:, None]
    for center, direction in zip(centers, look_up(angles + chalk.turn, centers).tolist(), strict=True):
        count = int(random.integers(8, 15))
        angle = direction + random.normal(0, 0.09)
        along, across = np.array((np.cos(angle), np.sin(angle))), np.array((-np.sin(angle), np.cos(angle)))
        gap = 2.0 * chalk.width * random.uniform(0.9, 1.2)
        rank = (np.arange(count) - count / 2 + random.normal(0, 0.12, count))[:, None] * gap
        middles = center + across * rank + along * random.normal(0, 0.008, (count, 1))
        reaches = chalk.length * random.uniform(0.75, 1.15, count)
        loads = np.clip(random.normal(190, 32, count), 90, 255)
        values = look_up(tone, middles)
        for k in np.flatnonzero((chalk.low < values) & (values < chalk.high)):
            reach = reaches[k] * arc
            line = middles[k] + along * reach + across * (reach**2 * 0.9)  # bent as a wrist draws it
            _stroke(draw, line, side, chalk.width * random.uniform(0.75, 1.2), float(loads[k]))
    return pressure


def _stroke(draw: ImageDraw.ImageDraw, line: Field, side: int, width: float, load: float) -> None:
    """A stroke that fades from its beginning to its end."""
    points = corners(line, side)
    for step in range(len(line) - 1):
        fade = 1 - 0.55 * step / len(line)
        draw.line(points[step : step + 2], fill=int(load * fade), width=max(1, round(width * side * (0.6 + 0.4 * fade))))
