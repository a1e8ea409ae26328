"""Interleaved rows against torch's pixel shuffle."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from tests.ops.helpers import assert_computes, every_dtype
from texnet.ops import interleave


def shuffled(upper: Tensor, lower: Tensor) -> Tensor:
    left_right = [part.unflatten(1, (2, -1)) for part in (upper, lower)]  # (N, 2, C, H, W)
    return F.pixel_shuffle(torch.stack(left_right, 1).permute(0, 3, 1, 2, 4, 5).flatten(1, 3), 2)


@every_dtype
def test_it_is_torchs_pixel_shuffle_with_left_pixels_first(dtype: torch.dtype) -> None:
    upper, lower = torch.randn(2, 6, 4, 7), torch.randn(2, 6, 4, 7).to(dtype)
    assert_computes(interleave, shuffled, (upper, lower), dtype)


def test_the_picture_is_channels_last() -> None:
    upper, lower = (torch.randn(2, 6, 4, 7).contiguous(memory_format=torch.channels_last) for _ in range(2))
    assert interleave(upper, lower).is_contiguous(memory_format=torch.channels_last)
