"""The part of a crop that the loss looks at: all but a margin, at a place that changes from step to step.

Seen whole, and always at the same phase of VGG's poolings, a generator learns what only VGG's zero padding asks for, a
frame along the border, and hides a grid of two or four pixels between the poolings. Deviation from Johnson et al. 2016.
"""

from __future__ import annotations

import torch

MARGIN = 16  # pixels that are left out along each axis: a multiple of all poolings together
SMALLEST = 16  # VGG needs as many

Window = tuple[slice, slice]
WHOLE: Window = (slice(None), slice(None))


def draw_window(size: int, generator: torch.Generator) -> Window:
    """Rows and columns of a crop of ``size`` pixels that count in this step."""
    margin = min(MARGIN, max(0, size - SMALLEST))
    top, left = torch.randint(margin + 1, (2,), generator=generator).tolist()
    return slice(top, top + size - margin), slice(left, left + size - margin)
