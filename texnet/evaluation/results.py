"""What was measured, as plain data and as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
class Blending:
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
    the lengths that make up ``progress``. ``progress``: the share of the way to factor 1, P(f); ``calibration_error`` and
    ``largest_error``: mean and largest |P(f) - f| up to factor 1.
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
    blending: Blending

    @property
    def half_way(self) -> float:
        """The share of the way that is gone at the noise factor nearest to 0.5."""
        return min(zip(self.factors, self.progress, strict=True), key=lambda point: abs(point[0] - 0.5))[1]


@dataclass(frozen=True)
class Optimality:
    """The network's loss over that of slow optimisation, geometric means, and the step whose loss it equals."""

    steps: int
    photos: int
    ratio: float
    style_ratio: float
    content_ratio: float
    equivalent_steps: float


@dataclass(frozen=True)
class Regret:
    """The network's losses at some raw factors, those of networks trained for one of them alone, and their ratios less 1."""

    factors: list[float]
    losses: list[float]
    single_losses: list[float]
    regrets: list[float]
    mean: float
    max: float
    steps: int
    single_steps: list[int]


@dataclass(frozen=True)
class Result:
    """Everything measured of one network. ``terms`` are weighted: per layer, by kind, and the whole ``loss``."""

    name: str
    path: str
    terms: dict[str, float]
    style_weight: float
    second: dict[str, float]
    ssim: float
    distance: float
    contrast: list[float]
    noise_gain: float
    pan: float
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


COLUMNS: dict[str, Callable[[Result], str]] = {
    "network": lambda r: r.name,
    "loss": lambda r: f"{r.terms['loss']:.3f}",
    "content": lambda r: f"{r.terms['content']:.3f}",
    "style": lambda r: f"{r.style:.4f}",
    "2nd content": lambda r: f"{r.second['content']:.3f}",
    "2nd style": lambda r: f"{r.second['style']:.4f}",
    "SSIM": lambda r: f"{r.ssim:.3f}",
    "distance": lambda r: f"{r.distance:.3f}",
    "contrast": lambda r: " ".join(f"{ratio:.2f}" for ratio in r.contrast),
    "noise gain": lambda r: f"{r.noise_gain:.2f}",
    "pan": lambda r: f"{r.pan:.3f}",
    "P(0.5)": lambda r: f"{r.curve.half_way:.3f}" if r.curve else "-",
    "calibration": lambda r: f"{r.curve.calibration_error:.3f} max {r.curve.largest_error:.3f}" if r.curve else "-",
    "style falls": lambda r: str(r.curve.style_falls) if r.curve else "-",
    "content rises": lambda r: str(r.curve.content_rises) if r.curve else "-",
    "mean style falls": lambda r: str(r.curve.mean_style_falls) if r.curve else "-",
    "mean content rises": lambda r: str(r.curve.mean_content_rises) if r.curve else "-",
    "largest step": lambda r: f"{r.curve.largest_step:.2f}" if r.curve else "-",
    "beats blending": lambda r: f"{r.curve.blending.beaten:.1%}" if r.curve else "-",
    "mean beats blending": lambda r: f"{r.curve.blending.mean_beaten:.1%}" if r.curve else "-",
    "rho": lambda r: f"{r.optimality.ratio:.3f}" if r.optimality else "-",
    "equal to steps": lambda r: f"{r.optimality.equivalent_steps:.0f}" if r.optimality else "-",
}


def table(results: Sequence[Result]) -> str:
    """A Markdown table, a row per network; columns that no network has are left out."""
    cells = [[value(result) for value in COLUMNS.values()] for result in results]
    kept = [i for i in range(len(COLUMNS)) if any(row[i] != "-" for row in cells)]
    return markdown([[list(COLUMNS)[i] for i in kept], *([row[i] for i in kept] for row in cells)])


def regret_table(results: Sequence[Result]) -> str:
    """A Markdown table of the regret at each factor, a row per network that has a dial; empty where none was measured."""
    found = [(result.name, result.regret) for result in results if result.regret]
    if not found:
        return ""
    head = ["regret", *(f"at {factor:g}" for factor in found[0][1].factors), "mean", "max"]
    rows = [[name, *(f"{value:+.1%}" for value in (*regret.regrets, regret.mean, regret.max))] for name, regret in found]
    return markdown([head, *rows])


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table of cells, the first line being its head."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    texts = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])
