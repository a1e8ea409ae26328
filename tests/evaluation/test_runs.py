"""Runs against time: every kept checkpoint by one yardstick."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.evaluation.helpers import CPU
from tests.evaluation.test_command import run
from tests.helpers import with_options
from tests.training.helpers import fit
from texnet.config import EvaluateConfig, LossConfig, TrainConfig
from texnet.evaluation import build_setup, evaluate
from texnet.evaluation.runs import list_checkpoints, measure_run
from texnet.images import load_picture


@pytest.fixture(scope="module")
def run_folder(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of seven steps that kept each third one; an epoch has four."""
    folder = tmp_path_factory.mktemp("runs") / "stripes"
    config = with_options(with_options(shared_config, "run", snapshot_every=3), "optim", max_steps=7)
    assert fit(config, folder).done
    return folder


def test_every_step_that_was_kept_is_a_moment_in_the_order_of_training(run_folder: Path) -> None:
    scores = list_checkpoints(run_folder)
    assert [step for step, _ in scores.values()] == [3, 4, 6, 7]
    seconds = [seconds for _, seconds in scores.values()]
    assert seconds == sorted(set(seconds))


def test_the_last_moment_is_the_finished_network(run_folder: Path, config: EvaluateConfig, loss_config: LossConfig) -> None:
    config = replace(config, optimum_steps=0, curve_images=0)
    setup = build_setup(config, loss_config, CPU, on_unreadable=pytest.fail)
    last = measure_run(str(run_folder), setup, config, CPU).scores[-1]
    terms = evaluate(str(run_folder / "style.pt"), setup, config, CPU).terms
    assert (last.loss, last.content, last.style) == pytest.approx((terms["loss"], terms["content"], terms["style"]))


def test_the_command_draws_a_line_for_each_run(
    run_folder: Path, config: EvaluateConfig, loss_config: LossConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        *("--texture", loss_config.texture, "--vgg_weights", loss_config.vgg_weights, "--style_size", 0),
        *("--style_layers", *loss_config.style_layers, "--content_layers", *loss_config.content_layers),
        *("--data_dir", config.data_dir, "--max_images", 2, "--image_size", 64, "--device", "cpu"),
        *("--output", tmp_path / "out"),
    ]
    assert run("--runs", run_folder, run_folder, *arguments) == 0
    first, again = json.loads((tmp_path / "out" / "evaluation.json").read_text())["runs"]
    assert first == again and [moment["step"] for moment in first["scores"]] == [3, 4, 6, 7]
    assert f"{first['scores'][-1]['loss']:.3f}" in capsys.readouterr().out
    assert load_picture(tmp_path / "out" / "time.png").image.std() > 0.02
    assert run("--runs", tmp_path, *arguments) == 2
    assert f"--runs {tmp_path}: no checkpoints of a run in it" in capsys.readouterr().err
    assert run("--runs", run_folder, "--ckpt", run_folder / "style.pt", *arguments) == 2
    assert "--runs takes the place of --ckpt: give one of them" in capsys.readouterr().err
