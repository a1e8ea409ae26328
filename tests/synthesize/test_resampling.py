"""Cubic resampling along an axis."""

from __future__ import annotations

import pytest
import torch

from texnet.synthesize.synthesizer import resampling


def test_its_weights_add_up_to_one() -> None:
    sums = resampling(range(5, 80), 128, 120).weights.sum(1)
    torch.testing.assert_close(sums, torch.ones(75))


def test_the_same_length_is_the_same_picture() -> None:
    found = resampling(range(3, 9), 64, 64)
    values = torch.arange(found.source.start, found.source.stop).float()
    assert torch.equal(found.weights @ values, torch.arange(3, 9).float())


@pytest.mark.parametrize("wanted", [range(0, 10), range(90, 100)])
def test_a_slope_stays_a_slope(wanted: range) -> None:
    found = resampling(wanted, 128, 100)
    values = torch.arange(found.source.start, found.source.stop) + 0.5
    torch.testing.assert_close(found.weights @ values, 1.28 * (torch.tensor(wanted) + 0.5), rtol=1e-4, atol=1e-4)


def test_parts_are_the_whole() -> None:
    plane = torch.rand(64)
    whole = resampling(range(50), 64, 50)
    part = resampling(range(20, 30), 64, 50)
    values = [plane[torch.tensor(found.source) % 64] for found in (whole, part)]
    torch.testing.assert_close((whole.weights @ values[0])[20:30], part.weights @ values[1])
