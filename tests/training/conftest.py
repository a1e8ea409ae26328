"""Trainings that take a moment, and a monitor that remembers them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def coarse_calibration() -> Iterator[None]:
    """Few points: the dials of these trainings do not matter, and to measure one takes longer than their steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("texnet.training.calibrate.COARSE_STEPS", (2, 2))
        patch.setattr("texnet.training.calibrate.STEPS", (4, 2))
        yield
