"""Wood-cut waves: breaking rollers with contour lines and clawed foam under a graded sky, printed on grained paper."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from texnet.drawing.fields import Color, Field, clouds, finish, grid, ramp, smoothstep

ROWS, POINTS = 8, 900  # rollers, one before the other; points of a crest's line
INK: Color = (20, 32, 66)
FOAM: Color = (246, 238, 218)
SHADE: Color = (158, 190, 200)
SUN: Color = (206, 62, 40)
SKY: tuple[Color, ...] = ((58, 84, 120), (150, 172, 176), (232, 214, 178), (242, 208, 160), (232, 170, 128))
SEA: tuple[Color, ...] = ((104, 160, 176), (30, 58, 112), (190, 210, 192), (46, 104, 150), (70, 140, 146), (24, 44, 92))


def draw_woodcut_waves(size: int = 1024, seed: int = 0) -> Image.Image:
    """Rollers as in a Japanese print; (size, size) RGB."""
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
        outline = _corners(np.concatenate([upper, lower[::-1]]), side)
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
    draw.polygon(_corners(np.concatenate([crest, [(1.3, 1.3), (-0.3, 1.3)]]), side), fill=body)
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
    """A line as a knife cuts it: it swells and thins on its way."""
    across = np.gradient(line, axis=0)
    across = np.stack([-across[:, 1], across[:, 0]], 1) / (np.linalg.norm(across, axis=1, keepdims=True) + 1e-9)
    half = width / 2 * (0.65 + 0.35 * np.sin(np.linspace(0, 40, len(line)) + line[0, 1] * 90))[:, None]
    draw.polygon(_corners(np.concatenate([line + across * half, (line - across * half)[::-1]]), side), fill=color)


def _foam(draw: ImageDraw.ImageDraw, crest: Field, base: float, tall: float, side: int, random: np.random.Generator) -> None:
    """White lobes along the tops, claws that reach forward from them, and spray."""
    high = (base - crest[:, 1]) / tall
    tops = np.flatnonzero(high > 0.42)
    picks = crest[np.sort(random.choice(tops, min(len(tops), 190), replace=False))] if len(tops) else crest[:0]
    lift = (base - picks[:, 1]) / tall
    spots = np.concatenate([picks + random.normal(0, 0.006, picks.shape), picks + (0.012, 0.010) * lift[:, None]])
    radii = np.concatenate([lift, lift]) * random.uniform(0.005, 0.0125, len(spots))
    claws = [_claw(spot, float(size), random) for spot, size in zip(picks[::3], lift[::3], strict=True)]
    for grown, color in ((0.0028, INK), (0.0, FOAM)):
        for claw in claws:
            draw.line(_corners(claw, side), fill=color, width=round((0.0062 + 2 * grown) * side), joint="curve")
            _disc(draw, claw[-1], 0.0031 + grown, side, color)
        for spot, radius in zip(spots, radii, strict=True):
            _disc(draw, spot, radius + grown, side, color if grown else SHADE)
    for spot, radius in zip(spots, radii, strict=True):
        _disc(draw, spot - 0.0016, radius * 0.82, side, FOAM)
    for spot, size in zip(picks[::2], lift[::2], strict=True):
        flown = spot + np.array((abs(random.normal(0, 0.05)), -abs(random.normal(0, 0.035))))
        _disc(draw, flown, 0.0035 * size * random.uniform(0.4, 1.2), side, FOAM)


def _claw(spot: Field, size: float, random: np.random.Generator) -> Field:
    """A hook of foam that starts at a spot, reaches forward and curls down."""
    turn = np.linspace(random.uniform(-0.9, -0.2), random.uniform(1.6, 2.6), 9)
    reach = size * random.uniform(0.018, 0.042)
    path = np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * reach / 5, 0)
    return path + spot


def _disc(draw: ImageDraw.ImageDraw, spot: Field, radius: float, side: int, color: Color) -> None:
    x, y, r = spot[0] * side, spot[1] * side, radius * side
    draw.ellipse([x - r, y - r, x + r, y + r], fill=color)


def _corners(line: Field, side: int) -> list[tuple[float, float]]:
    return [(x, y) for x, y in (line * side).tolist()]
