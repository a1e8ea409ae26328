"""Metrics of stylized pictures and of what stylizes them, each a plain function of tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.rng import make_generator

ImageFunction = Callable[[Tensor], Tensor]  # (N, 3, H, W) in [0, 1] -> the same size and range
LUMA = (0.299, 0.587, 0.114)  # of R, G, B (Rec. 601)
FLAT_NORM = 1e-3  # of the deviations of a flat picture from its mean
REGIONS = 60  # superpixels of a photo
NOISE_STEP = 2 / 255  # standard deviation of the noise that noise_gain adds to a photo in [0, 1]
SHIFTS = ((0.0, 1.0), (1.0, 0.0), (0.5, 0.5))  # down, right, in pixels
EDGE_PERCENTILE = 0.95
SHIFT_MARGIN = 8  # pixels at each border that are left out, as a shifted picture has no data there


def ssim(a: Tensor, b: Tensor) -> float:
    """Structural similarity of two pictures, (1, 3, H, W) in [0, 1], by scikit-image: 1 for equal ones (Wang et al. 2004)."""
    from skimage.metrics import structural_similarity

    similarity: Any = structural_similarity
    return float(similarity(a[0].cpu().numpy(), b[0].cpu().numpy(), channel_axis=0, data_range=1.0))


def luminance(image: Tensor) -> Tensor:
    """Luminance (Rec. 601) of RGB pictures of any range: (..., 3, H, W) -> (..., 1, H, W), float32."""
    return (image.float() * torch.tensor(LUMA, device=image.device)[:, None, None]).sum(-3, keepdim=True)


def luminance_correlation(output: Tensor, content: Tensor, scale: int) -> Tensor:
    """Correlation of two pictures in luminance averaged over ``scale`` x ``scale`` pixels: (N, 3, H, W) twice -> (N,), float32.

    1 where light and dark lie in the same places, whatever their brightness, contrast and hue; 0 where they are unrelated, or
    where the output is flat. A flat photo has no light and dark: everything agrees with it.
    """
    a, b = (_centered_luminance(image, scale) for image in (output, content))  # (N, H / scale * W / scale)
    norm = b.norm(dim=1)
    return torch.where(norm < FLAT_NORM, 1.0, (a * b).sum(1) / (a.norm(dim=1) * norm).clamp(min=FLAT_NORM**2))


def region_variance(output: Tensor, photo: Tensor) -> float:
    """Share of the color variance of a picture without its strokes that lies between the photo's regions: 0 to 1.

    Both are (1, 3, H, W) in [0, 1]. The regions are about 60 superpixels (SLIC, Achanta et al. 2012) of the photo; strokes are
    removed by averaging 8x8 pixels. High where each object has colors of its own, low where colors lie anywhere.
    """
    from skimage.segmentation import slic

    labels = slic(photo[0].permute(1, 2, 0).cpu().numpy(), n_segments=REGIONS, start_label=0)
    smooth = F.interpolate(F.avg_pool2d(output.cpu(), 8), output.shape[2:], mode="bilinear")[0].flatten(1)  # (3, H * W)
    regions = torch.from_numpy(labels).flatten()
    counts = torch.bincount(regions).clamp(min=1)
    means = torch.zeros(3, len(counts)).index_add_(1, regions, smooth) / counts  # (3, regions)
    total = smooth.var(1, correction=0).sum()
    between = ((means - smooth.mean(1, keepdim=True)).square() * counts).sum() / smooth.shape[1]
    return float(between / total.clamp(min=1e-8))


def feature_distance(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> float:
    """The mean of :func:`feature_distances` over a batch, in [0, 4]."""
    return feature_distances(a, b).mean().item()


def feature_distances(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> Tensor:
    """Perceptual distance of each pair of pictures, (N,) in [0, 4]: LPIPS (Zhang et al. 2018) without learned weights.

    ``a`` and ``b`` hold features by layer, each (N, C, H, W). They are normalized to length 1 over the channels; the squared
    differences are summed over channels and averaged over positions and layers. 0 for equal pictures.
    """
    distances = [(_unit(a[name]) - _unit(b[name])).square().sum(1).mean((1, 2)) for name in a]
    return torch.stack(distances).mean(0)


def position(begin: Mapping[str, Tensor], between: Mapping[str, Tensor], end: Mapping[str, Tensor]) -> float:
    """Where a picture lies straight between two others, 0 at the begin and 1 at the end, by the roots of their distances.

    Features by layer, each (1, C, H, W), as in :func:`feature_distances`. 0 where all three are equal.
    """
    before, after = feature_distance(begin, between) ** 0.5, feature_distance(between, end) ** 0.5
    return before / max(before + after, 1e-12)


def progress(moves: Tensor, full: int) -> list[float]:
    """Perceptual path length from the photo to each noise factor, over that to full style; the mean of N pictures.

    ``moves``, (points - 1, N), are the :func:`feature_distances` between neighboring noise factors. Point 0 is the photo,
    point ``full`` is full style. A distance is a square, so its root is a length; the path length to a point is the sum of
    the lengths before it, as in scales of equal visible steps (Fechner 1860). The result, one number per point, never falls:
    0 for the photo, 1 at full style. It is 0 throughout for pictures that do not change.
    """
    lengths = F.pad(moves.double().sqrt().cumsum(0), (0, 0, 1, 0))  # (points, N)
    return [float(share) for share in (lengths / lengths[full].clamp(min=1e-12)).mean(1)]


def contrast_ratio(outputs: Sequence[Tensor], texture: Tensor) -> list[float]:
    """Standard deviation of outputs, each (1, 3, H, W), over that of the style picture, for R, G and B; 1 = equal contrast."""
    deviations = torch.stack([output.std((0, 2, 3)) for output in outputs]).mean(0)
    return [float(ratio) for ratio in deviations / texture.std((0, 2, 3)).clamp(min=1e-6)]


def sharpness_ratio(outputs: Sequence[Tensor], texture: Tensor) -> float:
    """How strong the edges of outputs, each (1, 3, H, W), are over those of the style picture, (1, 3, H', W'); 1 = equally.

    The edges of a picture: the 95th percentile of the length of the luminance's gradient, from one pixel to the next.
    """
    return sum(_edge_strength(output) for output in outputs) / len(outputs) / max(_edge_strength(texture), 1e-6)


def noise_gain(stylize: ImageFunction, photo: Tensor) -> float:
    """RMS(G(x + n) - G(x)) / RMS(n) for weak Gaussian noise n on a photo, (1, 3, H, W): how much a camera's noise flickers."""
    noise = torch.randn(photo.shape, generator=make_generator(0, "noise gain")) * NOISE_STEP
    return (rms(stylize(photo + noise) - stylize(photo)) / rms(noise)).item()


