"""The perceptual loss: what its terms are worth, and what they do not depend on."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.helpers import CONTENT_LAYERS, STYLE_LAYERS
from tests.losses.helpers import LossMaker
from texnet.losses import PerceptualLoss
from texnet.losses.style import STATISTICS

every_statistic = pytest.mark.parametrize("statistic", sorted(STATISTICS))


def terms_of(loss: PerceptualLoss, output: Tensor, content: Tensor | None = None) -> dict[str, Tensor]:
    """The terms at factor 1, where both shares are 1."""
    ones = torch.ones(len(output))
    return loss(output, output if content is None else content, ones, ones)


def values(terms: dict[str, Tensor]) -> dict[str, float]:
    return {name: term.item() for name, term in terms.items()}


def kind(terms: dict[str, Tensor], name: str) -> float:
    return sum(term.item() for key, term in terms.items() if key.split("/")[0] == name)


def test_there_is_a_term_for_each_layer_and_one_for_the_variation(make_loss: LossMaker, photos: Tensor) -> None:
    expected = {f"style/{layer}" for layer in STYLE_LAYERS} | {f"content/{layer}" for layer in CONTENT_LAYERS} | {"tv"}
    assert set(terms_of(make_loss(), photos)) == expected


@every_statistic
def test_the_style_picture_itself_costs_no_style(make_loss: LossMaker, style: Tensor, statistic: str) -> None:
    assert kind(terms_of(make_loss(statistic=statistic), style), "style") == pytest.approx(0, abs=1e-6)


@every_statistic
def test_untouched_photos_cost_one_of_style(make_loss: LossMaker, photos: Tensor, statistic: str) -> None:
    assert kind(terms_of(make_loss(statistic=statistic), photos), "style") == pytest.approx(1, rel=1e-4)


@every_statistic
def test_every_style_layer_costs_its_share_for_untouched_photos(make_loss: LossMaker, photos: Tensor, statistic: str) -> None:
    terms = terms_of(make_loss(statistic=statistic, style_layers={"relu1_1": 3.0, "relu2_1": 1.0}), photos)
    assert values(terms)["style/relu1_1"] == pytest.approx(0.75, rel=1e-4)


def test_distances_are_the_terms_without_weights_for_each_picture(make_loss: LossMaker, photos: Tensor) -> None:
    loss, layers = make_loss(), {*STYLE_LAYERS, *CONTENT_LAYERS}
    output = photos.roll(1, 0).lerp(photos, 0.3)
    with torch.no_grad():
        style, content = loss.distances(loss.extract(output, layers), loss.extract(photos, layers))
    assert style.shape == content.shape == (len(photos),)
    terms = terms_of(loss, output, photos)
    assert style.mean().item() == pytest.approx(kind(terms, "style"), rel=1e-4)
    assert content.mean().item() == pytest.approx(kind(terms, "content"), rel=1e-4)


def test_the_photo_itself_costs_no_content(make_loss: LossMaker, photos: Tensor) -> None:
    assert kind(terms_of(make_loss(), photos), "content") == 0


def test_another_photo_costs_about_two_of_content(make_loss: LossMaker, photos: Tensor) -> None:
    assert kind(terms_of(make_loss(), photos.roll(1, 0), photos), "content") == pytest.approx(2, abs=1)


def test_untouched_photos_cost_one_of_variation(make_loss: LossMaker, photos: Tensor) -> None:
    assert terms_of(make_loss(), photos)["tv"].item() == pytest.approx(1, rel=1e-5)


@every_statistic
def test_twice_the_weight_on_every_layer_changes_nothing(make_loss: LossMaker, photos: Tensor, statistic: str) -> None:
    once = make_loss(statistic=statistic)
    layers = {"style_layers": dict.fromkeys(STYLE_LAYERS, 2.0), "content_layers": dict.fromkeys(CONTENT_LAYERS, 2.0)}
    twice = make_loss(statistic=statistic, **layers)
    output = photos.flip(3)
    assert values(terms_of(twice, output, photos)) == pytest.approx(values(terms_of(once, output, photos)))


@every_statistic
@pytest.mark.parametrize("scale", [50.0, 0.1])
def test_how_large_a_networks_activations_are_does_not_matter(
    make_loss: LossMaker, photos: Tensor, statistic: str, scale: float
) -> None:
    plain, scaled = make_loss(statistic=statistic), make_loss(statistic=statistic, activation_scale=scale)
    output = photos.flip(3)
    expected = values(terms_of(plain, output, photos))
    assert values(terms_of(scaled, output, photos)) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", ["style", "content", "tv"])
def test_a_weight_multiplies_the_terms_of_its_kind_alone(make_loss: LossMaker, photos: Tensor, name: str) -> None:
    loss, output = make_loss(), photos.flip(3)
    before = values(terms_of(loss, output, photos))
    setattr(loss, f"{name}_weight", 5.0)
    expected = {key: 5 * value if key.split("/")[0] == name else value for key, value in before.items()}
    assert values(terms_of(loss, output, photos)) == pytest.approx(expected)


def test_the_style_share_weighs_each_picture(make_loss: LossMaker, photos: Tensor) -> None:
    loss, ones = make_loss(), torch.ones(2)
    terms = loss(photos[:2], photos[:2], torch.tensor([1.0, 0.0]), ones)
    assert kind(terms, "style") == pytest.approx(kind(terms_of(loss, photos[:1]), "style") / 2, rel=1e-4)


def test_the_content_share_weighs_each_picture(make_loss: LossMaker, photos: Tensor) -> None:
    loss, ones, output = make_loss(), torch.ones(2), photos.flip(3)
    terms = loss(output[:2], photos[:2], ones, torch.tensor([0.0, 1.0]))
    assert kind(terms, "content") == pytest.approx(kind(terms_of(loss, output[1:2], photos[1:2]), "content") / 2, rel=1e-4)


@every_statistic
def test_the_gradient_is_the_slope_of_the_loss(make_loss: LossMaker, photos: Tensor, statistic: str) -> None:
    loss = make_loss(statistic=statistic)
    output = photos[:1].flip(3).requires_grad_()

    def total(picture: Tensor) -> Tensor:
        return torch.stack(list(terms_of(loss, picture, photos[:1]).values())).sum()

    (gradient,) = torch.autograd.grad(total(output), output)
    step = 1e-2 * gradient / gradient.norm()
    with torch.no_grad():
        slope = (total(output + step) - total(output - step)) / 2e-2
    assert gradient.norm().item() == pytest.approx(slope.item(), rel=0.02)


def test_scales_taken_over_give_the_same_terms(make_loss: LossMaker, photos: Tensor, style: Tensor) -> None:
    measured, other = make_loss(), make_loss()
    other.measure_term_norm(style)
    other.set_term_norm(measured.term_norm)
    output = photos.flip(3)
    assert values(terms_of(other, output, photos)) == values(terms_of(measured, output, photos))


@every_statistic
def test_photos_that_do_not_differ_give_finite_terms(make_loss: LossMaker, photos: Tensor, statistic: str) -> None:
    loss, flat = make_loss(statistic=statistic), torch.full((2, 3, 32, 32), 0.5)
    loss.set_style(flat[:1])
    loss.measure_term_norm(flat)
    assert all(term.isfinite() for term in terms_of(loss, photos).values())


@every_statistic
def test_autocast_changes_no_term(make_loss: LossMaker, photos: Tensor, statistic: str) -> None:
    loss, output = make_loss(statistic=statistic), photos.flip(3)
    expected = values(terms_of(loss, output, photos))
    with torch.autocast("cpu", torch.bfloat16):
        terms = terms_of(loss, output, photos)
    assert values(terms) == expected


@every_statistic
def test_bfloat16_features_give_about_the_terms_of_float32(make_loss: LossMaker, photos: Tensor, statistic: str) -> None:
    plain, coarse = make_loss(statistic=statistic), make_loss(statistic=statistic, dtype=torch.bfloat16)
    output = photos.flip(3)
    terms = terms_of(coarse, output, photos)
    assert {term.dtype for term in terms.values()} == {torch.float32}
    assert values(terms) == pytest.approx(values(terms_of(plain, output, photos)), rel=0.05)


def test_luminance_is_a_term_of_photos_weighed_like_content(make_loss: LossMaker, photos: Tensor) -> None:
    loss, ones = make_loss(luminance_weight=3.0), torch.ones(len(photos))
    assert loss(photos, photos, ones, ones)["luminance"].item() == pytest.approx(0, abs=1e-5)
    assert loss(1 - photos, photos, ones, 0.5 * ones)["luminance"].item() == pytest.approx(3.0, rel=1e-4)


def test_without_a_photo_or_weight_there_is_no_luminance_term(make_loss: LossMaker, photos: Tensor) -> None:
    ones = torch.ones(len(photos))
    assert "luminance" not in make_loss()(photos, photos, ones, ones)
    assert "luminance" not in make_loss(luminance_weight=3.0, content_layers={})(photos, None, ones, ones)


@every_statistic
@pytest.mark.parametrize("colors", ["black and white", "gray"])
def test_a_style_picture_without_colors_gives_finite_terms(
    make_loss: LossMaker, photos: Tensor, statistic: str, colors: str
) -> None:
    loss = make_loss(statistic=statistic, style_layers={"hues": 1.0, "relu2_1": 1.0})
    grays = photos[:1].mean(1, keepdim=True).expand(-1, 3, -1, -1)
    loss.set_style((grays > 0.5).float() if colors == "black and white" else grays)
    loss.measure_term_norm(photos)
    assert all(0 < unit < float("inf") for unit in loss.term_norm.values())
    output = photos.clone().requires_grad_()
    total = torch.stack(list(terms_of(loss, output, photos).values())).sum()
    total.backward()
    assert output.grad is not None and bool(torch.isfinite(output.grad).all()) and bool(torch.isfinite(total))
