"""What was measured, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Steps:
    """The share of a curve's steps that go the right way: of ``all``, of those up to noise factor 1, of those ``beyond``.

    ``each``: of each step, the share of the photos in which it does. ``beyond`` is None where the dial ends at 1.
    """

    all: float
    up_to_one: float
    beyond: float | None
    each: list[float]

    def __str__(self) -> str:
        parts = [share for share in (self.up_to_one, self.beyond) if share is not None]
        return f"{self.all:.1%} ({', '.join(f'{share:.1%}' for share in parts)})"


@dataclass(frozen=True)
class PixelBlend:
    """Photo and painting blended pixel by pixel, against the network: content and style of blends, means over the photos.

    ``beaten``: the share of photos and noise factors between 0 and 1 at which the network, at equal content, has less style
    distance; ``beaten_each``: of the photos, at each of these factors; ``mean_beaten``: of the factors, means over the photos.
    """

    content: list[float]
    style: list[float]
    beaten: float
    beaten_each: list[float]
    mean_beaten: float


@dataclass(frozen=True)
class Curve:
    """The strength curve: style, content and progress at each noise factor, means over the photos, and how it runs.

    ``style_falls`` and ``content_rises``: in which steps they do, photo by photo; ``mean_style_falls`` and
    ``mean_content_rises``: the means over the photos. ``largest_step``: the longest step of the look over the mean step, in
    the lengths that make up ``progress``, mean over the photos; ``mean_largest_step``: that of their mean walk.
    ``progress``: the share of the way to factor 1, P(f); ``calibration_error`` and ``largest_error``: mean and largest
    |P(f) - f| up to factor 1.
    """

    factors: list[float]
    style: list[float]
    content: list[float]
    progress: list[float]
    calibration_error: float
    largest_error: float
    style_falls: Steps
    content_rises: Steps
    mean_style_falls: Steps
    mean_content_rises: Steps
    largest_step: float
    mean_largest_step: float
    pixel_blend: PixelBlend

    @property
    def half_way(self) -> float:
        """The share of the way that is gone at the noise factor nearest to 0.5."""
        return min(zip(self.factors, self.progress, strict=True), key=lambda point: abs(point[0] - 0.5))[1]


@dataclass(frozen=True)
class Optimality:
    """The network's loss over that of slow optimization, geometric means, and the step whose loss it equals.

    ``content_ratio`` is None where content has no weight.
    """

    steps: int
    photos: int
    ratio: float
    style_ratio: float
    content_ratio: float | None
    equivalent_steps: float


@dataclass(frozen=True)
class Regret:
    """The network's losses at some raw factors, those of networks trained for one of them alone, and their ratios less 1."""

    factors: list[float]
    losses: list[float]
    baseline_losses: list[float]
    regrets: list[float]
    mean: float
    max: float
    steps: int
    baseline_steps: list[int]


@dataclass(frozen=True)
class NetworkResult:
    """Everything measured of one network. ``terms`` are weighted: per layer, by kind, and the whole ``loss``.

    ``seeds``: how different paintings of a photo from two seeds are, 0 for a network without noise.
    """

    name: str
    path: str
    terms: dict[str, float]
    style_weight: float
    second: dict[str, float]
    ssim: float
    distance: float
    contrast: list[float]
    noise_gain: float
    shift_consistency: float
    seeds: float
    curve: Curve | None
    optimality: Optimality | None
    regret: Regret | None

    @property
    def style(self) -> float:
        """The style term without its weight: 1 for an untouched photo."""
        return self.terms["style"] / self.style_weight if self.style_weight else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class TextureResult:
    """Everything measured of a network that makes a texture: style per seed, 1 for a drawn scene, and beside optimized noise.

    ``style_ratio``: over that of the optimization from noise, geometric mean. ``seed_distance`` and ``crop_distance``: how
    different pictures from two seeds look, and two crops of the texture, in roots of perceptual distances, means over all
    pairs. ``seam``: the change across the seams of what tiles, over that inside.
    """

    name: str
    path: str
    styles: list[float]
    optimum_steps: int
    optimum_styles: list[float]
    style_ratio: float | None
    seed_distance: float
    crop_distance: float
    seam: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class CheckpointScore:
    """A checkpoint of a run: when it was saved and its weighted terms."""

    step: int
    minutes: float
    loss: float
    content: float
    style: float


@dataclass(frozen=True)
class RunCurve:
    """A run at its scores, in the order of training."""

    name: str
    path: str
    scores: list[CheckpointScore]

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return asdict(self)
