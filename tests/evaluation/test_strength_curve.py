"""The strength curve of networks whose paths are known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from texnet.config import EvaluateConfig
from texnet.evaluation import EvalSetup
from texnet.evaluation.networks import Network
from texnet.evaluation.strength_curve import StrengthCurve, measure_curve


def red_light(amount: float) -> Tensor:
    """A color cast, (1, 3, 1, 1), near to the style of red stripes."""
    return torch.tensor([0.8, 0.1, 0.1])[None, :, None, None] * amount


def there_and_back(photo: Tensor, noise_factor: float, seed: int) -> Tensor:
    """Red up to factor 1, and then back to the photo at 2."""
    share = min(noise_factor, 2 - noise_factor)
    return (1 - share) * photo + share * red_light(1)


@pytest.fixture(scope="module")
def curve(plain_setup: EvalSetup, config: EvaluateConfig) -> StrengthCurve:
    """The curve of :func:`there_and_back` on two photos, in quarters."""
    config = replace(config, curve_step=0.25, curve_images=2)
    return measure_curve(Network("there and back", there_and_back, 2.0), plain_setup.evaluator, config)


def test_steps_in_the_wrong_direction_are_counted_up_to_1_and_beyond(curve: StrengthCurve) -> None:
    for steps in (curve.content_rises, curve.mean_content_rises):
        assert (steps.all, steps.up_to_one, steps.beyond) == (0.5, 1.0, 0.0)
        assert steps.each == [1, 1, 1, 1, 0, 0, 0, 0]
    assert str(curve.content_rises) == "50.0% (100.0%, 0.0%)"


def test_the_mean_of_the_photos_is_counted_beside_each_photo(curve: StrengthCurve) -> None:
    falls = [float(after < before) for before, after in pairwise(curve.style)]
    assert curve.mean_style_falls.each == falls
    assert curve.mean_style_falls.all == pytest.approx(sum(falls) / len(falls))
    assert all(share in (0, 0.5, 1) for share in curve.style_falls.each)


def test_a_network_that_ends_at_factor_1_has_no_steps_beyond(plain_setup: EvalSetup, config: EvaluateConfig) -> None:
    curve = measure_curve(Network("short", there_and_back, 1.0), plain_setup.evaluator, config)
    assert curve.content_rises.beyond is None
    assert str(curve.content_rises) == "100.0% (100.0%)"


@pytest.mark.parametrize("step", [0.3, 0.4, 0.5])
def test_the_curve_meets_full_style_whatever_its_step(plain_setup: EvalSetup, config: EvaluateConfig, step: float) -> None:
    network = Network("there and back", there_and_back, 2.0)
    curve = measure_curve(network, plain_setup.evaluator, replace(config, curve_step=step))
    assert curve.progress[curve.factors.index(1.0)] == 1
    assert curve.factors[-1] == 2


def test_the_largest_step_is_of_the_lengths_that_make_the_path(plain_setup: EvalSetup, config: EvaluateConfig) -> None:
    def jump(photo: Tensor, noise_factor: float, seed: int) -> Tensor:
        """Red at once, the first photo at factor 0.5 and the other at 0.75."""
        is_red = noise_factor >= (0.5 if torch.equal(photo, plain_setup.photos[:1]) else 0.75)
        return 0.5 * photo + red_light(0.5) if is_red else photo + red_light(0.01 * noise_factor)

    config = replace(config, curve_step=0.25, curve_images=2)
    curve = measure_curve(Network("jump", jump, 2.0), plain_setup.evaluator, config)
    lengths = [after - before for before, after in pairwise(curve.progress)]
    assert curve.mean_largest_step == pytest.approx(max(lengths) * len(lengths) / sum(lengths))
    assert curve.largest_step > 1.2 * curve.mean_largest_step  # each photo jumps at another factor
