"""Metrics of how much a stylized video flickers, each a plain function; frames are RGB in [0, 1], (1, 3, H, W)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean, median
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.metrics import luminance, rms
from texnet.rng import make_generator
from texnet.video.motion import move

Paint = Callable[[Tensor], Tensor]  # a frame to its painting; called with the frames of a video in order
Begin = Callable[[], Paint]  # what begins a video
MARGIN = 24  # pixels at each border that are left out of a pan, and that are kept for it
SENSOR_NOISE = 2 / 255  # standard deviation of a camera's noise
RAMP = (1.0, 1.1, 0.9, 1.0)  # exposure passes from one to the next
OCCLUSION = (0.01, 0.5)  # of the squared length of flows there and back, and pixels: more apart is hidden (Ruder et al. 2016)


def pan_flicker(begin: Begin, photo: Tensor, step: tuple[float, float], frames: int = 4) -> float:
    """How much of the contrast flickers in a pan over a photo by (down, right) pixels a frame, multiples of a half.

    Root mean square of the difference of a frame and the one before, moved by the pan, over their standard deviation: 0 where
    strokes move with the picture. The photo, (1, 3, H, W), has twice the resolution of the frames, whose pixels are means of
    four of its own: so frames at half a pixel are as sharp as the others.
    """
    down, right = (round(2 * side) for side in step)
    height, width = ((side - frames * abs(way)) // 2 * 2 for side, way in zip(photo.shape[2:], (down, right), strict=True))
    paint = begin()
    outputs = []
    for number in range(frames):
        top, left = number * down, number * right
        outputs.append(paint(F.avg_pool2d(photo[..., top : top + height, left : left + width], 2)))
    center = (..., slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
    errors = [rms((after - _pan(before, *step))[center]) for before, after in pairwise(outputs)]
    return float(torch.stack(errors).mean() / outputs[0].std((2, 3)).mean().clamp(min=1e-6))


def static_deviation(begin: Begin, photo: Tensor, frames: int = 6) -> float:
    """Temporal standard deviation of a static clip with a sensor's noise, painted, over that of the clip itself."""
    generator = make_generator(0, "sensor noise")
    clip = [(photo + SENSOR_NOISE * torch.randn(photo.shape, generator=generator)).clamp(0, 1) for _ in range(frames)]
    paint = begin()
    outputs = [paint(frame) for frame in clip]
    deviations = [torch.cat(each).var(0).mean().sqrt() for each in (outputs, clip)]
    return float(deviations[0] / deviations[1])


def exposure_pop(begin: Begin, photo: Tensor, frames: int = 25) -> float:
    """The largest over the median step, RMS of neighboring frames, while a still's exposure goes up and down by 10 %."""
    paint = begin()
    place = torch.linspace(0, len(RAMP) - 1, frames)
    gains = [torch.lerp(torch.tensor(RAMP[int(p)]), torch.tensor(RAMP[min(int(p) + 1, len(RAMP) - 1)]), p % 1) for p in place]
    outputs = [paint((photo * gain).clamp(0, 1)) for gain in gains]
    steps = [float(rms(after - before)) for before, after in pairwise(outputs)]
    return max(steps) / max(median(steps), 1e-8)


def noise_gain(begin: Begin, photo: Tensor) -> float:
    """RMS of what weak noise on the second frame of a static clip changes in the painting, over the noise's."""
    noise = SENSOR_NOISE * torch.randn(photo.shape, generator=make_generator(0, "noise gain"))
    paint = begin()
    before = paint(photo)
    return float(rms(paint(photo + noise) - before) / rms(noise))


def find_flows(frames: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """For each frame but the last its flow to the next, (2, H, W) down and right in pixels, and where it holds, (H, W).

    TV-L1 (Zach et al. 2007) by scikit-image, on luminance; it holds where the flow back leads to where it began.
    """
    from skimage.registration import optical_flow_tvl1

    find: Any = optical_flow_tvl1
    gray = [luminance(frame)[0, 0].numpy() for frame in frames]
    flows = []
    for before, after in pairwise(gray):
        there, back = (torch.from_numpy(find(a, b)).float() for a, b in ((before, after), (after, before)))
        returned = warp(back[:, None], there)[:, 0]  # (2, H, W)
        lengths = there.square().sum(0) + returned.square().sum(0)
        flows.append((there, (there + returned).square().sum(0) < OCCLUSION[0] * lengths + OCCLUSION[1]))
    return flows


def warping_error(outputs: Sequence[Tensor], flows: Sequence[tuple[Tensor, Tensor]]) -> float:
    """The mean squared difference of frames and the ones after, brought back by the flow, where it holds (Lai et al. 2018)."""
    errors = []
    for (before, after), (flow, holds) in zip(pairwise(outputs), flows, strict=True):
        errors.append(float((before - warp(after, flow)).square().mean(1)[0][holds].mean()))
    return fmean(errors)


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """What pictures (N, C, H, W) show where a flow, (2, H, W) down and right in pixels, leads to, bilinearly."""
    height, width = image.shape[2:]
    rows = torch.arange(height)[:, None] + flow[0]
    columns = torch.arange(width) + flow[1]
    grid = torch.stack([2 * columns / (width - 1) - 1, 2 * rows / (height - 1) - 1], dim=-1)  # (H, W, 2)
    grid = grid.expand(len(image), -1, -1, -1)
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=True)


def _pan(image: Tensor, down: float, right: float) -> Tensor:
    """What a frame shows after the camera went down and right by pixels; its border is rolled around."""
    whole = round(down), round(right)
    rolled = image.roll((-whole[0], -whole[1]), (2, 3))
    return move(rolled, whole[0] - down, whole[1] - right)
