"""Shares of a step's time: complete, and each operation where it belongs."""

from __future__ import annotations

import pytest
import torch
from torch.profiler import ProfilerActivity, profile, record_function

from texnet.benchmark import BenchmarkSetup
from texnet.benchmark.profile import KINDS, LABELS, OTHER, REST, TimeShares, kind_of, measure_profile, share_out
from texnet.config import BenchmarkConfig
from texnet.generators.conditioning import ConditionalInstanceNorm


@pytest.fixture(scope="module")
def events() -> list[object]:
    """A convolution and its norm under ``paint``, their gradient under ``backward``, a product outside of both."""
    convolution, norm = torch.nn.Conv2d(3, 4, 3), ConditionalInstanceNorm(4)
    image, side = torch.rand(1, 3, 64, 64, requires_grad=True), torch.rand(64, 64)
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        with record_function("generator"):
            total = norm(torch.nn.functional.pad(convolution(image), (1, 1, 1, 1), "reflect"), torch.zeros(1, 8)).sum()
        with record_function("backward"):
            torch.autograd.backward(total)
        side @ side
    return list(profiler.events() or [])


@pytest.mark.slow
def test_the_shares_of_our_step_sum_to_one(setup: BenchmarkSetup) -> None:
    shares = measure_profile(setup, BenchmarkConfig(size=32, rounds=2))
    assert list(shares.parts) == [*LABELS, REST]
    assert list(shares.kinds) == [*KINDS, OTHER]
    for group in (shares.parts, shares.kinds):
        assert sum(group.values()) == pytest.approx(1)
        assert min(group.values()) >= 0
    assert min(shares.parts[name] for name in LABELS) > 0
    assert min(shares.kinds[name] for name in ("convolution", "norm", "padding", "matrix product")) > 0


def test_time_counts_to_the_label_in_which_it_is_spent(events: list[object]) -> None:
    shares = share_out(events, on_cpu=True).parts
    assert min(shares["generator"], shares["backward"], shares[REST]) > 0
    assert shares["loss"] == shares["update"] == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aten::convolution", "convolution"),
        ("aten::convolution_backward", "convolution"),
        ("aten::reflection_pad2d", "padding"),
        ("aten::reflection_pad2d_backward", "padding"),
        ("aten::mm", "matrix product"),
        ("aten::native_group_norm", "norm"),
        ("aten::addcmul", "norm"),
        ("_InstanceNormBackward", "norm"),
        ("generator", OTHER),
    ],
)
def test_an_operation_is_of_its_kind_and_a_norms_passes_are_norm(name: str, kind: str, events: list[object]) -> None:
    assert {kind_of(event) for event in events if getattr(event, "name", "") == name} == {kind}


def test_without_times_from_the_profiler_there_are_no_shares() -> None:
    assert share_out([], on_cpu=False) == TimeShares({}, {})


def test_the_table_shows_every_part_and_the_largest_kind_first() -> None:
    rows = TimeShares({"generator": 0.25, "loss": 0.75}, {"norm": 0.1, "convolution": 0.7, OTHER: 0.2}).table().rows
    assert rows[0] == ["generator", "25.0%", "convolution", "70.0%"]
    assert [row[2] for row in rows] == ["convolution", OTHER, "norm"]
