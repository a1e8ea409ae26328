"""What was measured, as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean

from texnet.evaluation.results import NetworkResult, RunCurve, TextureResult

COLUMNS: dict[str, Callable[[NetworkResult], str]] = {
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
    "shift consistency": lambda r: f"{r.shift_consistency:.3f}",
    "seeds": lambda r: f"{r.seeds:.2f}",
    "P(0.5)": lambda r: f"{r.curve.half_way:.3f}" if r.curve else "-",
    "calibration": lambda r: f"{r.curve.calibration_error:.3f} max {r.curve.largest_error:.3f}" if r.curve else "-",
    "style falls": lambda r: str(r.curve.style_falls) if r.curve else "-",
    "content rises": lambda r: str(r.curve.content_rises) if r.curve else "-",
    "mean style falls": lambda r: str(r.curve.mean_style_falls) if r.curve else "-",
    "mean content rises": lambda r: str(r.curve.mean_content_rises) if r.curve else "-",
    "largest step": lambda r: f"{r.curve.largest_step:.2f}" if r.curve else "-",
    "mean largest step": lambda r: f"{r.curve.mean_largest_step:.2f}" if r.curve else "-",
    "beats pixel_blend": lambda r: f"{r.curve.pixel_blend.beaten:.1%}" if r.curve else "-",
    "mean beats pixel_blend": lambda r: f"{r.curve.pixel_blend.mean_beaten:.1%}" if r.curve else "-",
    "optimality ratio": lambda r: f"{r.optimality.ratio:.3f}" if r.optimality else "-",
    "equal to steps": lambda r: f"{r.optimality.equivalent_steps:.0f}" if r.optimality else "-",
}


def table(results: Sequence[NetworkResult]) -> str:
    """A Markdown table, a row per network; columns that no network has are left out."""
    cells = [[value(result) for value in COLUMNS.values()] for result in results]
    kept = [i for i in range(len(COLUMNS)) if any(row[i] != "-" for row in cells)]
    return markdown([[list(COLUMNS)[i] for i in kept], *([row[i] for i in kept] for row in cells)])


def regret_table(results: Sequence[NetworkResult]) -> str:
    """A Markdown table of the regret at each factor, a row per network that has a dial; empty where none was measured."""
    found = [(result.name, result.regret) for result in results if result.regret]
    if not found:
        return ""
    baselines = zip(found[0][1].factors, found[0][1].baseline_steps, strict=True)
    head = ["regret", "steps", *(f"at {factor:g} ({steps} steps)" for factor, steps in baselines), "mean", "max"]
    rows = [
        [name, str(regret.steps), *(f"{value:+.1%}" for value in (*regret.regrets, regret.mean, regret.max))]
        for name, regret in found
    ]
    return markdown([head, *rows])


def texture_table(results: Sequence[TextureResult]) -> str:
    """A Markdown table, a row per network that makes a texture."""
    head = ["network", "style", "min", "max", "optimality ratio", "seed diversity", "crop diversity", "ratio", "seam"]
    rows = [
        [
            *(r.name, f"{fmean(r.styles):.4f}", f"{min(r.styles):.4f}", f"{max(r.styles):.4f}"),
            "-" if r.style_ratio is None else f"{r.style_ratio:.2f}",
            *(f"{r.seed_distance:.3f}", f"{r.crop_distance:.3f}", f"{r.seed_distance / r.crop_distance:.2f}", f"{r.seam:.2f}"),
        ]
        for r in results
    ]
    return markdown([head, *rows])


def runs_table(runs: Sequence[RunCurve]) -> str:
    """A Markdown table of where the runs ended."""
    ends = [(run.name, run.scores[-1]) for run in runs]
    rows = [[name, str(e.step), *(f"{x:.3f}" for x in (e.minutes, e.loss, e.content, e.style))] for name, e in ends]
    return markdown([["run", "steps", "minutes", "loss", "content", "weighted style"], *rows])


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table of cells, the first line being its head."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    texts = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])
