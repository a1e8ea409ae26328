"""Stylising: what larger pictures cost, and those that do not fit."""

from __future__ import annotations

import pytest
import torch

from texnet.benchmark import Subject
from texnet.benchmark.memory import peak_bytes
from texnet.benchmark.painters import PAINTERS, build_painter
from texnet.benchmark.results import MISSING
from texnet.benchmark.stylizing import measure_stylizing
from texnet.config import BenchmarkConfig

IMMENSE = "99999x99999"


@pytest.mark.parametrize("name", PAINTERS)
def test_both_paint_pictures_of_any_size(name: str, subject: Subject) -> None:
    painted = build_painter(name, subject).paint(torch.rand(1, 3, 37, 50))
    assert painted.shape == (1, 3, 37, 50)
    assert not painted.requires_grad
    assert painted.min() >= 0 and painted.max() <= 1


def test_a_larger_picture_needs_more_memory(subject: Subject) -> None:
    small, large = (peak_bytes("ours", subject, side, side) for side in (128, 768))
    assert small is not None and large is not None
    assert small < large
    assert large >= 2 * 3 * 4 * 768**2  # the picture and its painting are there at once


def test_a_process_that_fails_is_an_error_and_not_a_picture_that_is_too_large(subject: Subject) -> None:
    with pytest.raises(RuntimeError, match="measuring the memory of nobody at 64x32 ended with code 1"):
        peak_bytes("nobody", subject, 32, 64)


def test_every_size_has_a_row_and_what_does_not_fit_has_dashes(subject: Subject) -> None:
    speed = measure_stylizing(subject, BenchmarkConfig(sizes=("80x64", IMMENSE), rounds=1))
    fitting, immense = speed.sizes["80x64"], speed.sizes[IMMENSE]
    assert fitting.ours and fitting.peer and fitting.ratio
    assert fitting.ours.peak_bytes is not None and fitting.peer.peak_bytes is not None
    assert (immense.ours, immense.peer, immense.ratio) == (None, None, None)
    rows = speed.table().rows
    assert [row[0] for row in rows] == ["80x64", IMMENSE]
    assert MISSING not in rows[0] and set(rows[1][1:]) == {MISSING}
