"""Calibrations of a second, as in the tests of training."""

from __future__ import annotations

from tests.training.conftest import coarse_calibration

__all__ = ["coarse_calibration"]
