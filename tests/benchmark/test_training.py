"""Whole training steps of both recipes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from texnet.benchmark import Subject, with_weights
from texnet.benchmark.training import BATCH, build_our_step, measure_training
from texnet.config import BenchmarkConfig, LossConfig, TrainConfig


def test_both_recipes_make_whole_steps(subject: Subject) -> None:
    speed = measure_training(subject, BenchmarkConfig(size=32, rounds=2))
    ours, peer = speed.step.ours, speed.step.peer
    assert ours and peer
    assert (len(ours.rounds), len(peer.rounds)) == (2, 2)
    assert 0 < ours.floor.flops < peer.floor.flops
    assert speed.images_per_second == {"ours": BATCH / ours.seconds, "peer": BATCH / peer.seconds}


def test_the_table_has_both_and_their_ratio(subject: Subject) -> None:
    speed = measure_training(subject, BenchmarkConfig(size=32, rounds=1))
    assert [row[0] for row in speed.table().rows] == ["texnet", "pytorch/examples", "ratio"]


def test_the_table_says_the_number_format_of_both(subject: Subject) -> None:
    speed = measure_training(replace(subject, precision=torch.bfloat16), BenchmarkConfig(size=32, rounds=1))
    assert [row[1] for row in speed.table().rows] == ["bfloat16", "float32", ""]


def test_our_step_is_one_that_learns_in_the_precision_that_is_asked_for(subject: Subject) -> None:
    step = build_our_step(replace(subject, precision=torch.bfloat16), torch.rand(2, 3, 32, 32))
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