def shift_consistency(stylize: ImageFunction, photo: Tensor) -> float:
    """RMS of G(shifted x) - shifted G(x) over the standard deviation of G(x), the mean of shifts by up to a pixel.

    ``photo`` is (1, 3, H, W). 0 where the strokes move with the picture, as when a camera pans; about 1.4 where they have
    nothing in common.
    """
    still = stylize(photo)
    inside = (..., slice(SHIFT_MARGIN, -SHIFT_MARGIN), slice(SHIFT_MARGIN, -SHIFT_MARGIN))
    errors = [rms((stylize(_shift(photo, *shift)) - _shift(still, *shift))[inside]) for shift in SHIFTS]
    return (torch.stack(errors).mean() / still.std((2, 3)).mean().clamp(min=1e-6)).item()


def seed_diversity(a: Tensor, b: Tensor) -> float:
    """RMS difference of the outputs of two seeds, (1, 3, H, W), over the RMS difference of two of their pixels at random.

    0 for equal pictures, 1 for pictures that have no more in common than two random pixels.
    """
    apart = math.sqrt(2) * torch.cat([a, b]).std((0, 2, 3)).square().mean().sqrt()
    return (rms(a - b) / apart.clamp(min=1e-6)).item()


def seam(image: Tensor) -> float:
    """Change of a picture, (1, 3, H, W), across its seams when it is tiled, over its change between neighbors inside.

    1 where opposite edges match as well as neighboring rows and columns do; the mean of both directions.
    """
    ratios = []
    for axis in (2, 3):
        *inside, across = (image.roll(-1, axis) - image).abs().mean([a for a in range(4) if a != axis]).tolist()
        ratios.append(across / max(sum(inside) / len(inside), 1e-6))
    return sum(ratios) / len(ratios)


def rising(values: Sequence[float]) -> list[bool]:
    """Which steps along a curve go up, one answer per step."""
    return [after > before for before, after in pairwise(values)]


def largest_step(lengths: Sequence[float]) -> float:
    """The longest of the steps along a path over their mean: 1 for even steps, much more where there is a jump."""
    mean = sum(lengths) / len(lengths)
    return max(lengths) / mean if mean else 1.0


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of numbers >= 0, used for optimality ratios (loss over an optimum's): 0 where one of them is 0."""
    if min(values) == 0:
        return 0.0
    return math.exp(sum(map(math.log, values)) / len(values))


def equivalent_steps(losses: Sequence[float], loss: float) -> float:
    """After how many steps of an optimization its loss first falls to ``loss``; ``losses`` are those after 0, 1, 2, ... steps.

    Interpolated between steps; the number of all steps where the optimization never gets there.
    """
    best = math.inf
    for number, value in enumerate(losses):
        if value <= loss:
            return number - (loss - value) / (best - value) if number else 0.0
        best = min(best, value)
    return float(len(losses) - 1)


def _edge_strength(image: Tensor) -> float:
    light = luminance(image)
    down, right = light[..., 1:, 1:] - light[..., :-1, 1:], light[..., 1:, 1:] - light[..., 1:, :-1]
    lengths = torch.hypot(down, right).flatten()
    return lengths.kthvalue(max(1, round(EDGE_PERCENTILE * len(lengths)))).values.item()


def _unit(features: Tensor) -> Tensor:
    return F.normalize(features.float(), dim=1, eps=1e-10)


def rms(x: Tensor) -> Tensor:
    """The root of the mean square of all numbers of a tensor."""
    return x.square().mean().sqrt()


def _shift(image: Tensor, down: float, right: float) -> Tensor:
    """Shift (N, 3, H, W) by fractions of a pixel, bilinearly, with the border repeated."""
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


def _centered_luminance(image: Tensor, scale: int) -> Tensor:
    small = F.avg_pool2d(luminance(image), scale).flatten(1)  # (N, H / scale * W / scale)
    return small - small.mean(1, keepdim=True)
