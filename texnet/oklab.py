"""Oklab (Ottosson 2020), a color space in which lightness, hue and chroma are apart, and the way back into sRGB.

Hues stay where lightness or chroma change. In CIELAB they do not: a blue sky turns to teal where strokes are dark, and to
violet where chroma is reduced. Constants: https://bottosson.github.io/posts/oklab/; sRGB's curve: IEC 61966-2-1.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
GAMUT_TOLERANCE = 1e-4  # linear, a third of the smallest step of 8 bits: colors of sRGB itself are never reduced
HALVINGS = 14  # of the interval in which the largest chroma lies


def to_oklab(image: Tensor) -> Tensor:
    """sRGB (..., 3, H, W) in [0, 1] -> lightness in [0, 1] and two opponents, green to red and blue to yellow, within 0.4."""
    linear = torch.where(image <= 0.04045, image / 12.92, _power((image.clamp(min=0) + 0.055) / 1.055, 2.4))
    cones = _mix(TO_CONES, linear)
    return _mix(TO_LAB, cones.sign() * _power(cones.abs(), 1 / 3))  # (..., 3, H, W)


def from_oklab(lab: Tensor) -> Tensor:
    """Oklab (..., 3, H, W) -> sRGB in [0, 1]: a color that sRGB lacks keeps lightness and hue, and loses chroma.

    The chroma is the largest that sRGB has there, found by halving an interval. Clipping R, G and B would change all three.
    """
    lab = torch.cat([lab[..., :1, :, :].clamp(0, 1), lab[..., 1:, :, :]], dim=-3)
    linear = _to_linear(lab)
    outside = ~_in_gamut(linear)  # (..., 1, H, W)
    if outside.any():
        colors = lab.movedim(-3, -1)[outside.squeeze(-3)].mT[..., None]  # (3, K, 1)
        linear.movedim(-3, -1)[outside.squeeze(-3)] = _to_linear(_reduce_chroma(colors))[..., 0].mT
    linear = linear.clamp(0, 1)
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * _power(linear.clamp(min=1e-4), 1 / 2.4) - 0.055)


def _reduce_chroma(lab: Tensor) -> Tensor:
    """Colors outside of sRGB, (3, K, 1) -> the nearest inside, of the same lightness and hue."""
    low = torch.zeros_like(lab[:1])  # (1, K, 1), shares of the chroma
    high = torch.ones_like(low)
    for _ in range(HALVINGS):
        share = (low + high) / 2
        inside = _in_gamut(_to_linear(_scale_chroma(lab, share)))
        low, high = torch.where(inside, share, low), torch.where(inside, high, share)
    return _scale_chroma(lab, low)


def _scale_chroma(lab: Tensor, share: Tensor) -> Tensor:
    return torch.cat([lab[:1], share * lab[1:]])


def _to_linear(lab: Tensor) -> Tensor:
    return _mix(_inverse(TO_CONES), _mix(_inverse(TO_LAB), lab) ** 3)


def _in_gamut(linear: Tensor) -> Tensor:
    return ((linear >= -GAMUT_TOLERANCE) & (linear <= 1 + GAMUT_TOLERANCE)).all(-3, keepdim=True)


@cache
def _inverse(matrix: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, torch.linalg.inv(torch.tensor(matrix, dtype=torch.float64)).tolist()))


def _mix(matrix: tuple[tuple[float, ...], ...], channels: Tensor) -> Tensor:
    """Each channel a sum of the others: (3, 3) times (..., 3, H, W), rounded alike wherever a pixel lies."""
    first, second, third = channels.unbind(-3)
    return torch.stack([a * first + b * second + c * third for a, b, c in matrix], dim=-3)


def _power(x: Tensor, exponent: float) -> Tensor:
    """x ** exponent for x >= 0. Torch's own rounds the last few values of a tensor otherwise than the others."""
    return x.log().mul_(exponent).exp_()
