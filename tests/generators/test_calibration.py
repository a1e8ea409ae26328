"""The calibrated dial: ends where it should, never turns back, and undoes what was measured."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from texnet.config import from_dict, to_dict
from texnet.generators.calibration import Calibration, fit_calibration

MAX = 2.0
RAW = [0.0, *(i / 20 for i in range(1, 20)), 1.0, 1.25, 1.5, 1.75, MAX]
FACTORS = [i / 200 for i in range(401)]
steps = st.lists(st.floats(0, 1), min_size=len(RAW) - 1, max_size=len(RAW) - 1)


def gone(moves: list[float]) -> list[float]:
    """Progress from the lengths of its parts: 1 at full style, or 0 throughout."""
    lengths = [sum(moves[:i]) for i in range(len(RAW))]
    full = lengths[RAW.index(1.0)]
    return [length / full if full > 1e-6 else 0.0 for length in lengths]


def test_a_dial_that_nobody_calibrated_is_left_as_it_is() -> None:
    assert [Calibration().uncalibrated(factor) for factor in FACTORS] == FACTORS


@settings(deadline=None)
@given(moves=steps)
def test_photo_and_full_style_stay_where_they_are_and_the_last_raw_factor_is_the_largest(moves: list[float]) -> None:
    calibration = fit_calibration(RAW, gone(moves), MAX)
    assert (calibration.uncalibrated(0.0), calibration.uncalibrated(1.0)) == (0.0, 1.0)
    assert calibration.uncalibrated(MAX) == pytest.approx(RAW[-1], abs=1e-9)


@settings(deadline=None)
@given(moves=steps)
def test_more_is_always_more(moves: list[float]) -> None:
    calibration = fit_calibration(RAW, gone(moves), MAX)
    raw = [calibration.uncalibrated(factor) for factor in FACTORS]
    assert all(after > before for before, after in pairwise(raw))


def test_a_network_that_goes_its_way_in_squares_is_given_roots() -> None:
    calibration = fit_calibration(RAW, [factor**2 for factor in RAW], MAX)
    errors = [abs(calibration.uncalibrated(factor) ** 2 - factor) for factor in FACTORS if factor <= 1]
    assert max(errors) < 0.01


def test_beyond_full_style_the_rest_of_the_way_is_shared_out_evenly() -> None:
    progress = [min(factor, 1) + 0.1 * max(0, factor - 1) for factor in RAW]
    calibration = fit_calibration(RAW, progress, MAX)
    assert calibration.uncalibrated(1.5) == pytest.approx(1.5, abs=0.01)


def test_a_dial_that_ends_early_is_stretched_to_its_largest_factor() -> None:
    calibration = fit_calibration(RAW[:-2], RAW[:-2], MAX)
    assert calibration.uncalibrated(MAX) == pytest.approx(1.5)
    assert calibration.uncalibrated(1.5) == pytest.approx(1.25, abs=0.01)


def test_pictures_that_do_not_change_leave_the_dial_as_it_is() -> None:
    calibration = fit_calibration(RAW, [0.0] * len(RAW), MAX)
    assert [calibration.uncalibrated(factor) for factor in FACTORS] == pytest.approx(FACTORS)


def test_a_dial_may_end_at_full_style() -> None:
    calibration = fit_calibration([0.0, 0.5, 1.0], [0.0, 0.8, 1.0], 1.0)
    assert (calibration.uncalibrated(0.0), calibration.uncalibrated(1.0)) == (0.0, 1.0)
    assert calibration.uncalibrated(0.8) == pytest.approx(0.5, abs=1e-3)


def test_it_survives_being_written_as_plain_types() -> None:
    calibration = fit_calibration(RAW, [factor**2 for factor in RAW], MAX)
    assert from_dict(Calibration, json.loads(json.dumps(to_dict(calibration)))) == calibration
