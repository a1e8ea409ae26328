"""Marbled paper: drops of ink on water, drawn out with combs, after Lu, Jaffer et al., Mathematical marbling, 2012."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from texnet.drawing.fields import Color, Field, Indices, clouds, finish, grid, scatter

PLACES = 182
INKS: tuple[Color, ...] = (
    (22, 42, 88), (22, 42, 88), (176, 34, 40), (246, 236, 212), (228, 168, 60), (40, 110, 120), (18, 20, 28),
    (246, 236, 212), (120, 170, 170), (206, 92, 52), (140, 40, 70), (150, 160, 80),
)  # fmt: skip
BATH: Color = (226, 204, 160)


@dataclass(frozen=True)
class Comb:
    """Teeth drawn through the bath along an angle: how far they drag, how fast that fades to the side, how far apart."""

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
    """Ebru: combed and whirled inks; (size, size) RGB."""
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
    """There and back in wide rakes, then once with a fine comb that waves."""
    return [
        Comb(0.0, 0.03, 0.17, 0.05, 0.17),
        Comb(np.pi, 0.115, 0.17, 0.05, 0.17),
        Comb(np.pi / 2 + random.normal(0, 0.05), 0.0, 0.08, 0.017, 0.052, 0.012),
    ]


def _whirls(random: np.random.Generator) -> list[tuple[float, float, float, float]]:
    """Middles, turns and reaches of a stick that is turned in the bath."""
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
    """The ink at points (P,): of all drops, later ones push earlier ones aside, so they are undone from the last one on."""
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
    """Drops in turn, (x, y, radius, ink): in most places several, one into the other, which makes rings."""
    drops = []
    for cx, cy in scatter(PLACES, random, 0.14):
        pair = random.permutation(len(INKS))[:3]
        rings = int(random.integers(2, 6))
        for ring in range(rings):
            drops.append((float(cx), float(cy), float(random.uniform(0.026, 0.056)), int(pair[ring % 3])))
    return drops
