"""The pixel blend: a network that blends is as good as it, one nearer to the style at equal content beats it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from texnet.config import EvaluateConfig
from texnet.evaluation import EvalSetup
from texnet.evaluation.networks import Network
from texnet.evaluation.pixel_blend_baseline import SHARES, Point, blend, compare_pixel_blend, style_at
from texnet.evaluation.strength_curve import measure_curve

BLENDS = [Point(share**2, 1 - share) for share in SHARES]  # content is a square of the share, style a line over it
FACTORS = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5]


def stripes(photo: Tensor) -> Tensor:
    """Vertical stripes of four pixels over the whole picture."""
    columns = (torch.arange(photo.shape[3]) // 4 % 2).float()
    return columns.expand_as(photo)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.337, 0.5, 0.999, 1.0])
def test_the_style_at_a_content_is_that_of_the_blend_between_two(share: float) -> None:
    assert style_at(share**2, BLENDS) == pytest.approx(1 - share)


def test_more_content_than_any_blend_has_is_compared_with_the_output_itself() -> None:
    assert style_at(7.0, BLENDS) == 0


def test_a_network_that_is_nearer_to_the_style_at_every_content_beats_blending_everywhere() -> None:
    curve = [Point(factor**2, 0.9 * (1 - factor)) for factor in FACTORS]
    found = compare_pixel_blend(FACTORS, [curve, curve], [BLENDS, BLENDS])
    assert (found.beaten, found.mean_beaten, found.beaten_each) == (1, 1, [1, 1, 1])


def test_photos_and_their_mean_are_counted_apart_and_only_between_0_and_1() -> None:
    better = [Point(factor**2, 1 - factor - 0.2) for factor in FACTORS]
    worse = [Point(factor**2, 1 - factor + 0.1) for factor in FACTORS]
    found = compare_pixel_blend(FACTORS, [better, worse], [BLENDS, BLENDS])
    assert (found.beaten, found.mean_beaten, found.beaten_each) == (0.5, 1, [0.5, 0.5, 0.5])
    assert found.content == pytest.approx([share**2 for share in SHARES])


def test_a_network_that_blends_has_the_style_of_blending_at_equal_content(
    plain_setup: EvalSetup, config: EvaluateConfig
) -> None:
    def stylize(photo: Tensor, noise_factor: float, seed: int) -> Tensor:
        share = min(noise_factor, 1.0) ** 1.3  # at other points of the same path
        return (1 - share) * photo + share * stripes(photo)

    network = Network("blend", stylize, 2.0)
    curve = measure_curve(network, plain_setup.evaluator, replace(config, curve_step=0.125))
    blends = curve.pixel_blend
    points = [Point(content, style) for content, style in zip(blends.content, blends.style, strict=True)]
    for content, style in zip(curve.content, curve.style, strict=True):
        assert style == pytest.approx(style_at(content, points), abs=2e-3)


def test_blends_go_from_the_photo_to_the_output(plain_setup: EvalSetup) -> None:
    photo = plain_setup.photos[:1]
    points = blend(plain_setup.loss, photo, photo)
    assert [point.content for point in points] == pytest.approx([0] * len(SHARES), abs=1e-6)
    points = blend(plain_setup.loss, photo, stripes(photo))
    assert points[0].content == 0 and points[-1].content > points[20].content > 0
