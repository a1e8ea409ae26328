"""Small real objects that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])

Function = Callable[..., Tensor | tuple[Tensor, ...]]


def assert_computes(kernel: Function, formula: Function, inputs: Sequence[Tensor], dtype: torch.dtype) -> None:
    """A kernel gives what a formula gives in float32, forward and gradient, from a first input in ``dtype``."""
    first, *others = (x.detach() for x in inputs)
    narrow = [first.to(dtype).requires_grad_(), *(x.clone().requires_grad_() for x in others)]
    wide = [x.detach().float().requires_grad_() for x in narrow]
    found, expected = _listed(kernel(*narrow)), _listed(formula(*wide))
    _assert_near(found, expected, dtype)
    weights = [torch.randn(y.shape, generator=torch.Generator().manual_seed(5)) for y in expected]
    gradients = torch.autograd.grad(found, narrow, [w.to(y.dtype) for w, y in zip(weights, found, strict=True)])
    assert [g.dtype for g in gradients] == [x.dtype for x in narrow]
    _assert_near(gradients, torch.autograd.grad(expected, wide, weights), dtype)


def _listed(result: Tensor | tuple[Tensor, ...]) -> list[Tensor]:
    return [result] if isinstance(result, Tensor) else list(result)


def _assert_near(found: Sequence[Tensor], expected: Sequence[Tensor], dtype: torch.dtype) -> None:
    for a, b in zip(found, expected, strict=True):
        if dtype == torch.float32:
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)
        else:
            assert a.shape == b.shape
            assert (a.float() - b).norm() / b.norm() < 0.02
