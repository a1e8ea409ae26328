"""Measures of a painted picture and of a painter, each a plain function of tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.rng import make_generator

Paint = Callable[[Tensor], Tensor]  # (N, 3, H, W) in [0, 1] -> the same size and range
NOISE_STEP = 2 / 255  # deviation of the disturbance in noise_gain, of the range of a pixel
SHIFTS = ((0.0, 1.0), (1.0, 0.0), (0.5, 0.5))  # down, right, in pixels
SHIFT_MARGIN = 8  # pixels at the border that a shifted picture cannot know


def ssim(a: Tensor, b: Tensor) -> float:
    """Structural similarity of two pictures, (1, 3, H, W) in [0, 1], by scikit-image: 1 for equal ones (Wang et al. 2004)."""
    from skimage.metrics import structural_similarity

    similarity: Any = structural_similarity
    return float(similarity(a[0].cpu().numpy(), b[0].cpu().numpy(), channel_axis=0, data_range=1.0))


def feature_distance(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> float:
    """How different pictures look, mean over those of a batch; see :func:`feature_distances`."""
    return feature_distances(a, b).mean().item()


def feature_distances(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> Tensor:
    """How different pictures look, per picture, (N,): LPIPS (Zhang et al. 2018) without its learned weights.

    Features of some layers, each (N, C, H, W), are brought to length 1 at each position; the squared differences are
    summed over channels and averaged over positions and layers. 0 for equal pictures, 4 at most.
    """
    distances = [(_unit(a[name]) - _unit(b[name])).square().sum(1).mean((1, 2)) for name in a]
    return torch.stack(distances).mean(0)


def progress(moves: Tensor, full: int) -> list[float]:
    """P: the share of the way from photo to full style that is gone at each point of a dial, mean over pictures.

    ``moves``, (points - 1, N), are the :func:`feature_distances` of neighboring points, the photo being point 0 and full
    style point ``full``. They are squares, so their roots are lengths, and the way to a point is the sum of those before
    it, as scales of equal visible steps are made (Fechner 1860). Hence P is 0 for the photo, 1 at full style, and never
    falls; 0 throughout for pictures that do not change.
    """
    lengths = F.pad(moves.double().sqrt().cumsum(0), (0, 0, 1, 0))  # (points, N)
    return [float(share) for share in (lengths / lengths[full].clamp(min=1e-12)).mean(1)]


def contrast_ratio(outputs: Sequence[Tensor], texture: Tensor) -> list[float]:
    """Standard deviation of the outputs, each (1, 3, H, W), over the style picture's, for R, G and B; 1 = as strong."""
    deviations = torch.stack([output.std((0, 2, 3)) for output in outputs]).mean(0)
    return [float(ratio) for ratio in deviations / texture.std((0, 2, 3)).clamp(min=1e-6)]


def noise_gain(paint: Paint, photo: Tensor) -> float:
    """RMS(paint(x + n) - paint(x)) / RMS(n) for slight noise n: how much a camera's grain would flicker."""
    noise = torch.randn(photo.shape, generator=make_generator(0, "noise gain")) * NOISE_STEP
    return (_rms(paint(photo + noise) - paint(photo)) / _rms(noise)).item()


def shift_consistency(paint: Paint, photo: Tensor) -> float:
    """RMS of paint(shifted x) - shifted paint(x) over the contrast of paint(x), mean over shifts by up to a pixel.

    0 where the strokes move with the picture.
    """
    still = paint(photo)
    inside = (..., slice(SHIFT_MARGIN, -SHIFT_MARGIN), slice(SHIFT_MARGIN, -SHIFT_MARGIN))
    errors = [_rms((paint(_shift(photo, *shift)) - _shift(still, *shift))[inside]) for shift in SHIFTS]
    return (torch.stack(errors).mean() / still.std((2, 3)).mean().clamp(min=1e-6)).item()


def seed_diversity(a: Tensor, b: Tensor) -> float:
    """RMS of the difference of two pictures of equal shape, (1, 3, H, W), over that of two places of such pictures.

    0 for equal ones, 1 for such as have no more in common than two pixels drawn from them by chance.
    """
    apart = math.sqrt(2) * torch.cat([a, b]).std((0, 2, 3)).square().mean().sqrt()
    return (_rms(a - b) / apart.clamp(min=1e-6)).item()


def seam(image: Tensor) -> float:
    """How much a picture, (1, 3, H, W), changes across the seams of its repetition, over its change between neighbors inside.

    1 where opposite edges go on in each other as all other rows and columns do; mean of both directions.
    """
    ratios = []
    for axis in (2, 3):
        *inside, across = (image.roll(-1, axis) - image).abs().mean([a for a in range(4) if a != axis]).tolist()
        ratios.append(across / max(sum(inside) / len(inside), 1e-6))
    return sum(ratios) / len(ratios)


def rising(values: Sequence[float]) -> list[bool]:
    """Which steps along a curve go up."""
    return [after > before for before, after in pairwise(values)]


def largest_step(lengths: Sequence[float]) -> float:
    """The longest step of a walk over the mean step: 1 for an even walk, much more where there is a jump."""
    mean = sum(lengths) / len(lengths)
    return max(lengths) / mean if mean else 1.0


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of numbers >= 0: 0 where one of them is."""
    if min(values) == 0:
        return 0.0
    return math.exp(sum(map(math.log, values)) / len(values))


def equivalent_steps(losses: Sequence[float], loss: float) -> float:
    """After how many steps of an optimization its loss falls to ``loss``; ``losses`` are those after 0, 1, 2, ... steps.

    Between two steps a share is counted; the number of all steps where the optimization never gets there.
    """
    best = math.inf
    for number, value in enumerate(losses):
        if value <= loss:
            return number - (loss - value) / (best - value) if number else 0.0
        best = min(best, value)
    return float(len(losses) - 1)


def _unit(features: Tensor) -> Tensor:
    return F.normalize(features.float(), dim=1, eps=1e-10)


def _rms(x: Tensor) -> Tensor:
    return x.square().mean().sqrt()


def _shift(image: Tensor, down: float, right: float) -> Tensor:
    """Move a picture by parts of a pixel, bilinearly, its border continued."""
    _, _, height, width = image.shape
    rows = torch.arange(height, device=image.device) - down
    columns = torch.arange(width, device=image.device) - right
    grid = torch.stack(
        [
            (2 * columns / (width - 1) - 1).expand(height, width),
            (2 * rows / (height - 1) - 1)[:, None].expand(height, width),
        ],
        dim=-1,
    )  # (H, W, 2): x, y in [-1, 1]
    return F.grid_sample(image, grid.expand(len(image), -1, -1, -1), mode="bilinear", padding_mode="border", align_corners=True)
