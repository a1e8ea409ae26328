"""The replicated border against torch's own padding."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from tests.ops.helpers import assert_computes, every_dtype
from texnet.ops import replicate_pad


@every_dtype
@pytest.mark.parametrize("size", [(4, 7), (1, 3), (2, 2), (1, 1)])
def test_it_is_torchs_replication_forward_and_backward(dtype: torch.dtype, size: tuple[int, int]) -> None:
    x = torch.randn(2, 3, *size)
    assert_computes(replicate_pad, lambda x: F.pad(x, (1, 1, 1, 1), mode="replicate"), (x,), dtype)


@pytest.mark.parametrize("margins", [(1, 1, 1, 0), (1, 1, 0, 1), (0, 0, 1, 0), (0, 1, 0, 0)], ids=str)
@pytest.mark.parametrize("size", [(4, 7), (1, 1)], ids=str)
def test_sides_may_be_left_out(margins: tuple[int, int, int, int], size: tuple[int, int]) -> None:
    x = torch.randn(2, 3, *size)
    assert_computes(lambda x: replicate_pad(x, margins), lambda x: F.pad(x, margins, mode="replicate"), (x,), torch.float32)


def test_features_and_gradient_are_channels_last() -> None:
    x = torch.randn(2, 3, 4, 7, requires_grad=True)
    padded = replicate_pad(x)
    (gradient,) = torch.autograd.grad(padded, x, torch.randn_like(padded))
    assert padded.is_contiguous(memory_format=torch.channels_last)
    assert gradient.is_contiguous(memory_format=torch.channels_last)
