"""A style picture in the colors of photos, and the loss of a network that leaves the photo's colors."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.helpers import CONTENT_LAYERS, STYLE_LAYERS
from tests.losses.helpers import LossMaker
from texnet.losses import PerceptualLoss
from texnet.losses.matching import LEAST_DEVIATION, MatchedStyle, color_moments
from texnet.losses.styles_loss import StylesLoss

LAYERS = {**dict.fromkeys(STYLE_LAYERS, 1.0), "palette": 1.0, "hues": 1.0}


@pytest.fixture
def matched(make_loss: LossMaker) -> PerceptualLoss:
    """A loss that matches colors, layers of colors among its own."""
    return make_loss(match_colors=True, style_layers=LAYERS, statistic="sqrt_moments")


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def mild(count: int, seed: int) -> Tensor:
    """Pictures whose colors depend on each other, and in which nothing has to be clipped."""
    mix, mean = 0.02 * noise(count, 3, 3, seed=seed), 0.5 + 0.02 * noise(count, 3, 1, seed=seed + 1)
    colors = mix + 0.06 * torch.eye(3)
    return (mean + colors @ noise(count, 3, 40 * 30, seed=seed + 2).clamp(-2, 2)).view(count, 3, 40, 30)


def style_terms(loss: PerceptualLoss, output: Tensor, photo: Tensor) -> float:
    ones = torch.ones(len(output))
    return sum(term.item() for name, term in loss(output, photo, ones, ones).items() if name.startswith("style"))


def style_distance(loss: PerceptualLoss, output: Tensor) -> float:
    found = loss.extract(output, loss.style_layers)
    return sum(share * loss.style_distance(layer, found[layer]).item() for layer, share in loss.style_layers.items())


def test_the_picture_gets_mean_and_covariance_of_each_photo() -> None:
    photos, style = mild(3, seed=1), MatchedStyle(mild(1, seed=5))
    recolored = style.recolor(*style.map_to(photos))
    for found, expected in zip(color_moments(recolored), color_moments(photos), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-2, atol=1e-5)


def test_its_own_colors_change_nothing() -> None:
    picture = mild(1, seed=5)
    style = MatchedStyle(picture)
    torch.testing.assert_close(style.recolor(*style.map_to(picture)), picture, rtol=0, atol=1e-4)


def test_a_photo_of_grays_gets_a_picture_of_grays() -> None:
    style, gray = MatchedStyle(mild(1, seed=5)), mild(1, seed=2).mean(1, keepdim=True).expand(-1, 3, -1, -1)
    recolored = style.recolor(*style.map_to(gray))
    assert (recolored.amax(1) - recolored.amin(1)).max() < 2e-3
    assert recolored.std() > 0.01


def test_what_a_picture_of_grays_has_of_color_by_chance_is_not_amplified() -> None:
    gray = (0.5 + 0.2 * noise(1, 1, 40, 30).clamp(-2, 2)).expand(-1, 3, -1, -1)
    style = MatchedStyle(gray + 0.001 * noise(1, 3, 40, 30, seed=1))
    recolored = style.recolor(*style.map_to(mild(1, seed=3)))
    deviations = torch.linalg.eigvalsh(color_moments(recolored)[1])[0].clamp(min=0).sqrt()  # rising
    assert deviations[1] < 0.001 / LEAST_DEVIATION * 0.1
    assert deviations[2] > 0.03


def test_a_flat_photo_gets_a_flat_picture() -> None:
    style, flat = MatchedStyle(mild(1, seed=5)), torch.full((1, 3, 8, 8), 0.3)
    torch.testing.assert_close(style.recolor(*style.map_to(flat)), torch.full((1, 3, 40, 30), 0.3), rtol=0, atol=1e-3)


def test_crops_cover_the_picture_evenly() -> None:
    picture = torch.zeros(1, 3, 50, 70)
    style = MatchedStyle(picture)
    for number in range(200):
        part = style.crop((20, 25), number)
        assert part.shape == (1, 3, 20, 25)
        part += 1
    inside = style.picture[0, 0, 20:-20, 25:-25]
    assert inside.min() > 0.8 * inside.max()
    assert all(style.picture[0, 0].amax(axis).min() > 0 for axis in (0, 1)), "no row and no column is left out"
    assert style.crop((90, 25), 3).shape == (1, 3, 50, 25)


def test_the_style_in_the_colors_of_the_photo_costs_no_style(matched: PerceptualLoss, photos: Tensor, style: Tensor) -> None:
    own = MatchedStyle(style)
    for photo in torch.split(photos, 1):
        in_its_colors = own.recolor(*own.map_to(photo))
        matched.match(photo)
        assert style_distance(matched, in_its_colors) == pytest.approx(0, abs=1e-4)
        assert style_distance(matched, style) > 0.02


def test_untouched_photos_cost_one_of_style_in_each_convolution(matched: PerceptualLoss, photos: Tensor) -> None:
    ones = torch.ones(len(photos))
    terms = matched(photos, photos, ones, ones)
    assert [terms[f"style/{layer}"].item() for layer in STYLE_LAYERS] == pytest.approx([0.25, 0.25], rel=1e-3)
    assert all(terms[f"style/{layer}"] < 0.2 for layer in ("palette", "hues"))


def test_every_photo_has_targets_of_its_own(matched: PerceptualLoss, photos: Tensor) -> None:
    output = photos.roll(1, 0)
    each = [style_terms(matched, output[n : n + 1], photos[n : n + 1]) for n in range(len(photos))]
    assert style_terms(matched, output, photos) == pytest.approx(sum(each) / len(each), rel=1e-4)


def test_distances_are_the_terms_after_a_match(matched: PerceptualLoss, photos: Tensor) -> None:
    output, layers = photos.flip(3), {*LAYERS, *CONTENT_LAYERS}
    matched.match(photos)
    style, _ = matched.distances(matched.extract(output, layers), matched.extract(photos, layers))
    assert style.mean().item() == pytest.approx(style_terms(matched, output, photos), rel=1e-4)


def test_a_step_sees_a_crop_of_the_style_that_follows_from_its_number(matched: PerceptualLoss, photos: Tensor) -> None:
    small = photos[..., :32, :32].contiguous()
    whole = style_terms(matched, small, small)
    at = []
    for step in (3, 4, 3):
        matched.step = step
        at.append(style_terms(matched, small, small))
    assert at[0] == at[2]
    assert len({whole, *at}) == 3


def test_a_gradient_comes_to_the_output_alone(matched: PerceptualLoss, photos: Tensor) -> None:
    output, content = photos.flip(3).requires_grad_(), photos.clone().requires_grad_()
    ones = torch.ones(len(photos))
    torch.stack(list(matched(output, content, ones, ones).values())).sum().backward()
    assert content.grad is None
    assert output.grad is not None
    assert torch.isfinite(output.grad).all()


def test_a_batch_of_several_styles_is_matched_picture_by_picture(make_loss: LossMaker, photos: Tensor, style: Tensor) -> None:
    plain = make_loss(match_colors=True, style_layers=LAYERS)
    loss = StylesLoss(
        plain.features,
        style_layers=LAYERS,
        content_layers=plain.content_layers,
        statistic="gram",
        style_weight=1.0,
        content_weight=1.0,
        tv_weight=1.0,
        match_colors=True,
    )
    found = loss.extract(photos, {*LAYERS, *CONTENT_LAYERS})
    first, second = (loss.measure(picture, photos, found) for picture in (style, style.flip(1)))
    loss.targets = [first, first, second, second]
    output, alone = photos.roll(1, 0), []
    together = style_terms(loss, output, photos)
    for picture, part in ((style, slice(0, 2)), (style.flip(1), slice(2, 4))):
        plain.set_style(picture)
        plain.measure_term_norm(photos)
        alone.append(style_terms(plain, output[part], photos[part]))
    assert together == pytest.approx(sum(alone) / 2, rel=1e-4)
