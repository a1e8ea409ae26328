"""Trainings compared: every kept checkpoint against time, and the regret of one network for all strengths."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.evaluation.helpers import CPU, save_network, setup_for
from tests.helpers import with_options
from tests.training.conftest import coarse_calibration as coarse_calibration
from tests.training.helpers import fit
from texnet.config import EvaluateConfig, LossConfig, TrainConfig
from texnet.evaluation import EvalSetup, evaluate
from texnet.evaluation.runs import list_checkpoints, measure_regret, measure_run, measure_single_strength
from texnet.evaluation.summary import regret_table
from texnet.generators.calibration import Calibration
from texnet.stylize import Stylizer

CROOKED = Calibration((0.0, 0.5, 1.0, 2.0), (0.0, 0.1, 1.0, 1.7))


@pytest.fixture(scope="module")
def run_folder(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of seven steps that kept each third one; an epoch has four."""
    folder = tmp_path_factory.mktemp("runs") / "stripes"
    config = with_options(with_options(shared_config, "run", snapshot_every=3), "optim", max_steps=7)
    assert fit(config, folder).done
    return folder


@pytest.fixture(scope="module")
def baselines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Networks for 1.5 and for 0.5 alone, with the weights of a network of seed 0."""
    folder = tmp_path_factory.mktemp("baselines")
    return [save_network(folder / f"{factor}.pt", fixed_noise_factor=factor) for factor in (1.5, 0.5)]


@pytest.mark.slow
def test_every_step_that_was_kept_has_a_score_in_the_order_of_training(run_folder: Path) -> None:
    checkpoints = list_checkpoints(run_folder)
    assert [step for step, _ in checkpoints.values()] == [3, 4, 6, 7]
    seconds = [seconds for _, seconds in checkpoints.values()]
    assert seconds == sorted(set(seconds))


def test_the_last_score_is_that_of_the_finished_network(
    run_folder: Path, plain_setup: EvalSetup, config: EvaluateConfig
) -> None:
    config = replace(config, curve_images=0)
    last = measure_run(str(run_folder), plain_setup.evaluator, config, CPU).scores[-1]
    terms = evaluate(str(run_folder / "style.pt"), plain_setup, config, CPU).terms
    assert (last.loss, last.content, last.style) == pytest.approx((terms["loss"], terms["content"], terms["style"]))


def test_a_damaged_checkpoint_is_named_and_the_others_are_measured(run_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stripes"
    shutil.copytree(run_folder, folder)
    (folder / "step-000003.pt").write_bytes(b"damaged")
    lines: list[str] = []
    assert [step for step, _ in list_checkpoints(folder, lines.append).values()] == [4, 6, 7]
    assert len(lines) == 1 and "step-000003.pt" in lines[0]


def test_a_folder_without_checkpoints_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"--runs .*: no checkpoints of a run in it"):
        list_checkpoints(tmp_path)


def test_a_network_that_equals_the_baselines_has_no_regret_whatever_its_calibration(
    plain_setup: EvalSetup, baselines: list[str], tmp_path: Path
) -> None:
    joint = save_network(tmp_path / "joint.pt", calibration=CROOKED, steps=9)
    alone = [measure_single_strength(path, plain_setup.evaluator, 0, CPU) for path in baselines]
    regret = measure_regret(joint, alone, plain_setup.evaluator, 0, CPU)
    assert regret.factors == [0.5, 1.5]
    assert regret.regrets == [0, 0] and (regret.mean, regret.max) == (0, 0)
    assert (regret.steps, regret.baseline_steps) == (9, [7, 7])


def test_regret_is_the_ratio_of_losses_weighed_as_at_the_factor(
    plain_setup: EvalSetup, baselines: list[str], tmp_path: Path
) -> None:
    joint, evaluator = save_network(tmp_path / "joint.pt", seed=1), plain_setup.evaluator

    def loss_of(path: str, factor: float) -> float:
        stylize, photos = Stylizer.load(path), plain_setup.photos[:, None]
        return sum(sum(evaluator.terms(stylize(photo, factor), photo, factor).values()) for photo in photos) / len(photos)

    alone = [measure_single_strength(path, evaluator, 0, CPU) for path in baselines]
    regret = measure_regret(joint, alone, evaluator, 0, CPU)
    expected = [
        loss_of(joint, factor) / loss_of(path, factor) - 1 for path, factor in zip(baselines[::-1], (0.5, 1.5), strict=True)
    ]
    assert regret.regrets == pytest.approx(expected, rel=1e-4)
    assert regret.mean == pytest.approx(sum(expected) / 2, rel=1e-4)
    assert regret.max == pytest.approx(max(expected), rel=1e-4)


@pytest.mark.slow
def test_regret_has_a_table_of_its_own_for_networks_with_strength_control(
    config: EvaluateConfig, loss_config: LossConfig, baselines: list[str], network: str, other: str
) -> None:
    config = replace(config, optimum_steps=0, curve_images=0, regret=tuple(baselines))
    setup = setup_for(config, loss_config)
    results = [evaluate(path, setup, config, CPU) for path in (network, other)]
    head, _, *rows = regret_table(results).splitlines()
    single = r"\(\d+ steps\)"
    assert re.fullmatch(rf"\| regret \| steps \| at 0.5 {single} \| at 1.5 {single} \| mean \| max \|", " ".join(head.split()))
    assert len(rows) == 1 and rows[0].count("+0.0%") == 4
    assert regret_table(results[1:]) == ""


def test_a_network_for_one_strength_is_measured_there_and_has_no_curve(
    plain_setup: EvalSetup, config: EvaluateConfig, baselines: list[str]
) -> None:
    assert evaluate(baselines[0], plain_setup, replace(config, noise_factor=1.5), CPU).curve is None
    with pytest.raises(ValueError, match=r"--noise_factor 1: trained for 1\.5 alone"):
        evaluate(baselines[0], plain_setup, config, CPU)


def test_a_network_for_all_strengths_is_no_baseline_for_regret(plain_setup: EvalSetup, network: str) -> None:
    with pytest.raises(ValueError, match=r"--regret .*style\.pt: not trained for one strength alone"):
        measure_single_strength(network, plain_setup.evaluator, 0, CPU)
