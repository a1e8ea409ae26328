"""Building blocks of generators against plain formulas."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.generators.layers import DoublingConv


def doubled_and_convolved(x: Tensor, kernel: Tensor, padding_mode: str) -> Tensor:
    doubled = F.interpolate(x, scale_factor=2.0, mode="nearest")
    if padding_mode == "wrapped":
        doubled, padding_mode, margins = F.pad(doubled, (1, 1, 0, 0), mode="circular"), "reflect", (0, 0, 1, 1)
    else:
        margins = (1, 1, 1, 1)
    return F.conv2d(F.pad(doubled, margins, mode=padding_mode), kernel)


@pytest.mark.parametrize("padding_mode", ["reflect", "circular", "wrapped"])
@pytest.mark.parametrize("size", [(5, 8), (1, 3), (1, 1)], ids=str)
def test_a_doubling_convolution_is_one_of_the_doubled_picture(padding_mode: str, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    conv = DoublingConv(3, 4)
    conv.padding_mode = padding_mode
    x = torch.randn(2, 3, *size, requires_grad=True)
    inputs = (x, conv.conv.weight)
    found, expected = conv(x), doubled_and_convolved(x, conv.conv.weight, padding_mode)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert found.is_contiguous(memory_format=torch.channels_last)
    weights = torch.randn_like(expected)
    gradients = torch.autograd.grad(found, inputs, weights), torch.autograd.grad(expected, inputs, weights)
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-4)
