"""Regret: what one network for all strengths loses against networks for a single one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.evaluation.helpers import CPU
from texnet.checkpoint import Checkpoint, TrainingSummary
from texnet.config import EvaluateConfig, GeneratorConfig, LossConfig
from texnet.evaluation import EvalSetup, build_setup, evaluate
from texnet.evaluation.regret import measure_regret, measure_single_strength
from texnet.evaluation.scoring import compare
from texnet.evaluation.tables import regret_table
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration
from texnet.stylize import Stylizer

CROOKED = Calibration((0.0, 0.5, 1.0, 2.0), (0.0, 0.1, 1.0, 1.7))


def save(
    path: Path, *, seed: int, fixed_noise_factor: float = 0.0, calibration: Calibration | None = None, steps: int = 7
) -> str:
    """A checkpoint whose weights are a function of the seed."""
    torch.manual_seed(seed)
    config = GeneratorConfig(width=4, num_blocks=1, fixed_noise_factor=fixed_noise_factor)
    weights = build_generator(config).state_dict()
    training = TrainingSummary(steps=steps)
    Checkpoint(config, weights, ("red",), calibration=calibration or Calibration(), training=training).save(path)
    return str(path)


@pytest.fixture
def baselines(tmp_path: Path) -> list[str]:
    """Networks for 1.5 and for 0.5 alone, with weights that a network of seed 0 has too."""
    return [save(tmp_path / f"{factor}.pt", seed=0, fixed_noise_factor=factor) for factor in (1.5, 0.5)]


@pytest.fixture
def bare(config: EvaluateConfig, loss_config: LossConfig) -> EvalSetup:
    """A setup without references."""
    return build_setup(replace(config, optimum_steps=0), loss_config, CPU, on_unreadable=pytest.fail)


def test_a_network_that_equals_the_single_ones_has_no_regret_whatever_its_calibration(
    bare: EvalSetup, baselines: list[str], tmp_path: Path
) -> None:
    joint = save(tmp_path / "joint.pt", seed=0, calibration=CROOKED, steps=9)
    alone = [measure_single_strength(path, bare.loss, bare.photos, 0, CPU) for path in baselines]
    regret = measure_regret(joint, alone, bare.loss, bare.photos, 0, CPU)
    assert regret.factors == [0.5, 1.5]
    assert regret.regrets == [0, 0] and (regret.mean, regret.max) == (0, 0)
    assert (regret.steps, regret.baseline_steps) == (9, [7, 7])


def test_regret_is_the_ratio_of_losses_weighed_as_at_the_factor(bare: EvalSetup, baselines: list[str], tmp_path: Path) -> None:
    joint = save(tmp_path / "joint.pt", seed=1)

    def loss_of(path: str, factor: float) -> float:
        paint = Stylizer.load(path)
        photos = bare.photos[:, None]
        return sum(sum(compare(bare.loss, paint(photo, factor), photo, factor).values()) for photo in photos) / len(photos)

    alone = [measure_single_strength(path, bare.loss, bare.photos, 0, CPU) for path in baselines]
    regret = measure_regret(joint, alone, bare.loss, bare.photos, 0, CPU)
    expected = [
        loss_of(joint, factor) / loss_of(path, factor) - 1 for path, factor in zip(baselines[::-1], (0.5, 1.5), strict=True)
    ]
    assert regret.regrets == pytest.approx(expected, rel=1e-4)
    assert regret.mean == pytest.approx(sum(expected) / 2, rel=1e-4)
    assert regret.max == pytest.approx(max(expected), rel=1e-4)


def test_it_stands_in_a_table_of_its_own_for_networks_with_a_dial(
    config: EvaluateConfig, loss_config: LossConfig, baselines: list[str], other: Path, tmp_path: Path
) -> None:
    joint = save(tmp_path / "joint.pt", seed=0)
    config = replace(config, optimum_steps=0, curve_images=0, regret=tuple(baselines))
    setup = build_setup(config, loss_config, CPU, on_unreadable=pytest.fail)
    results = [evaluate(path, setup, config, CPU) for path in (joint, str(other))]
    head, _, *rows = regret_table(results).splitlines()
    single = r"\(\d+ steps\)"
    assert re.fullmatch(rf"\| regret \| steps \| at 0.5 {single} \| at 1.5 {single} \| mean \| max \|", " ".join(head.split()))
    assert len(rows) == 1 and rows[0].count("+0.0%") == 4
    assert regret_table(results[1:]) == ""


def test_a_network_for_one_strength_is_judged_there_and_has_no_curve(
    bare: EvalSetup, config: EvaluateConfig, baselines: list[str]
) -> None:
    assert evaluate(baselines[0], bare, replace(config, noise_factor=1.5), CPU).curve is None
    with pytest.raises(ValueError, match=r"--noise_factor 1: trained for 1\.5 alone"):
        evaluate(baselines[0], bare, config, CPU)


def test_a_network_for_all_strengths_is_none_to_regret(bare: EvalSetup, tmp_path: Path) -> None:
    joint = save(tmp_path / "joint.pt", seed=0)
    with pytest.raises(ValueError, match=r"--regret .*joint\.pt: not trained for one strength alone"):
        measure_single_strength(joint, bare.loss, bare.photos, 0, CPU)
