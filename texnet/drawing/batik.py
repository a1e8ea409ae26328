"""Batik: flowers, leaves and dotted bands in wax and dye on cloth, with the veins of cracked wax."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from texnet.drawing.primitives import (
    Color,
    Field,
    clouds,
    corners,
    disc,
    displace,
    finish,
    grid,
    look_up,
    scatter,
    smoothstep,
    trace,
)

WAX: Color = (246, 232, 198)
INDIGO: Color = (22, 30, 72)
BLUE: Color = (58, 98, 158)
BROWN: Color = (120, 62, 34)
OCHRE: Color = (220, 156, 62)
RED: Color = (164, 48, 40)
TEAL: Color = (44, 116, 112)
BANDS = (INDIGO, (36, 56, 112), BROWN, INDIGO, (150, 84, 40), (30, 70, 96))
DYES = (RED, OCHRE, BLUE, TEAL, (196, 96, 48))
FLOWERS = (
    (0.25, 0.27, 0.155), (0.72, 0.22, 0.125), (0.60, 0.62, 0.165), (0.15, 0.74, 0.13), (0.92, 0.52, 0.11), (0.40, 0.95, 0.12),
    (0.88, 0.90, 0.135), (0.47, 0.02, 0.10), (0.99, 0.04, 0.10), (0.01, 0.48, 0.085),
)  # fmt: skip


def draw_batik(size: int = 1024, seed: int = 0) -> Image.Image:
    """Javanese wax-resist cloth; (size, size) RGB."""
    random = np.random.default_rng(seed)
    side = 2 * size
    flow = _flow(512, random)
    cloth = Image.fromarray(_bands(flow, random).astype(np.uint8)).resize((side, side), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(cloth)
    _rows_of_dots(draw, side, flow, random)
    _sprays(draw, side, flow, random)
    for number, (x, y, radius) in enumerate(FLOWERS):
        spot = np.array((x, y)) + random.normal(0, 0.012, 2)
        _flower(draw, side, spot, radius, number, random)
    shake = [0.0011 * clouds(side, 60, random) + 0.002 * clouds(side, 9, random) for _ in range(2)]
    dyed = np.asarray(finish(displace(np.asarray(cloth), *shake), size), np.float32)
    return finish(_age(dyed, random))


def _flow(size: int, random: np.random.Generator) -> Field:
    """A scalar field whose level lines the bands follow: (size, size)."""
    x, y = grid(size)
    return 0.75 * x + y + 0.075 * np.sin(5 * x - 3 * y + random.uniform(0, 6)) + 0.055 * clouds(size, 2.5, random)


def _bands(flow: Field, random: np.random.Generator) -> Field:
    """Slanting bands of dye between double lines of wax: (size, size, 3)."""
    place = flow * 7 + random.uniform(0, 1)
    colors = np.array(BANDS, np.float32)[np.floor(place).astype(int) % len(BANDS)]
    within = place % 1
    wax = smoothstep(0.05, 0.035, np.minimum(within, 1 - within))
    thread = smoothstep(0.022, 0.010, np.abs(np.minimum(within, 1 - within) - 0.10))
    lines = np.maximum(wax, thread)[..., None]
    return colors * (1 - lines) + np.array(WAX, np.float32) * lines


def _rows_of_dots(draw: ImageDraw.ImageDraw, side: int, flow: Field, random: np.random.Generator) -> None:
    """Drops of wax in rows along the bands."""
    place = flow * 7
    down, right = np.gradient(flow)
    angles = np.arctan2(down, right) + np.pi / 2
    for start in scatter(520, random):
        within = float(look_up(place, start)) % 1
        if 0.2 < within < 0.85:
            for spot in trace(angles, start[None], 0.075, 6)[0]:
                disc(draw, side, spot, random.uniform(0.0028, 0.0046), WAX)


def _sprays(draw: ImageDraw.ImageDraw, side: int, flow: Field, random: np.random.Generator) -> None:
    """Curling stems with pairs of leaves."""
    down, right = np.gradient(flow)
    winding = np.arctan2(down, right) + np.pi / 2 + 1.1 * clouds(flow.shape[0], 4, random)
    for start in scatter(40, random):
        stem = trace(winding, start[None], random.uniform(0.22, 0.34), 16)[0]
        dye = DYES[int(random.integers(0, len(DYES)))]
        for width, color in ((0.011, WAX), (0.0045, BROWN)):
            draw.line(corners(stem, side), fill=color, width=round(width * side), joint="curve")
        heading = np.arctan2(*np.gradient(stem, axis=0).T[::-1])
        for k in range(2, 16, 3):
            for sign in (-1, 1):
                _leaf(draw, side, stem[k], heading[k] + sign * random.uniform(0.6, 0.95), random.uniform(0.05, 0.075), dye)


def _leaf(draw: ImageDraw.ImageDraw, side: int, root: Field, angle: float, length: float, dye: Color) -> None:
    along = np.linspace(0, 1, 16)
    for grown, color in ((0.0055, INDIGO), (0.0032, WAX), (-0.0005, dye)):
        half = np.sin(np.pi * along**0.85) * length * 0.24 + grown
        u, v = np.concatenate([along, along[::-1]]) * (length + grown), np.concatenate([half, -half[::-1]])
        v = v + 0.2 * length * np.concatenate([along, along[::-1]]) ** 2
        draw.polygon(corners(_turned(root, angle, u, v), side), fill=color)
    vein = _turned(root, angle, along[1:-3] * length, 0.2 * length * along[1:-3] ** 2)
    draw.line(corners(vein, side), fill=WAX, width=round(0.0022 * side))
    for k in range(3, 12, 2):
        spot = _turned(root, angle, along[k : k + 1] * length, 0.2 * length * along[k : k + 1] ** 2 + 0.09 * length)
        disc(draw, side, spot[0], 0.0016, WAX)


def _flower(draw: ImageDraw.ImageDraw, side: int, spot: Field, radius: float, number: int, random: np.random.Generator) -> None:
    """Rings of petals around a center, each outlined in wax, in a wreath of dots."""
    petals, turn = int(random.integers(7, 11)), random.uniform(0, 6)
    dyes = [DYES[(number + k) % len(DYES)] for k in range(3)]
    around = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    for ring, (reach, dye) in enumerate(zip((1.0, 0.70, 0.42), dyes, strict=True)):
        lobes = 0.80 + 0.20 * np.abs(np.cos(petals / 2 * (around + turn + ring * np.pi / petals))) ** 0.7
        for grown, color in ((0.013, INDIGO), (0.0065, WAX), (0.0, dye), (-0.010, WAX), (-0.0135, dye)):
            edge = radius * reach * lobes + grown
            draw.polygon(corners(_turned(spot, 0, edge * np.cos(around), edge * np.sin(around)), side), fill=color)
        _rays(draw, side, spot, radius * reach, petals * (4 if ring == 0 else 3), turn)
    for reach, count, color in ((0.20, 0, INDIGO), (0.17, 0, OCHRE), (0.10, 9, INDIGO), (0.04, 0, BROWN)):
        disc(draw, side, spot, radius * reach, color) if not count else _wreath(
            draw, side, spot, radius * reach, count, 0.004, color
        )
    _wreath(draw, side, spot, radius * 1.0 + 0.022, round(radius * 260), 0.0043, WAX)


def _rays(draw: ImageDraw.ImageDraw, side: int, spot: Field, radius: float, count: int, turn: float) -> None:
    for angle in turn + np.arange(count) * 2 * np.pi / count:
        line = _turned(spot, angle, np.array((0.66, 0.84)) * radius, np.zeros(2))
        draw.line(corners(line, side), fill=WAX, width=round(0.0028 * side))
        disc(draw, side, line[1], 0.0026, WAX)


def _wreath(draw: ImageDraw.ImageDraw, side: int, spot: Field, radius: float, count: int, dot: float, color: Color) -> None:
    for angle in np.arange(count) * 2 * np.pi / count:
        disc(draw, side, spot + radius * np.array((np.cos(angle), np.sin(angle))), dot, color)


def _age(dyed: Field, random: np.random.Generator) -> Field:
    """Dye that seeped through cracks in the wax, and uneven color: (size, size, 3)."""
    size = dyed.shape[0]
    light = smoothstep(90, 190, dyed.mean(-1))
    cracks = np.zeros((size, size), np.float32)
    for cells, width in ((4, 0.012), (7, 0.02), (11, 0.03), (17, 0.04)):
        vein = np.abs(clouds(size, cells, random, 3))
        cracks = np.maximum(cracks, smoothstep(width * 1.7, width * 0.8, vein) * smoothstep(-0.3, 0.9, clouds(size, 5, random)))
    stain = (cracks * (0.2 + 0.65 * light))[..., None]
    dyed = dyed * (1 - stain) + np.array((40, 46, 86), np.float32) * stain
    return dyed * (1 + 0.055 * clouds(size, 8, random, 4))[..., None]


def _turned(spot: Field, angle: float, u: Field, v: Field) -> Field:
    """Points at u along an angle and v across it, from a spot: (K, 2)."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([spot[0] + u * cos - v * sin, spot[1] + u * sin + v * cos], 1)
