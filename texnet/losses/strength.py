"""What a noise factor asks for: how style and content weigh against each other at each strength.

Up to 1 the style's weight grows exponentially with the factor, as the eye sees it: near 0 most of the change is spent
on little weight. From 1 on it grows evenly, without a bend: an exponential would soon ask for a pure texture, and
learning that spoils the strengths below. The two shares are bounded, so that gradients keep their size at every strength,
and both are 1 at factor 1, where the loss is the plain weighted sum.
"""

from __future__ import annotations

import math

from torch import Tensor

STEEPNESS = 4.0


def loss_shares(noise_factor: Tensor) -> tuple[Tensor, Tensor]:
    """Style and content share for noise factors, (N,) >= 0: their ratio is 0 at 0, 1 at 1, and rises throughout."""
    ratio = (STEEPNESS * noise_factor.clamp(max=1)).expm1() / math.expm1(STEEPNESS)
    slope_at_one = STEEPNESS / -math.expm1(-STEEPNESS)
    ratio = ratio + slope_at_one * (noise_factor - 1).clamp(min=0)
    return 2 * ratio / (1 + ratio), 2 / (1 + ratio)
