"""Stylizing: what larger pictures cost, and those that do not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from texnet.benchmark import BenchmarkSetup
from texnet.benchmark.setup import NETWORKS, build_network
from texnet.benchmark.stylizing import StylizingSpeed, measure_stylizing, peak_bytes
from texnet.config import BenchmarkConfig
from texnet.reporting.tables import MISSING

IMMENSE = "99999x99999"


@pytest.mark.parametrize("name", NETWORKS)
def test_both_stylize_pictures_of_any_size(name: str, setup: BenchmarkSetup) -> None:
    output = build_network(name, setup).stylize(torch.rand(1, 3, 37, 50))
    assert output.shape == (1, 3, 37, 50)
    assert not output.requires_grad
    assert output.min() >= 0 and output.max() <= 1


@pytest.fixture(scope="module")
def speed(setup: BenchmarkSetup) -> StylizingSpeed:
    """Of a small picture and of one that fits nowhere, ours in bfloat16."""
    config = BenchmarkConfig(sizes=("80x64", IMMENSE), rounds=1)
    return measure_stylizing(replace(setup, precision=torch.bfloat16), config)


@pytest.mark.slow
def test_a_larger_picture_needs_more_memory(setup: BenchmarkSetup, speed: StylizingSpeed) -> None:
    assert speed.sizes["80x64"].ours
    small = speed.sizes["80x64"].ours.peak_bytes
    large = peak_bytes("ours", replace(setup, precision=torch.bfloat16), 384, 384)
    assert small is not None and large is not None
    assert small < large
    assert large >= 2 * 3 * 4 * 384**2  # the picture and the output are there at once


@pytest.mark.slow
def test_a_process_that_fails_is_an_error_and_not_a_picture_that_is_too_large(setup: BenchmarkSetup) -> None:
    with pytest.raises(RuntimeError, match="measuring the memory of nobody at 64x32 ended with code 1"):
        peak_bytes("nobody", setup, 32, 64)


@pytest.mark.slow
def test_every_size_has_a_row_and_what_does_not_fit_has_dashes(speed: StylizingSpeed) -> None:
    fitting, immense = speed.sizes["80x64"], speed.sizes[IMMENSE]
    assert fitting.ours and fitting.baseline and fitting.ratio
    assert fitting.ours.peak_bytes is not None and fitting.baseline.peak_bytes is not None
    assert (immense.ours, immense.baseline, immense.ratio) == (None, None, None)
    rows = speed.table().rows
    assert [row[0] for row in rows] == ["80x64", IMMENSE]
    assert MISSING not in rows[0] and set(rows[1][1:]) == {MISSING}


@pytest.mark.slow
def test_ours_computes_in_the_number_format_that_is_asked_for_and_the_baseline_in_float32(speed: StylizingSpeed) -> None:
    costs = speed.sizes["80x64"]
    assert costs.ours and costs.baseline
    assert (costs.ours.precision, costs.baseline.precision) == ("bfloat16", "float32")
    assert "texnet in bfloat16, pytorch/examples in float32" in speed.table().title


def test_the_output_in_float32_differs_from_that_in_bfloat16(setup: BenchmarkSetup) -> None:
    image = torch.rand(1, 3, 37, 50)
    pictures = []
    for precision in (torch.float32, torch.bfloat16):
        torch.manual_seed(0)
        pictures.append(build_network("ours", replace(setup, precision=precision)).stylize(image))
    assert not torch.equal(*pictures)
