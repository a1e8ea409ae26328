"""Trainings that take a moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def coarse_calibration() -> Iterator[None]:
    """Few points: the calibration of these trainings does not matter, and takes longer than their steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("texnet.training.calibrate.COARSE_STEPS", (2, 2))
        patch.setattr("texnet.training.calibrate.STEPS", (4, 2))
        yield
