"""The evaluator: the same loss for all, in units of untouched photos."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.evaluation.helpers import CPU
from texnet.config import LossConfig
from texnet.evaluation import Evaluator
from texnet.evaluation.evaluator import build_evaluator
from texnet.images import load_style
from texnet.noise_factor import strength_weights


@pytest.fixture(scope="module")
def evaluator(loss_config: LossConfig) -> Evaluator:
    """On three pictures of noise."""
    return build_evaluator(loss_config, torch.rand(3, 3, 48, 48), CPU)


def test_untouched_photos_have_no_content_loss_and_the_weights_as_style_and_sum(evaluator: Evaluator) -> None:
    scores = evaluator.score(lambda photo: photo)
    assert scores["content"] == 0
    assert scores["style"] == pytest.approx(evaluator.loss.style_weight, rel=1e-4)
    assert scores["loss"] == pytest.approx(evaluator.loss.style_weight + evaluator.loss.tv_weight, rel=1e-4)


def test_the_style_picture_itself_has_no_style_loss(evaluator: Evaluator, style_path: Path) -> None:
    style = load_style(style_path, 0)
    terms = evaluator.terms(style, style)
    assert max(abs(value) for name, value in terms.items() if name != "tv") == pytest.approx(0, abs=1e-6)


def test_the_score_is_the_mean_over_the_photos(evaluator: Evaluator) -> None:
    each = [sum(evaluator.terms(photo.flip(3), photo).values()) for photo in evaluator.photos[:, None]]
    assert evaluator.score(lambda photo: photo.flip(3))["loss"] == pytest.approx(sum(each) / 3)


def test_style_and_content_are_weighed_as_at_the_noise_factor(evaluator: Evaluator) -> None:
    full, half = (evaluator.score(lambda photo: photo.flip(3), factor) for factor in (1.0, 0.5))
    style, content = (weight.item() for weight in strength_weights(torch.tensor([0.5])))
    assert half["style"] == pytest.approx(full["style"] * style)
    assert half["content"] == pytest.approx(full["content"] * content)


def test_a_missing_style_picture_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="--texture is missing: name the style picture"):
        build_evaluator(LossConfig(), torch.rand(1, 3, 48, 48), CPU)
