"""The calibration: which factor a generator must get so that noise factor f covers the share f of the perceptual path.

A generator responds to its uncalibrated factor as its training made it, differently for every style. The path is measured
after training (:mod:`texnet.training.calibrate`) and stored with the generator; whatever stylizes applies this map.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LEAST_SLOPE = 1e-3  # of the path over the uncalibrated factor: keeps the map strictly rising where a picture does not change


@dataclass(frozen=True)
class Calibration:
    """Pairs of noise factor and uncalibrated factor, both rising; no pairs: every factor is left as it is."""

    noise_factors: tuple[float, ...] = ()
    uncalibrated_factors: tuple[float, ...] = ()

    def uncalibrated(self, noise_factor: float) -> float:
        """The uncalibrated factor for a noise factor between 0 and the largest; 0 gives 0 and 1 gives 1 exactly.

        Monotone cubic interpolation (Fritsch & Butland 1984): no step, no corner, no turning back.
        """
        if not self.noise_factors:
            return float(noise_factor)
        k = min(bisect_right(self.noise_factors, noise_factor), len(self.noise_factors) - 1)
        (left, right), (low, high) = self.noise_factors[k - 1 : k + 1], self.uncalibrated_factors[k - 1 : k + 1]
        t, rise = (noise_factor - left) / (right - left), high - low
        begin, end = (slope * (right - left) for slope in self._slopes[k - 1 : k + 1])
        return low + t * (begin + t * (3 * rise - 2 * begin - end + t * (begin + end - 2 * rise)))

    @property
    def _slopes(self) -> list[float]:
        """Of the interpolation at each pair: weighted harmonic means of the two sides', at the ends the one side's."""
        widths = [b - a for a, b in pairwise(self.noise_factors)]
        sides = [(b - a) / width for (a, b), width in zip(pairwise(self.uncalibrated_factors), widths, strict=True)]
        inner = [
            3 * (before + after) / ((2 * after + before) / left + (after + 2 * before) / right)
            for (left, right), (before, after) in zip(pairwise(sides), pairwise(widths), strict=True)
        ]
        return [sides[0], *inner, sides[-1]]


def fit_calibration(uncalibrated_factors: Sequence[float], progress: Sequence[float], max_noise_factor: float) -> Calibration:
    """The calibration of a generator from its path length, ``progress``, at rising uncalibrated factors, 0 and 1 among them.

    Up to 1, noise factor f gives the share f of the path length from photo to full style; beyond, the share
    (f - 1) / (max_noise_factor - 1) of the path from full style to the strongest: with 2 for that, 1.5 is half-way. The last
    uncalibrated factor is what ``max_noise_factor`` gives. ``progress`` must not fall, as a length does not, so an isotonic fit
    would change nothing.
    """
    full = list(uncalibrated_factors).index(1.0)
    below = _even(uncalibrated_factors[: full + 1], progress[: full + 1])
    above = _even(uncalibrated_factors[full:], progress[full:])
    stretched = [1 + (max_noise_factor - 1) * share for share in above]
    return Calibration((*below, *stretched[1:]), tuple(uncalibrated_factors))


def mix_calibrations(parts: Sequence[tuple[Calibration, float]]) -> Calibration:
    """The calibration of a blend: at each noise factor the mean of the uncalibrated factors, by shares that add up to 1.

    Means of maps that rise from 0 to 0 through 1 to 1 do so too.
    """
    noise_factors = sorted({factor for calibration, _ in parts for factor in calibration.noise_factors})
    if not noise_factors:
        return Calibration()
    means = [sum(share * calibration.uncalibrated(factor) for calibration, share in parts) for factor in noise_factors]
    return Calibration(tuple(noise_factors), tuple(means))


def _even(uncalibrated_factors: Sequence[float], progress: Sequence[float]) -> list[float]:
    """A part of the path, scaled to 0..1, strictly rising; the uncalibrated factors themselves where it has no length."""
    linear, measured = _unit_range(uncalibrated_factors), _unit_range(progress)
    slope = LEAST_SLOPE if progress[-1] > progress[0] else 1.0
    return [share + slope * (place - share) for place, share in zip(linear, measured, strict=True)]


def _unit_range(values: Sequence[float]) -> list[float]:
    span = (values[-1] - values[0]) or 1.0
    return [(value - values[0]) / span for value in values]
