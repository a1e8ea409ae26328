"""What an evaluation leaves in its folder: a table, all of it as JSON, and plots."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from texnet.config import EvaluateConfig, LossConfig, to_dict
from texnet.evaluation.plots import draw_layers, draw_optimum, draw_strength
from texnet.evaluation.results import NetworkResult, RunCurve, TextureResult
from texnet.evaluation.runs import draw_runs
from texnet.evaluation.setup import EvalSetup
from texnet.evaluation.tables import regret_table, runs_table, table, texture_table
from texnet.files import write_atomically


def report_networks(results: Sequence[NetworkResult], setup: EvalSetup, config: EvaluateConfig, loss_config: LossConfig) -> str:
    """Of networks that repaint photos; the tables."""
    folder = Path(config.output)
    text = "\n\n".join(filter(None, [table(results), regret_table(results)]))
    _write(text, config, loss_config, networks=[result.to_dict() for result in results])
    draw_layers(results, folder / "layers.png")
    if any(result.curve for result in results):
        draw_strength(results, folder / "strength.png")
    if setup.references:
        draw_optimum(results, setup.references, folder / "optimum.png")
    return text


def report_textures(results: Sequence[TextureResult], config: EvaluateConfig, loss_config: LossConfig) -> str:
    """Of networks that make a texture; the table."""
    text = texture_table(results)
    _write(text, config, loss_config, textures=[result.to_dict() for result in results])
    return text


def report_runs(runs: Sequence[RunCurve], config: EvaluateConfig, loss_config: LossConfig) -> str:
    """Of runs against time; the table of their ends."""
    text = runs_table(runs)
    _write(text, config, loss_config, runs=[run.to_dict() for run in runs])
    draw_runs(runs, Path(config.output) / "time.png")
    return text


def _write(text: str, config: EvaluateConfig, loss_config: LossConfig, **measured: Any) -> None:
    settings = {"evaluation": to_dict(config), "loss": to_dict(loss_config)}
    folder = Path(config.output)
    write_atomically(folder / "evaluation.json", json.dumps({"settings": settings, **measured}, indent=2).encode())
    write_atomically(folder / "evaluation.md", f"{text}\n".encode())
