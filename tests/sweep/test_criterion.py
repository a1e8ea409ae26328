"""The criterion: the same loss for all, on photos that were held out."""

from __future__ import annotations

import pytest
import torch

from tests.sweep.helpers import CPU, WEIGHTS, MakeSweep
from texnet.generators import build_generator
from texnet.images import load_style
from texnet.sweep.criterion import Evaluator, EvaluatorCache, explain_criterion
from texnet.training.previews import choose_photos


@pytest.fixture
def judge(make_sweep: MakeSweep) -> Evaluator:
    sweep = make_sweep(WEIGHTS)
    return EvaluatorCache(sweep, CPU).evaluator_for(sweep.grid()[0])


def test_untouched_photos_have_no_content_loss_and_the_weights_as_style_and_total(judge: Evaluator) -> None:
    scores = judge.weigh(lambda photo: photo)
    assert scores["content"] == 0
    assert scores["style"] == pytest.approx(judge.loss.style_weight, rel=1e-4)
    assert scores["total"] == pytest.approx(judge.loss.style_weight + judge.loss.tv_weight, rel=1e-4)


def test_the_style_picture_itself_has_no_style_loss(judge: Evaluator, make_sweep: MakeSweep) -> None:
    style = load_style(make_sweep(WEIGHTS).base.loss.texture, 0)
    small = Evaluator(judge.loss, judge.photos)
    small.photos = style
    assert small.weigh(lambda photo: photo)["style"] == pytest.approx(0, abs=1e-6)


def test_the_verdict_is_the_mean_over_the_photos(judge: Evaluator) -> None:
    whole = judge.weigh(lambda photo: photo.flip(3))
    photos, parts = judge.photos, []
    for photo in photos:
        judge.photos = photo[None]
        parts.append(judge.weigh(lambda photo: photo.flip(3))["total"])
    assert whole["total"] == pytest.approx(sum(parts) / len(photos))


def test_all_combinations_have_the_same_judge(make_sweep: MakeSweep) -> None:
    sweep = make_sweep({"style_weight": (1.0, 30.0), "width": (4, 6), "content_weight": (1.0, 2.0)})
    evaluators = EvaluatorCache(sweep, CPU)
    assert len({id(evaluators.evaluator_for(setting)) for setting in sweep.grid()}) == 1


def test_a_generator_gets_the_same_verdict_again(judge: Evaluator, make_sweep: MakeSweep) -> None:
    generator = build_generator(make_sweep(WEIGHTS).base.generator)
    scores = judge(generator)
    assert judge(generator) == scores
    assert scores["total"] > scores["style"] + scores["content"] > 0


def test_photos_that_were_held_out_are_judged_and_not_those_that_were_trained_on(
    make_sweep: MakeSweep, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from texnet.drawing import draw_scene

    folder = tmp_path_factory.mktemp("twenty")
    for number in range(20):
        draw_scene(48, seed=number).save(folder / f"photo-{number:02d}.png")
    sweep = make_sweep(WEIGHTS)
    setting = sweep.setting("", {"data_dir": str(folder), "num_val": 2})
    from texnet.data import build_photos

    _, held_out = build_photos(setting.config.data, seed=0, on_unreadable=print)
    assert len(held_out) == 2
    judged = EvaluatorCache(sweep, CPU).evaluator_for(setting).photos
    assert torch.equal(judged, choose_photos(held_out, 2, 0, "judge"))


def test_the_criterion_is_told_with_the_weights_that_count(make_sweep: MakeSweep) -> None:
    assert explain_criterion(make_sweep(WEIGHTS, criterion="style")) == (
        "the style term of the perceptual loss of the held-out photos painted at noise factor 1, with the same weights for "
        "every model (style_weight 18, content_weight 1, tv_weight 0.02); lower is better"
    )
