"""Whole training steps of both recipes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from texnet.benchmark import BenchmarkSetup, with_weights
from texnet.benchmark.measure import Comparison, Cost, Roofline
from texnet.benchmark.training import BATCH, Stage, TrainingSpeed, build_our_step, measure_training
from texnet.config import BenchmarkConfig, LossConfig, TrainConfig


@pytest.fixture(scope="module")
def speed(setup: BenchmarkSetup) -> TrainingSpeed:
    """Of crops that grow to 48 pixels, ours in bfloat16."""
    return measure_training(replace(setup, precision=torch.bfloat16), BenchmarkConfig(size=48, rounds=1))


@pytest.mark.slow
def test_both_recipes_make_whole_steps(speed: TrainingSpeed) -> None:
    ours, baseline = speed.step.ours, speed.step.baseline
    assert ours and baseline
    assert (len(ours.rounds), len(baseline.rounds)) == (1, 1)
    assert 0 < ours.roofline.flops < baseline.roofline.flops
    assert speed.images_per_second["ours"] == BATCH / ours.seconds
    assert speed.images_per_second["baseline"] == BATCH / baseline.seconds


@pytest.mark.slow
def test_our_steps_are_timed_at_every_size_of_growing_crops(speed: TrainingSpeed) -> None:
    assert [stage.image_size for stage in speed.stages] == [32, 32, 48]
    assert [stage.share for stage in speed.stages] == pytest.approx([0.8, 0.15, 0.05])
    assert speed.step.ours
    assert speed.stages[-1].rounds == speed.step.ours.rounds


def test_a_training_on_growing_crops_takes_the_mean_of_its_steps() -> None:
    ours, baseline = (Cost((seconds,), Roofline(1, 1.0), "float32") for seconds in (4.0, 12.0))
    stages = (Stage(0.5, 128, (1.0,)), Stage(0.25, 192, (2.0,)), Stage(0.25, 256, (4.0,)))
    speed = TrainingSpeed(4, 256, Comparison(ours, baseline), stages)
    assert speed.growing_seconds == 2.0
    assert speed.growing_ratio == 6.0
    assert speed.images_per_second == {"ours": 1.0, "baseline": 4 / 12, "ours_growing": 2.0}


@pytest.mark.slow
def test_the_table_has_both_their_number_formats_and_ratios(speed: TrainingSpeed) -> None:
    assert [(row[0].split(":")[0], row[1]) for row in speed.table().rows] == [
        ("texnet", "bfloat16"),
        ("pytorch/examples", "float32"),
        ("texnet, a training whose crops grow", "bfloat16"),
        ("ratio", ""),
        ("ratio, growing", ""),
    ]


@pytest.mark.slow
def test_our_step_is_one_that_learns_in_the_precision_that_is_asked_for(setup: BenchmarkSetup) -> None:
    step = build_our_step(replace(setup, precision=torch.bfloat16), torch.rand(2, 3, 32, 32))
    step()
    step()


def test_weights_are_drawn_where_none_are_named_and_gone_afterwards() -> None:
    config = TrainConfig(loss=LossConfig(features="vgg16"))
    with with_weights(config) as ready:
        weights = Path(ready.loss.vgg_weights)
        assert weights.is_file()
        assert replace(ready, loss=replace(ready.loss, vgg_weights="")) == config
    assert not weights.exists()


def test_weights_that_are_named_are_used(tiny_config: TrainConfig) -> None:
    with with_weights(tiny_config) as ready:
        assert ready.loss.vgg_weights == tiny_config.loss.vgg_weights
        assert ready.loss.features == "vgg19"
