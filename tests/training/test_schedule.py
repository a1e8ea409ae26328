"""How far training is, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from texnet.training.schedule import Schedule, growing_crops

HUNDRED = Schedule(total_steps=100, total_seconds=0, learning_rate=0.5, warmup_steps=10, crop_size=256, progressive_crops=False)
GROWING = replace(HUNDRED, progressive_crops=True)
SHARES = st.floats(0, 1)


def test_progress_is_the_share_of_the_steps() -> None:
    assert [HUNDRED.progress(steps, 1e9) for steps in (0, 25, 100, 130)] == [0.0, 0.25, 1.0, 1.0]


def test_progress_is_the_share_of_the_time() -> None:
    minute = replace(HUNDRED, total_steps=0, total_seconds=60)
    assert [minute.progress(10**9, seconds) for seconds in (0, 15, 60, 61)] == [0.0, 0.25, 1.0, 1.0]


@pytest.mark.parametrize(("steps", "seconds", "progress"), [(10, 30.0, 0.5), (70, 30.0, 0.7)])
def test_of_two_limits_the_nearer_one_counts(steps: int, seconds: float, progress: float) -> None:
    assert replace(HUNDRED, total_seconds=60).progress(steps, seconds) == progress


def test_the_learning_rate_warms_up_in_equal_steps() -> None:
    rates = [HUNDRED.learning_rate_at(step, 0.0) for step in range(10)]
    assert rates == pytest.approx([0.05 * (step + 1) for step in range(10)])


def test_without_warm_up_the_learning_rate_begins_at_its_peak() -> None:
    assert replace(HUNDRED, warmup_steps=0).learning_rate_at(0, 0.0) == 0.5


def test_after_the_warm_up_the_learning_rate_is_half_a_cosine() -> None:
    rates = [HUNDRED.learning_rate_at(50, progress) for progress in (0.0, 0.5, 1.0)]
    assert rates == pytest.approx([0.5, 0.25, 0.0])


@settings(deadline=None, max_examples=50)
@given(first=SHARES, second=SHARES)
def test_after_the_warm_up_the_learning_rate_never_rises(first: float, second: float) -> None:
    early, late = sorted((first, second))
    assert HUNDRED.learning_rate_at(50, early) >= HUNDRED.learning_rate_at(50, late)


@settings(deadline=None, max_examples=50)
@given(progress=SHARES, crop_size=st.integers(32, 600))
def test_without_growth_crops_have_the_full_size_throughout(progress: float, crop_size: int) -> None:
    assert replace(HUNDRED, crop_size=crop_size).crop_size_at(progress) == crop_size


@settings(deadline=None, max_examples=50)
@given(progress=SHARES, crop_size=st.integers(32, 600))
def test_growing_crops_are_a_multiple_of_sixteen_or_full(progress: float, crop_size: int) -> None:
    size = replace(GROWING, crop_size=crop_size).crop_size_at(progress)
    assert size == crop_size or (32 <= size < crop_size and size % 16 == 0)


@settings(deadline=None, max_examples=50)
@given(first=SHARES, second=SHARES, crop_size=st.integers(32, 600))
def test_growing_crops_never_shrink(first: float, second: float, crop_size: int) -> None:
    early, late = sorted((first, second))
    schedule = replace(GROWING, crop_size=crop_size)
    assert schedule.crop_size_at(early) <= schedule.crop_size_at(late)


def test_growing_crops_begin_smaller_and_end_full() -> None:
    assert GROWING.crop_size_at(0.0) < 256
    assert GROWING.crop_size_at(0.999) == 256


@settings(deadline=None, max_examples=50)
@given(progress=st.floats(0, 1, exclude_max=True), crop_size=st.integers(32, 600))
def test_the_stages_of_growing_crops_are_what_a_training_goes_through(progress: float, crop_size: int) -> None:
    stages = growing_crops(crop_size)
    ends = list(accumulate(share for share, _ in stages))
    size = next(size for end, (_, size) in zip(ends, stages, strict=True) if progress < end)
    assert ends[-1] == 1.0
    assert size == replace(GROWING, crop_size=crop_size).crop_size_at(progress)


def test_reserved_time_is_taken_off_the_minutes_but_never_more_than_half_of_them() -> None:
    minute = replace(HUNDRED, total_steps=0, total_seconds=60)
    assert [minute.reserve(seconds).total_seconds for seconds in (0, 12, 45)] == [60, 48, 30]


def test_without_a_limit_in_time_nothing_is_reserved() -> None:
    assert HUNDRED.reserve(12) == HUNDRED


@pytest.mark.parametrize("schedule", [HUNDRED, GROWING])
def test_the_time_left_is_unknown_before_the_first_step(schedule: Schedule) -> None:
    assert schedule.remaining_seconds(0, 0.0) == math.inf


@pytest.mark.parametrize("schedule", [HUNDRED, GROWING])
def test_no_time_is_left_at_the_end(schedule: Schedule) -> None:
    assert schedule.remaining_seconds(100, 50.0) == pytest.approx(0, abs=1e-9)


def test_with_crops_of_one_size_every_step_takes_as_long() -> None:
    assert HUNDRED.remaining_seconds(25, 10.0) == pytest.approx(30.0)


def test_later_steps_of_growing_crops_take_longer() -> None:
    assert GROWING.remaining_seconds(25, 10.0) > 30.0


def test_the_time_left_is_never_more_than_the_limit_leaves() -> None:
    assert replace(HUNDRED, total_seconds=12).remaining_seconds(25, 10.0) == 2.0


def test_the_time_left_is_what_the_limit_leaves_where_there_is_no_other() -> None:
    assert replace(HUNDRED, total_steps=0, total_seconds=12).remaining_seconds(25, 10.0) == 2.0
