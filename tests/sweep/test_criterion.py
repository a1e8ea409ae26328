"""The criterion: the same loss for all, on photos that were held out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from tests.sweep.helpers import CPU, WEIGHTS, MakeSweep
from texnet.data import build_photos
from texnet.drawing import draw_scene
from texnet.generators import build_generator
from texnet.sweep.criterion import EvaluatorCache, explain_criterion, score_generator


def test_all_combinations_share_an_evaluator(make_sweep: MakeSweep) -> None:
    sweep = make_sweep({"style_weight": (1.0, 30.0), "width": (4, 6), "content_weight": (1.0, 2.0)})
    evaluators = EvaluatorCache(sweep, CPU)
    assert len({id(evaluators.evaluator_for(setting)) for setting in sweep.grid()}) == 1


def test_a_generator_gets_the_same_scores_again(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(WEIGHTS)
    evaluator = EvaluatorCache(sweep, CPU).evaluator_for(sweep.grid()[0])
    generator = build_generator(sweep.base.generator)
    scores = score_generator(evaluator, generator)
    assert score_generator(evaluator, generator) == scores
    assert scores["total"] > scores["style"] + scores["content"] > 0


def test_the_photos_are_those_that_were_held_out(make_sweep: MakeSweep, tmp_path: Path) -> None:
    folder = tmp_path / "twenty"
    folder.mkdir()
    for number in range(20):
        draw_scene(32, seed=number).save(folder / f"photo-{number:02d}.png")
    sweep = make_sweep(WEIGHTS)
    setting = sweep.setting("", {"data_dir": str(folder), "num_val": 2})
    photos, held_out = build_photos(replace(setting.config.data, cache_fraction=0.0), seed=0, on_unreadable=print)
    assert len(held_out) == 2 and held_out is not photos
    found = EvaluatorCache(sweep, CPU).evaluator_for(setting).photos
    expected = torch.stack([held_out[i] for i in range(len(held_out))]).float() / 255
    assert torch.equal(found.flatten(1).sort(0).values, expected.flatten(1).sort(0).values)


def test_the_criterion_is_explained_with_the_weights_that_count(make_sweep: MakeSweep) -> None:
    assert explain_criterion(make_sweep(WEIGHTS, criterion="style")) == (
        "the style term of the perceptual loss of the held-out photos stylized at noise factor 1, with the same weights for "
        "every model (style_weight 8, content_weight 1, luminance_weight 2, tv_weight 0.02); lower is better"
    )
