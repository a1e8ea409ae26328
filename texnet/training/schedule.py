"""How far training is, and what follows from it: learning rate and crop size."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

CROP_STAGES = ((0.0, 0.8, 0.5), (0.8, 0.95, 0.75), (0.95, 1.0, 1.0))  # from and until a share of training: of the crop size
CROP_MULTIPLE = 16


@dataclass(frozen=True)
class Schedule:
    """Progress from 0 to 1 through whichever limit is nearer, steps or seconds; 0 = no such limit."""

    total_steps: int
    total_seconds: float
    learning_rate: float
    warmup_steps: int
    crop_size: int
    progressive_crops: bool

    def progress(self, steps: int, seconds: float) -> float:
        """Share of training that is done after so many steps and seconds: 0 to 1; at 1 it ends."""
        by_steps = steps / self.total_steps if self.total_steps else 0.0
        by_time = seconds / self.total_seconds if self.total_seconds else 0.0
        return min(1.0, max(by_steps, by_time))

    def learning_rate_at(self, steps: int, progress: float) -> float:
        """Linear warm-up, then half a cosine down to zero."""
        warmup = min(1.0, (steps + 1) / self.warmup_steps) if self.warmup_steps else 1.0
        return self.learning_rate * warmup * 0.5 * (1 + math.cos(math.pi * progress))

    def crop_size_at(self, progress: float) -> int:
        """Side of the crops in pixels, a multiple of 16 below the full size."""
        if not self.progressive_crops:
            return self.crop_size
        share = next(share for _, until, share in CROP_STAGES if progress < until or until == 1.0)
        return _reduce(self.crop_size, share)

    def reserve(self, seconds: float) -> Schedule:
        """The same schedule with so much less time, at most half of it: time for what follows training."""
        return replace(self, total_seconds=self.total_seconds - min(seconds, self.total_seconds / 2))

    def remaining_seconds(self, steps: int, seconds: float) -> float:
        """Estimate of the time left, by the pixels still to be seen; infinite before the first step."""
        by_time = self.total_seconds - seconds if self.total_seconds else math.inf
        done = self._work(self.progress(steps, 0.0)) if self.total_steps else 0.0
        by_steps = seconds / done * (1 - done) if done else math.inf
        return max(0.0, min(by_time, by_steps))

    def _work(self, progress: float) -> float:
        """Share of all pixels that are seen until a progress."""
        done = total = 0.0
        for begin, until, share in CROP_STAGES:
            cost = share**2 if self.progressive_crops else 1.0
            done += cost * max(0.0, min(progress, until) - begin)
            total += cost * (until - begin)
        return done / total


def growing_crops(crop_size: int) -> list[tuple[float, int]]:
    """What ``progressive_crops`` crops are until they have their full size: shares of training, and their sides in pixels."""
    return [(until - begin, _reduce(crop_size, share)) for begin, until, share in CROP_STAGES]


def _reduce(crop_size: int, share: float) -> int:
    return crop_size if share == 1.0 else max(32, int(crop_size * share) // CROP_MULTIPLE * CROP_MULTIPLE)
