"""Seeded noise, anchored in the picture: what a pixel gets depends on its place, not on the picture's size.

So a crop at an offset, a tile and a frame of a film see the same noise as the whole picture does there. The noise is a
counter-based hash: pcg4d (Jarzynski & Olano 2020) of seed, picture, channel and place, then Box & Muller's transform. It is
32-bit integer arithmetic and a few float32 operations, so that every device, numpy and JavaScript can have the same:

- The words of a plane: ``key = pcg4d(seed's low 32 bits, its high 32 bits, picture, channel)``.
- The words of a block of LANES pixels, one below the other: ``pcg4d(x + key[0], (y >> 2) + key[1], key[2], key[3])``.
- Words 0 and 1 give the block's first two normals, words 2 and 3 the others (:func:`box_muller`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import torch
from torch import Tensor

LANES = 4  # pixels, one below the other, that share a hash
CHUNK = 2**18  # hashes at a time on the CPU: bounds the memory
MULTIPLIER, INCREMENT = 1664525, 1013904223  # of the linear congruential generator in pcg4d


def draw_noise(
    seed: int, shape: tuple[int, ...], device: torch.device | str = "cpu", origin: tuple[int, int] = (0, 0)
) -> Tensor:
    """Standard normal noise, (N, C, H, W): a function of the seed, picture, channel and place of each pixel alone.

    ``origin`` is the place, (y, x) in pixels and possibly negative, of the noise's upper left corner. The seed counts modulo
    2**64. Integers are the same on every device, normals up to 1e-6.
    """
    pictures, channels, height, width = shape
    top, left = origin
    first, end = top // LANES, -(-(top + height) // LANES)
    blocks, columns = torch.arange(first, end, device=device), left + torch.arange(width, device=device)
    noise = _draw_blocks(seed, range(pictures), channels, blocks, columns)
    start = top - first * LANES
    return noise[:, :, start : start + height].contiguous()  # (N, C, H, W)


def noise_at(
    seed: int, channels: int, rows: Tensor, columns: Tensor, picture: int = 0, device: torch.device | str = "cpu"
) -> Tensor:
    """The same noise at any rows, (H,), and columns, (W,), whole numbers of any sign and order: (1, C, H, W)."""
    rows, columns = rows.to(device), columns.to(device)
    blocks, place = torch.unique(rows >> 2, return_inverse=True)
    noise = _draw_blocks(seed, [picture], channels, blocks, columns)
    return noise.index_select(2, LANES * place + rows % LANES)


def pcg4d(x: Tensor, y: Tensor, z: Tensor, w: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Four 32-bit words out of four, a bijection: int32, which wraps around, of shapes that broadcast."""
    x, y, z, w = (word * MULTIPLIER + INCREMENT for word in (x, y, z, w))
    x, y, z, w = _mix(x, y, z, w)
    x, y, z, w = (word ^ (word >> 16).bitwise_and_(0xFFFF) for word in (x, y, z, w))  # >>> of unsigned words
    return _mix(x, y, z, w)


def box_muller(first: Tensor, second: Tensor, out: Tensor) -> None:
    """Two independent standard normals, float32, out of the upper 24 bits, signed, of two int32 words: (B, W) -> (B, 2, W).

    The angle is a product of float32 numbers, rounded alike everywhere. So only a logarithm, a root, sine and cosine can
    differ, by 1e-6 in all.
    """
    uniform = (first >> 8).float().add_(2**23 + 1).mul_(2.0**-24)  # in (0, 1], exact
    radius = uniform.log_().mul_(-2).sqrt_()
    angle = (second >> 8).float().mul_(math.pi / 2**23)  # in [-pi, pi)
    torch.mul(angle.cos(), radius, out=out[:, 0])
    torch.mul(angle.sin_(), radius, out=out[:, 1])


def plane_key(seed: int, picture: int, channel: int) -> Tensor:
    """The four words, int32, that tell a channel of a picture of a seed from all others."""
    words = torch.tensor([seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF, picture, channel]).to(torch.int32)
    return torch.stack(pcg4d(*words))


def _draw_blocks(seed: int, pictures: Sequence[int], channels: int, blocks: Tensor, columns: Tensor) -> Tensor:
    """The noise of whole blocks, numbered from the plane's origin, (B,), at columns, (W,): (N, C, LANES * B, W)."""
    device, width = blocks.device, len(columns)
    noise = torch.empty(len(pictures), channels, len(blocks), LANES, width, device=device)
    columns, blocks = columns.to(torch.int32), blocks.to(torch.int32)[:, None]
    step = max(1, CHUNK // max(1, width) if device.type == "cpu" else len(blocks))
    for plane, place in zip(noise.flatten(0, 1), product(pictures, range(channels)), strict=True):
        x, y, z, w = plane_key(seed, *place).to(device)
        for start in range(0, len(blocks), step):
            part = plane[start : start + step]  # (B, LANES, W)
            words = pcg4d(columns + x, blocks[start : start + step] + y, z, w)  # (B, W) each
            box_muller(*words[:2], out=part[:, :2])
            box_muller(*words[2:], out=part[:, 2:])
    return noise.flatten(2, 3)


def _mix(x: Tensor, y: Tensor, z: Tensor, w: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    x = x + y * w
    y = y + z * x
    z = z + x * y
    w = w + y * z
    return x, y, z, w
