"""Steps take turns, and what warms up does not count."""

from __future__ import annotations

import pytest
import torch

from texnet.benchmark.timing import alternate


def test_steps_take_turns() -> None:
    order: list[str] = []
    alternate({name: lambda name=name: order.append(name) for name in "abc"}, rounds=2)
    assert "".join(order) == "abcabcabc"


def test_the_first_round_is_left_out() -> None:
    seconds = alternate({"a": lambda: None, "b": lambda: None}, rounds=3)
    assert [len(seconds[name]) for name in "ab"] == [3, 3]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_on_cuda_what_was_started_is_waited_for() -> None:
    device = torch.device("cuda")
    small, large = (torch.ones(side, side, device=device) for side in (64, 8192))
    seconds = alternate({"small": lambda: small @ small, "large": lambda: large @ large}, 3, device)
    assert min(seconds["large"]) > max(seconds["small"])
