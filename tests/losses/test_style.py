"""Style statistics against closed forms."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from texnet.config import STATISTIC_NAMES
from texnet.losses.style import STATISTICS, covariance, gram_matrix, quantiles, sqrt_moments, squared_distance
from texnet.ops.elementwise import ROOT_OFFSET

every_statistic = pytest.mark.parametrize("name", sorted(STATISTICS))


def draw_features(shape: tuple[int, ...] = (2, 4, 5, 6)) -> Tensor:
    """Feature maps as after a ReLU: a mean of about one, nothing below zero."""
    return (torch.randn(shape, generator=torch.Generator().manual_seed(0)) + 1).relu()


def shuffle_positions(features: Tensor) -> Tensor:
    order = torch.randperm(features.shape[2] * features.shape[3], generator=torch.Generator().manual_seed(1))
    return features.flatten(2)[:, :, order].reshape(features.shape)


def test_the_registry_holds_the_names_that_the_flag_offers() -> None:
    assert set(STATISTICS) == set(STATISTIC_NAMES)


@settings(deadline=None, max_examples=10)
@given(n=st.integers(1, 2), c=st.integers(1, 3), h=st.integers(1, 4), w=st.integers(1, 4))
def test_the_gram_matrix_is_the_triple_loop(n: int, c: int, h: int, w: int) -> None:
    features = draw_features((n, c, h, w))
    expected = torch.zeros(n, c, c)
    for i in range(c):
        for j in range(c):
            for y in range(h):
                for x in range(w):
                    expected[:, i, j] += features[:, i, y, x] * features[:, j, y, x]
    torch.testing.assert_close(gram_matrix(features), expected / (c * h * w))


def test_the_covariance_is_torchs_over_the_channels() -> None:
    features = draw_features()
    expected = torch.stack([torch.cov(picture.flatten(1), correction=0) for picture in features]) / 4
    torch.testing.assert_close(covariance(features)["covariance"], expected, rtol=1e-4, atol=1e-6)


def test_the_mean_is_that_of_each_channel() -> None:
    features = draw_features()
    torch.testing.assert_close(covariance(features)["mean"], features.mean((2, 3)))


def test_brightness_moves_the_mean_and_not_the_covariance() -> None:
    features = draw_features()
    before, after = covariance(features), covariance(features + 0.5)
    torch.testing.assert_close(after["mean"], before["mean"] + 0.5)
    torch.testing.assert_close(after["covariance"], before["covariance"], rtol=1e-3, atol=1e-5)


def test_the_statistic_of_roots_is_that_of_the_square_roots() -> None:
    features = draw_features().abs()
    expected = covariance((features + ROOT_OFFSET).sqrt())
    torch.testing.assert_close(sqrt_moments(features), expected)
    torch.testing.assert_close(sqrt_moments(-features)["mean"], torch.full_like(expected["mean"], ROOT_OFFSET**0.5))


def test_a_few_glaring_spots_weigh_less_among_roots() -> None:
    """A hundredth of the picture nine times as bright: half as far from the even picture, by variance, as among squares."""
    even = torch.ones(1, 1, 10, 20)
    even[..., ::2] = 0.5
    spotted = even.clone()
    spotted[..., 0, :2] = 9.0

    def growth(statistic: str) -> float:
        before, after = (STATISTICS[statistic](x)["covariance"].item() for x in (even, spotted))
        return after / before

    assert growth("sqrt_moments") < growth("covariance") / 2


@every_statistic
def test_every_matrix_is_symmetric(name: str) -> None:
    for value in STATISTICS[name](draw_features()).values():
        if value.ndim == 3:
            torch.testing.assert_close(value, value.mT)


@every_statistic
def test_every_matrix_is_positive_semidefinite(name: str) -> None:
    for value in STATISTICS[name](draw_features((2, 8, 2, 2))).values():
        if value.ndim == 3:
            assert torch.linalg.eigvalsh(value).min() > -1e-6


@every_statistic
def test_where_a_stroke_is_does_not_matter(name: str) -> None:
    features = draw_features()
    torch.testing.assert_close(STATISTICS[name](shuffle_positions(features)), STATISTICS[name](features))


@every_statistic
def test_a_tiled_picture_has_the_statistics_of_its_tile(name: str) -> None:
    features = draw_features()
    torch.testing.assert_close(STATISTICS[name](features.repeat(1, 1, 2, 3)), STATISTICS[name](features))


@pytest.mark.parametrize("name", ["gram", "covariance"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_statistics_are_float32_sums_of_the_features(name: str, dtype: torch.dtype) -> None:
    features = draw_features((1, 8, 64, 64)).to(dtype)
    wide = features.double().flatten(2)
    products, mean = wide @ wide.mT / (8 * 64 * 64), wide.mean(2)
    expected = {"gram": products, "mean": mean, "covariance": products - mean[:, :, None] * mean[:, None, :] / 8}
    for part, value in STATISTICS[name](features).items():
        assert value.dtype == torch.float32
        torch.testing.assert_close(value.double(), expected[part], rtol=1e-5, atol=1e-6)


@every_statistic
def test_statistics_are_float32_whatever_autocast_says(name: str) -> None:
    features = draw_features()
    expected = STATISTICS[name](features)
    with torch.autocast("cpu", torch.bfloat16):
        found = STATISTICS[name](features)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def plain_statistics(name: str, features: Tensor) -> dict[str, Tensor]:
    x = features.flatten(2)
    if name == "sqrt_moments":
        x = (x.relu() + ROOT_OFFSET).sqrt()
    mean = x.mean(2)
    products = x @ x.mT / (x.shape[1] * x.shape[2])
    return {"gram": products, "mean": mean, "covariance": products - mean[:, :, None] * mean[:, None, :] / x.shape[1]}


@every_statistic
def test_gradients_are_those_of_plain_autograd(name: str) -> None:
    features = draw_features().requires_grad_()
    found = STATISTICS[name](features)
    expected = {part: plain_statistics(name, features)[part] for part in found}
    weights = {part: torch.randn_like(value) for part, value in found.items()}

    def gradient_of(statistics: dict[str, Tensor]) -> Tensor:
        weighted = [(statistics[part] * weights[part]).sum() for part in found]
        return torch.autograd.grad(torch.stack(weighted).sum(), features)[0]

    gradient, reference = gradient_of(found), gradient_of(expected)
    torch.testing.assert_close(gradient, reference, rtol=1e-4, atol=1e-7)


@every_statistic
def test_bfloat16_gradients_are_near_those_of_float32(name: str) -> None:
    rounded = draw_features().to(torch.bfloat16)
    gradients = []
    for features in (rounded.clone().requires_grad_(), rounded.float().requires_grad_()):
        squares = [value.square().sum() for value in STATISTICS[name](features).values()]
        gradients.append(torch.autograd.grad(torch.stack(squares).sum(), features)[0].float())
    assert (gradients[0] - gradients[1]).norm() / gradients[1].norm() < 0.02


def test_the_distance_is_the_sum_of_squared_differences_of_each_picture() -> None:
    a, b = torch.tensor([[[1.0, 2.0]], [[3.0, 4.0]]]), torch.tensor([[[1.0, 0.0]]])
    assert squared_distance(a, b).tolist() == [4.0, 20.0]


def test_quantiles_do_not_see_where_values_are() -> None:
    values = torch.rand(2, 3, 16, 24)
    shuffled = values.flatten(2)[:, :, torch.randperm(16 * 24)].view_as(values)
    torch.testing.assert_close(quantiles(values)["quantiles"], quantiles(shuffled)["quantiles"])


def test_the_distance_of_quantiles_is_the_wasserstein_distance() -> None:
    """Of values moved by a constant it is that constant, whatever the number of pixels."""
    values = torch.rand(1, 2, 16, 24)
    small = torch.nn.functional.interpolate(values, scale_factor=2.0)  # each value four times
    first, second = quantiles(values)["quantiles"], quantiles(small + 0.25)["quantiles"]
    torch.testing.assert_close(squared_distance(first, second) / first[0].numel(), torch.tensor([0.25**2]))


def test_quantiles_see_a_rare_color_that_means_hardly_see() -> None:
    plain = torch.full((1, 1, 32, 32), 0.5)
    spot = plain.clone()
    spot[..., :4, :4] = 1.0
    assert quantiles(spot)["quantiles"].max() == pytest.approx(1.0)
    assert float((spot.mean() - plain.mean()).abs()) < 0.01
