"""Prints: a woodcut of breaking waves, and paper marbled with combed inks.

The marbling follows Lu, Jaffer et al., Mathematical marbling, 2012.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from texnet.drawing.primitives import Color, Field, Indices, clouds, corners, disc, finish, grid, ramp, scatter, smoothstep

ROWS, POINTS = 8, 900  # rows of waves; points of a crest's line
INK: Color = (20, 32, 66)
FOAM: Color = (246, 238, 218)
SHADE: Color = (158, 190, 200)
SUN: Color = (206, 62, 40)
SKY: tuple[Color, ...] = ((58, 84, 120), (150, 172, 176), (232, 214, 178), (242, 208, 160), (232, 170, 128))
SEA: tuple[Color, ...] = ((104, 160, 176), (30, 58, 112), (190, 210, 192), (46, 104, 150), (70, 140, 146), (24, 44, 92))


def draw_woodcut_waves(size: int = 1024, seed: int = 0) -> Image.Image:
    """Breaking waves as in a Japanese print; (size, size) RGB."""
    random = np.random.default_rng(seed)
    side = 2 * size
    print_ = _sky(side, random)
    for row in range(ROWS):
        _roller(print_, row, random)
    paper = np.asarray(finish(np.asarray(print_), size), np.float32)
    x, y = grid(size)
    knots = clouds(size, 5, random, 2, stretch=5)
    rings = np.sin((y + 0.014 * knots + 0.02 * np.sin(3 * x)) * 520)
    grain = smoothstep(0.55, 0.95, rings) * smoothstep(-0.8, 1.2, clouds(size, 9, random))
    mottle = clouds(size, 60, random, 3, stretch=2)
    return finish(paper * (1 + 0.03 - 0.13 * grain + 0.022 * mottle)[..., None] + 3)


def _sky(side: int, random: np.random.Generator) -> Image.Image:
    """A graded sky with a low red sun and drifting streaks of cloud."""
    y = np.linspace(0, 1, side)[:, None] * np.ones(side)
    sky = Image.fromarray(ramp(SKY, np.clip(y * 3.2, 0, 1)).astype(np.uint8))
    draw = ImageDraw.Draw(sky)
    cx, cy, radius = random.uniform(0.6, 0.8) * side, 0.125 * side, 0.098 * side
    draw.ellipse([cx - radius, cy - radius, cx + radius, cy + radius], fill=SUN, outline=INK, width=side // 340)
    for level in np.linspace(0.012, 0.28, 15):
        left, length = random.uniform(-0.2, 0.8), random.uniform(0.25, 0.7)
        along = np.linspace(0, 1, 60)
        middle = level + 0.008 * np.sin(along * random.uniform(4, 9) + random.uniform(0, 6))
        half = random.uniform(0.005, 0.012) * np.sin(np.pi * along) ** 0.5
        upper, lower = np.stack([left + along * length, middle - half], 1), np.stack([left + along * length, middle + half], 1)
        outline = corners(np.concatenate([upper, lower[::-1]]), side)
        draw.polygon(outline, fill=FOAM if random.random() < 0.7 else SEA[2])
        draw.line(outline, fill=INK, width=side // 500, joint="curve")
    return sky


def _roller(print_: Image.Image, row: int, random: np.random.Generator) -> None:
    """One row of waves: body, contour lines, outline, foam."""
    side, draw = print_.width, ImageDraw.Draw(print_)
    depth = row / (ROWS - 1)
    base, tall = 0.29 + 0.78 * depth, 0.13 + 0.10 * depth
    pace, phase = random.uniform(2.6, 3.4) - 1.3 * depth, random.uniform(0, 2 * math.pi)
    swell = random.uniform(0.75, 1.15, 8)
    body, light = SEA[row % len(SEA)], sum(SEA[row % len(SEA)]) > 330
    crest = _crest(base, tall, pace, phase, swell)
    draw.polygon(corners(np.concatenate([crest, [(1.3, 1.3), (-0.3, 1.3)]]), side), fill=body)
    lines = 10
    for line in range(1, lines + 1):
        inner = _crest(base + 0.0155 * line * (1 + 0.4 * depth), tall * (1 - 0.085 * line), pace, phase - 0.05 * line, swell)
        color = ramp((INK if light != (line % 3 == 1) and light else FOAM, body), 0.07 * line)
        _swelling_line(draw, inner, side, 0.0052 - 0.0003 * line, tuple(int(c) for c in color))
    _swelling_line(draw, crest, side, 0.007, INK)
    _foam(draw, crest, base, tall, side, random)


def _crest(base: float, tall: float, pace: float, phase: float, swell: Field) -> Field:
    """The line of a row of waves that lean over to the right: (POINTS, 2)."""
    along = np.linspace(-0.3, 1.3, POINTS)
    angle = 2 * math.pi * pace * along + phase
    power = swell[np.floor(angle / (2 * math.pi) + 0.5).astype(int) % len(swell)]
    height = ((1 + np.cos(angle)) / 2) ** 1.7 * power
    lean = 0.75 * tall * height**2.2
    ripple = 0.006 * np.sin(along * 31 + phase)
    return np.stack([along + lean, base - tall * height + ripple * (1 - height)], 1)


def _swelling_line(draw: ImageDraw.ImageDraw, line: Field, side: int, width: float, color: tuple[int, ...]) -> None:
    """A line of varying width, as a knife cuts it."""
    across = np.gradient(line, axis=0)
    across = np.stack([-across[:, 1], across[:, 0]], 1) / (np.linalg.norm(across, axis=1, keepdims=True) + 1e-9)
    half = width / 2 * (0.65 + 0.35 * np.sin(np.linspace(0, 40, len(line)) + line[0, 1] * 90))[:, None]
    draw.polygon(corners(np.concatenate([line + across * half, (line - across * half)[::-1]]), side), fill=color)


def _foam(draw: ImageDraw.ImageDraw, crest: Field, base: float, tall: float, side: int, random: np.random.Generator) -> None:
    """White lobes along the crests, claws that reach forward from them, and spray."""
    high = (base - crest[:, 1]) / tall
    tops = np.flatnonzero(high > 0.42)
    picks = crest[np.sort(random.choice(tops, min(len(tops), 190), replace=False))] if len(tops) else crest[:0]
    lift = (base - picks[:, 1]) / tall
    spots = np.concatenate([picks + random.normal(0, 0.006, picks.shape), picks + (0.012, 0.010) * lift[:, None]])
    radii = np.concatenate([lift, lift]) * random.uniform(0.005, 0.0125, len(spots))
    claws = [_claw(spot, float(size), random) for spot, size in zip(picks[::3], lift[::3], strict=True)]
    for grown, color in ((0.0028, INK), (0.0, FOAM)):
        for claw in claws:
            draw.line(corners(claw, side), fill=color, width=round((0.0062 + 2 * grown) * side), joint="curve")
            disc(draw, side, claw[-1], 0.0031 + grown, color)
        for spot, radius in zip(spots, radii, strict=True):
            disc(draw, side, spot, radius + grown, color if grown else SHADE)
    for spot, radius in zip(spots, radii, strict=True):
        disc(draw, side, spot - 0.0016, radius * 0.82, FOAM)
    for spot, size in zip(picks[::2], lift[::2], strict=True):
        flown = spot + np.array((abs(random.normal(0, 0.05)), -abs(random.normal(0, 0.035))))
        disc(draw, side, flown, 0.0035 * size * random.uniform(0.4, 1.2), FOAM)


def _claw(spot: Field, size: float, random: np.random.Generator) -> Field:
    """A hook of foam that starts at a spot, reaches forward and curls down."""
    turn = np.linspace(random.uniform(-0.9, -0.2), random.uniform(1.6, 2.6), 9)
    reach = size * random.uniform(0.018, 0.042)
    path = np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * reach / 5, 0)
    return path + spot


PLACES = 182
INKS: tuple[Color, ...] = (
    (22, 42, 88), (22, 42, 88), (176, 34, 40), (246, 236, 212), (228, 168, 60), (40, 110, 120), (18, 20, 28),
    (246, 236, 212), (120, 170, 170), (206, 92, 52), (140, 40, 70), (150, 160, 80),
)  # fmt: skip
BATH: Color = (226, 204, 160)


@dataclass(frozen=True)
class Comb:
    """Teeth drawn through the bath along an angle: how far they drag, how fast that fades sideways, how far apart they are."""

    angle: float
    start: float
    drag: float
    fade: float
    gap: float
    bend: float = 0.0

    def undo(self, x: Field, y: Field) -> tuple[Field, Field]:
        """Where the ink at x, y was before."""
        cos, sin = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
        across = y * cos - x * sin - self.start
        if self.bend:
            across = across + self.bend * np.sin((x * cos + y * sin) * 11)
        off = np.hypot(((across / self.gap + 0.5) % 1 - 0.5) * self.gap, 0.08 * self.gap)
        back = self.drag * np.cosh((self.gap / 2 - off) / self.fade) / np.cosh(self.gap / 2 / self.fade)
        return x - back * cos, y - back * sin


def draw_marbled_paper(size: int = 1024, seed: int = 0) -> Image.Image:
    """Ebru: inks on water, combed and whirled; (size, size) RGB."""
    random = np.random.default_rng(seed)
    side = size * 3 // 2
    x, y = grid(side)
    for whirl in _whirls(random):
        x, y = _undo_whirl(x, y, *whirl)
    for comb in reversed(_combs(random)):
        x, y = comb.undo(x, y)
    ink = _drops(x.ravel(), y.ravel(), random).reshape(side, side)
    table = np.array([*INKS, BATH], np.float32)
    paper = np.asarray(finish(table[ink], size), np.float32)
    sheet = 1 + 0.05 * clouds(size, 7, random, 3) + 0.02 * clouds(size, 200, random)
    return finish(paper * sheet[..., None])


def _combs(random: np.random.Generator) -> list[Comb]:
    """A wide rake there and back, then a fine waving comb across."""
    return [
        Comb(0.0, 0.03, 0.17, 0.05, 0.17),
        Comb(np.pi, 0.115, 0.17, 0.05, 0.17),
        Comb(np.pi / 2 + random.normal(0, 0.05), 0.0, 0.08, 0.017, 0.052, 0.012),
    ]


def _whirls(random: np.random.Generator) -> list[tuple[float, float, float, float]]:
    """Whirls of a stick in the bath: (x, y, angle, radius) each."""
    spots = ((0.24, 0.28), (0.72, 0.20), (0.55, 0.60), (0.15, 0.80), (0.88, 0.82))
    return [
        (
            cx + random.normal(0, 0.03),
            cy + random.normal(0, 0.03),
            random.choice((-1, 1)) * random.uniform(2.2, 4),
            random.uniform(0.07, 0.13),
        )
        for cx, cy in spots
    ]


def _undo_whirl(x: Field, y: Field, cx: float, cy: float, turn: float, reach: float) -> tuple[Field, Field]:
    dx, dy = x - np.float32(cx), y - np.float32(cy)
    angle = np.float32(-turn) * np.exp(-(dx * dx + dy * dy) / np.float32(reach * reach))
    cos, sin = np.cos(angle), np.sin(angle)
    return np.float32(cx) + dx * cos - dy * sin, np.float32(cy) + dx * sin + dy * cos


def _drops(x: Field, y: Field, random: np.random.Generator) -> Indices:
    """The ink at points (P,). Each drop pushes earlier ones aside, so the drops are undone from the last to the first."""
    ink = np.full(len(x), len(INKS), np.uint8)
    open_points = np.arange(len(x))
    for cx, cy, radius, color in _sprinkle(random)[::-1]:
        dx, dy = x - np.float32(cx), y - np.float32(cy)
        far, area = dx * dx + dy * dy, np.float32(radius * radius)
        within = far < area
        ink[open_points[within]] = color
        out = ~within
        shrink = np.sqrt(1 - area / far[out])
        open_points, x, y = open_points[out], np.float32(cx) + dx[out] * shrink, np.float32(cy) + dy[out] * shrink
    return ink


def _sprinkle(random: np.random.Generator) -> list[tuple[float, float, float, int]]:
    """Drops in order, (x, y, radius, ink): several in most places, one into the other, which makes rings."""
    drops = []
    for cx, cy in scatter(PLACES, random, 0.14):
        pair = random.permutation(len(INKS))[:3]
        rings = int(random.integers(2, 6))
        for ring in range(rings):
            drops.append((float(cx), float(cy), float(random.uniform(0.026, 0.056)), int(pair[ring % 3])))
    return drops
