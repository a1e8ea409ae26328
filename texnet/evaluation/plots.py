"""The plots of an evaluation: layers, strength curves, and where the networks stand along the optimization."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from texnet.evaluation.optimization_reference import OptimizationReference
from texnet.evaluation.results import NetworkResult
from texnet.reporting.plots import save_figure, tidy

DOTS_PER_INCH = 100
BAR_GROUP = 0.8  # of the distance between layers


def draw_layers(results: Sequence[NetworkResult], path: Path) -> None:
    """Bars of every weighted term of the loss, a group per layer, a bar per network."""
    names = [name for name in results[0].terms if "/" in name]
    figure = Figure(figsize=(2 + 1.4 * len(names), 4.5), dpi=DOTS_PER_INCH, layout="constrained")
    panel = figure.subplots()
    width = BAR_GROUP / len(results)
    for i, result in enumerate(results):
        places = [place - BAR_GROUP / 2 + (i + 0.5) * width for place in range(len(names))]
        panel.bar(places, [result.terms[name] for name in names], width, label=result.name)
    panel.set_xticks(range(len(names)), names)
    panel.set_ylabel("weighted term")
    tidy(panel, "content and style by layer")
    panel.legend(frameon=False)
    save_figure(figure, path)


def draw_strength(results: Sequence[NetworkResult], path: Path) -> None:
    """Progress, style and content over the noise factor, and style over content, for the networks that have a dial."""
    figure = Figure(figsize=(20, 4.5), dpi=DOTS_PER_INCH, layout="constrained")
    progress, style, content, front = figure.subplots(1, 4)
    progress.plot([0, 1], [0, 1], color="black", linestyle=":")
    for result in results:
        if result.curve is None:
            front.plot([result.terms["content"]], [result.style], "o", label=result.name)
            continue
        curve = result.curve
        progress.plot(curve.factors, curve.progress, label=result.name)
        style.plot(curve.factors, curve.style, label=result.name)
        content.plot(curve.factors, curve.content, label=result.name)
        (line,) = front.plot(curve.content, curve.style, label=result.name)
        front.plot(curve.pixel_blend.content, curve.pixel_blend.style, color=line.get_color(), linestyle=":")
        front.plot([result.terms["content"]], [result.style], "o", color=line.get_color())
    titles = {progress: "share of the way to factor 1", style: "style (1 = a photo)", content: "content (0 = the photo)"}
    for panel, title in titles.items():
        panel.set_xlabel("noise factor")
        panel.set_ylim(bottom=0)
        tidy(panel, title)
    front.set_xlabel("content")
    front.set_ylabel("style")
    front.set_ylim(bottom=0)
    tidy(front, "dotted: pixel_blend; dot: as judged")
    front.legend(frameon=False)
    save_figure(figure, path)


def draw_optimum(results: Sequence[NetworkResult], references: Sequence[OptimizationReference], path: Path) -> None:
    """The mean loss along the optimization, and the networks as the lines it crosses."""
    figure = Figure(figsize=(9, 4.5), dpi=DOTS_PER_INCH, layout="constrained")
    panel = figure.subplots()
    means = [sum(losses) / len(references) for losses in zip(*(optimum.losses for optimum in references), strict=True)]
    panel.plot(range(len(means)), means, color="black", label="optimizing the pixels")
    for i, result in enumerate(results):
        if result.optimality:
            level = result.optimality.ratio * means[-1]
            panel.axhline(level, color=f"C{i}", linestyle="--", label=result.name)
    panel.set_yscale("log")
    panel.set_xlabel("L-BFGS step")
    panel.set_ylabel("loss")
    tidy(panel, "networks and slow optimization")
    panel.legend(frameon=False)
    save_figure(figure, path)
