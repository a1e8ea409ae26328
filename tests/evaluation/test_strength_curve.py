"""The strength curve of painters whose ways are known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from texnet.config import EvaluateConfig
from texnet.evaluation import EvalSetup
from texnet.evaluation.adapters import Network
from texnet.evaluation.results import Curve
from texnet.evaluation.strength_curve import measure_curve


def red_light(amount: float) -> Tensor:
    """A color cast, (1, 3, 1, 1), that the style of red stripes likes."""
    return torch.tensor([0.8, 0.1, 0.1])[None, :, None, None] * amount


def there_and_back(photo: Tensor, noise_factor: float, seed: int) -> Tensor:
    """Rosy up to factor 1, and then back to the photo at 2."""
    share = min(noise_factor, 2 - noise_factor)
    return (1 - share) * photo + share * red_light(1)


@pytest.fixture
def curve(setup: EvalSetup, config: EvaluateConfig) -> Curve:
    """The curve of :func:`there_and_back` on two photos, in quarters."""
    config = replace(config, curve_step=0.25, curve_images=2)
    return measure_curve(Network("there and back", there_and_back, 2.0), setup, config)


def test_where_a_dial_turns_back_is_told_by_range(curve: Curve) -> None:
    for steps in (curve.content_rises, curve.mean_content_rises):
        assert (steps.all, steps.up_to_one, steps.beyond) == (0.5, 1.0, 0.0)
        assert steps.each == [1, 1, 1, 1, 0, 0, 0, 0]
    assert str(curve.content_rises) == "50.0% (100.0%, 0.0%)"


def test_the_mean_of_the_photos_is_judged_beside_each_photo(curve: Curve) -> None:
    falls = [float(after < before) for before, after in pairwise(curve.style)]
    assert curve.mean_style_falls.each == falls
    assert curve.mean_style_falls.all == pytest.approx(sum(falls) / len(falls))
    assert all(share in (0, 0.5, 1) for share in curve.style_falls.each)


def test_a_dial_that_ends_at_one_has_no_steps_beyond(setup: EvalSetup, config: EvaluateConfig) -> None:
    curve = measure_curve(Network("short", there_and_back, 1.0), setup, config)
    assert curve.content_rises.beyond is None
    assert str(curve.content_rises) == "100.0% (100.0%)"


def test_the_largest_step_is_of_the_lengths_that_make_the_way(setup: EvalSetup, config: EvaluateConfig) -> None:
    def jump(photo: Tensor, noise_factor: float, seed: int) -> Tensor:
        """Rosy at once, the first photo at factor 0.5 and the other at 0.75."""
        rosy = noise_factor >= (0.5 if torch.equal(photo, setup.photos[:1]) else 0.75)
        return 0.5 * photo + red_light(0.5) if rosy else photo + red_light(0.01 * noise_factor)

    config = replace(config, curve_step=0.25, curve_images=2)
    curve = measure_curve(Network("jump", jump, 2.0), setup, config)
    lengths = [after - before for before, after in pairwise(curve.progress)]
    assert curve.mean_largest_step == pytest.approx(max(lengths) * len(lengths) / sum(lengths))
    assert curve.largest_step > 1.2 * curve.mean_largest_step  # each photo jumps at a place of its own
