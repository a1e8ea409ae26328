"""Oklab and the way back."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from texnet.oklab import from_oklab, to_oklab


def all_colors(step: int) -> Tensor:
    """A grid of sRGB colors with black, white and all corners: (1, 3, K, K * K)."""
    levels = torch.arange(0, 256, step) / 255
    return torch.stack(torch.meshgrid(levels, levels, levels, indexing="ij")).reshape(1, 3, len(levels), -1)


@pytest.mark.parametrize(
    ("color", "lab"),  # by the reference implementation of Ottosson 2020
    [
        ((1, 1, 1), (1, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (0.627955, 0.224863, 0.125846)),
        ((0, 1, 0), (0.866440, -0.233888, 0.179498)),
        ((0, 0, 1), (0.452014, -0.032457, -0.311528)),
    ],
)
def test_known_colors_are_where_they_should_be(color: tuple[float, ...], lab: tuple[float, ...]) -> None:
    found = to_oklab(torch.tensor(color).float().view(1, 3, 1, 1)).flatten()
    torch.testing.assert_close(found, torch.tensor(lab).float(), rtol=0, atol=2e-5)


def test_every_color_of_srgb_comes_back() -> None:
    colors = all_colors(15)
    torch.testing.assert_close(from_oklab(to_oklab(colors)), colors, rtol=0, atol=0.2 / 255)


def test_a_color_that_srgb_lacks_keeps_lightness_and_hue_and_as_much_chroma_as_there_is() -> None:
    lab = to_oklab(all_colors(51))
    lab[:, :1] = 0.15 + 0.7 * lab[:, :1]
    lab[:, 1:] *= 3
    back = from_oklab(lab)
    assert back.min() >= 0 and back.max() <= 1
    found = to_oklab(back)
    torch.testing.assert_close(found[:, 0], lab[:, 0], rtol=0, atol=0.01)
    chroma, wanted = found[:, 1:].norm(dim=1), lab[:, 1:].norm(dim=1)
    colored = chroma > 0.02
    angles = [torch.atan2(x[:, 2], x[:, 1])[colored] for x in (found, lab)]
    turned = (angles[0] - angles[1]).remainder(2 * math.pi)
    assert torch.minimum(turned, 2 * math.pi - turned).max() < 0.1
    reduced = (chroma < 0.99 * wanted) & (wanted > 0.02)
    assert reduced.any() and (chroma <= 1.02 * wanted + 1e-3).all()
    edges = torch.minimum(back.amin(1), 1 - back.amax(1))[reduced]  # they lie on the border of sRGB
    assert edges.max() < 1 / 255


def test_lightness_beyond_white_and_black_is_white_and_black() -> None:
    lab = torch.zeros(1, 3, 1, 2)
    lab[0, 0, 0] = torch.tensor([-0.3, 1.4])
    assert from_oklab(lab)[0, :, 0].T.tolist() == [[0, 0, 0], pytest.approx([1, 1, 1], abs=1e-5)]
