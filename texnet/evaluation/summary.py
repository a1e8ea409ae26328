"""Results for reading: the columns of their tables and the panels of their plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from texnet.evaluation.evaluate import NetworkResult
from texnet.evaluation.optimization_reference import OptimizationReference
from texnet.evaluation.runs import RunCurve
from texnet.evaluation.textures import TextureResult
from texnet.reporting.plots import Line, Panel, save_bars, save_panels
from texnet.reporting.tables import MISSING, Table

COLUMNS: dict[str, Callable[[NetworkResult], str]] = {
    "network": lambda r: r.name,
    "loss": lambda r: f"{r.terms['loss']:.3f}",
    "content": lambda r: f"{r.terms['content']:.3f}",
    "style": lambda r: f"{r.style:.4f}",
    "2nd content": lambda r: f"{r.second['content']:.3f}",
    "2nd style": lambda r: f"{r.second['style']:.4f}",
    "SSIM": lambda r: f"{r.ssim:.3f}",
    "luminance": lambda r: f"{r.luminance:.3f}",
    "regions": lambda r: f"{r.regions:.3f}",
    "distance": lambda r: f"{r.distance:.3f}",
    "contrast": lambda r: " ".join(f"{ratio:.2f}" for ratio in r.contrast),
    "sharpness": lambda r: f"{r.sharpness:.2f}",
    "noise gain": lambda r: f"{r.noise_gain:.2f}",
    "shift consistency": lambda r: f"{r.shift_consistency:.3f}",
    "seed diversity": lambda r: f"{r.seed_diversity:.2f}",
    "P(0.5)": lambda r: f"{r.curve.half_way:.3f}" if r.curve else MISSING,
    "position(0.5)": lambda r: f"{r.curve.position:.3f}" if r.curve else MISSING,
    "calibration error": lambda r: f"{r.curve.calibration_error:.3f} max {r.curve.largest_error:.3f}" if r.curve else MISSING,
    "style falls": lambda r: str(r.curve.style_falls) if r.curve else MISSING,
    "content rises": lambda r: str(r.curve.content_rises) if r.curve else MISSING,
    "mean style falls": lambda r: str(r.curve.mean_style_falls) if r.curve else MISSING,
    "mean content rises": lambda r: str(r.curve.mean_content_rises) if r.curve else MISSING,
    "largest step": lambda r: f"{r.curve.largest_step:.2f}" if r.curve else MISSING,
    "mean largest step": lambda r: f"{r.curve.mean_largest_step:.2f}" if r.curve else MISSING,
    "beats pixel blend": lambda r: f"{r.curve.pixel_blend.beaten:.1%}" if r.curve else MISSING,
    "mean beats pixel blend": lambda r: f"{r.curve.pixel_blend.mean_beaten:.1%}" if r.curve else MISSING,
    "optimality ratio": lambda r: f"{r.optimality.ratio:.3f}" if r.optimality else MISSING,
    "equivalent steps": lambda r: f"{r.optimality.equivalent_steps:.0f}" if r.optimality else MISSING,
}
TEXTURE_COLUMNS = (
    *("network", "style", "min", "max", "optimality ratio"),
    *("seed diversity", "crop diversity", "diversity ratio", "seam"),
)


def network_table(results: Sequence[NetworkResult]) -> str:
    """A row per network; columns that no network has are left out."""
    rows = [[value(result) for value in COLUMNS.values()] for result in results]
    return Table(list(COLUMNS), rows).without_empty_columns().markdown()


def regret_table(results: Sequence[NetworkResult]) -> str:
    """The regret at each factor, a row per network that has strength control; empty where none was measured."""
    found = [(result.name, result.regret) for result in results if result.regret]
    if not found:
        return ""
    baselines = zip(found[0][1].factors, found[0][1].baseline_steps, strict=True)
    columns = ["regret", "steps", *(f"at {factor:g} ({steps} steps)" for factor, steps in baselines), "mean", "max"]
    rows = [
        [name, str(regret.steps), *(f"{value:+.1%}" for value in (*regret.regrets, regret.mean, regret.max))]
        for name, regret in found
    ]
    return Table(columns, rows).markdown()


def texture_table(results: Sequence[TextureResult]) -> str:
    """A row per network that makes a texture."""
    rows = [
        [
            *(r.name, f"{fmean(r.styles):.4f}", f"{min(r.styles):.4f}", f"{max(r.styles):.4f}"),
            MISSING if r.style_ratio is None else f"{r.style_ratio:.2f}",
            *(f"{r.seed_distance:.3f}", f"{r.crop_distance:.3f}", f"{r.seed_distance / r.crop_distance:.2f}", f"{r.seam:.2f}"),
        ]
        for r in results
    ]
    return Table(TEXTURE_COLUMNS, rows).markdown()


def runs_table(runs: Sequence[RunCurve]) -> str:
    """Where each run ended."""
    ends = [(run.name, run.scores[-1]) for run in runs]
    rows = [[name, str(e.step), *(f"{x:.3f}" for x in (e.minutes, e.loss, e.content, e.style))] for name, e in ends]
    return Table(["run", "steps", "minutes", "loss", "content", "weighted style"], rows).markdown()


def draw_layers(results: Sequence[NetworkResult], path: Path) -> None:
    """Bars of every weighted term of the loss, a group per layer, a bar per network."""
    names = [name for name in results[0].terms if "/" in name]
    series = [(result.name, [result.terms[name] for name in names]) for result in results]
    save_bars(names, series, path, title="content and style by layer", y_label="weighted term")


def draw_strength(results: Sequence[NetworkResult], path: Path) -> None:
    """Progress, style and content over the noise factor, and style over content, for networks with strength control."""
    curves = [(f"C{i}", result.name, result.curve) for i, result in enumerate(results) if result.curve]
    diagonal = Line([0, 1], [0, 1], look={"color": "black", "linestyle": ":"})
    panels = [
        Panel(title, [*first, *lines], x_label="noise factor", from_zero=True)
        for title, first, lines in (
            ("progress from the photo to factor 1", [diagonal], [_line(c.factors, c.progress, k, n) for k, n, c in curves]),
            ("style (1 = a photo)", [], [_line(c.factors, c.style, k, n) for k, n, c in curves]),
            ("content (0 = the photo)", [], [_line(c.factors, c.content, k, n) for k, n, c in curves]),
        )
    ]
    front = [
        *(_line(c.content, c.style, color, name) for color, name, c in curves),
        *(_line(c.pixel_blend.content, c.pixel_blend.style, color, linestyle=":") for color, _, c in curves),
        *(
            _line([r.terms["content"]], [r.style], f"C{i}", "" if r.curve else r.name, marker="o", linestyle="")
            for i, r in enumerate(results)
        ),
    ]
    title = "dotted: pixel blend; dot: as in the table"
    panels.append(Panel(title, front, x_label="content", y_label="style", from_zero=True, legend=True))
    save_panels(panels, path, size=(20, 4.5))


def draw_references(results: Sequence[NetworkResult], references: Sequence[OptimizationReference], path: Path) -> None:
    """The mean loss along the optimization, and each network as a level that it crosses."""
    means = [fmean(losses) for losses in zip(*(reference.losses for reference in references), strict=True)]
    lines = [Line(range(len(means)), means, "optimizing the pixels", {"color": "black"})]
    for i, result in enumerate(results):
        if result.optimality:
            level = result.optimality.ratio * means[-1]
            lines.append(_line([0, len(means) - 1], [level, level], f"C{i}", result.name, linestyle="--"))
    panel = Panel("networks and slow optimization", lines, x_label="L-BFGS step", y_label="loss", log=True, legend=True)
    save_panels([panel], path, size=(9, 4.5))


def draw_runs(runs: Sequence[RunCurve], path: Path) -> None:
    """Loss over minutes, a line for each run."""
    lines = [Line([at.minutes for at in r.scores], [at.loss for at in r.scores], r.name, {"marker": "o"}) for r in runs]
    title = "loss on held-out photos against time"
    save_panels([Panel(title, lines, x_label="minutes of training", y_label="loss", legend=True)], path, size=(9, 4.5))


def _line(x: Sequence[float], y: Sequence[float], color: str, label: str = "", **look: str) -> Line:
    return Line(x, y, label, {"color": color, **look})
