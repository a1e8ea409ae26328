"""The noise factor over time: one for the whole video, or several with the seconds at which they hold, and lines between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from texnet.config.stylize import TimedFactor
from texnet.errors import UserError

if TYPE_CHECKING:
    from texnet.stylize import Stylizer


class FactorSchedule:
    """The noise factor at each time of a video, from ``--noise_factor``; UserError for values that leave it open."""

    def __init__(self, factors: Sequence[float]) -> None:
        timed = [factor for factor in factors if isinstance(factor, TimedFactor)]
        if len(factors) > 1 and len(timed) < len(factors):
            words = " ".join(f"{factor:g}" for factor in factors)
            raise UserError(f"--noise_factor {words}: a video has one, or several with their seconds, such as 0:0 3:1")
        self.keys = sorted((factor.seconds, float(factor)) for factor in timed) or [(0.0, float(factors[0]))]
        if any(a == b for (a, _), (b, _) in pairwise(self.keys)):
            raise UserError("--noise_factor: two factors at the same second; give one")

    @property
    def is_constant(self) -> bool:
        """Whether it never changes."""
        return len({factor for _, factor in self.keys}) == 1

    def check(self, networks: Iterable[Stylizer]) -> None:
        """UserError where a network was trained for one factor alone, and this changes."""
        if not self.is_constant:
            for fixed in (network.fixed_noise_factor for network in networks if network.fixed_noise_factor):
                raise UserError(f"--noise_factor: this network paints at {fixed:g} alone; give one factor for the whole video")

    def at(self, seconds: float) -> float:
        """The factor at a time: before the first and after the last key it is theirs."""
        for (begin, low), (end, high) in pairwise([(float("-inf"), self.keys[0][1]), *self.keys]):
            if seconds < end:
                return low if low == high else low + (high - low) * (seconds - begin) / (end - begin)
        return self.keys[-1][1]
