"""A noise factor for every pixel, of one network or several."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from texnet.stylize import StylizeFn, Stylizer
from texnet.stylize.masks import SPACING, feather, stylize_with_mask, stylize_with_masks

HEIGHT, WIDTH = 20, 24


@pytest.fixture
def image() -> Tensor:
    """A picture of random bytes."""
    return torch.randint(0, 256, (1, 3, HEIGHT, WIDTH), generator=torch.Generator().manual_seed(0)).float() / 255


@pytest.mark.parametrize("factor", [0.0, 0.25, 0.7, 1.0, 1.5])
def test_a_map_of_one_value_paints_what_that_factor_does(stylizer: Stylizer, image: Tensor, factor: float) -> None:
    painted = stylize_with_mask(stylizer, image, torch.full((HEIGHT, WIDTH), factor))
    torch.testing.assert_close(painted, stylizer(image, factor), rtol=0, atol=1e-6)


def test_where_a_map_is_black_or_white_it_is_the_photo_or_the_full_style(stylizer: Stylizer, image: Tensor) -> None:
    ramp = torch.linspace(-0.5, 1.5, WIDTH).clamp(0, 1).expand(HEIGHT, WIDTH)
    painted = stylize_with_mask(stylizer, image, ramp)
    assert torch.equal(painted[..., ramp[0] == 0], image[..., ramp[0] == 0])
    assert torch.equal(painted[..., ramp[0] == 1], stylizer(image, 1.0)[..., ramp[0] == 1])


def test_between_two_levels_a_pixel_is_their_mixture(stylizer: Stylizer, image: Tensor) -> None:
    factors = torch.zeros(HEIGHT, WIDTH)
    factors[:, 1:], factors[:, 12:] = 5.25 * SPACING, 1.0
    between = 0.75 * stylizer(image, 5 * SPACING) + 0.25 * stylizer(image, 6 * SPACING)
    painted = stylize_with_mask(stylizer, image, factors)
    torch.testing.assert_close(painted[..., 1:12], between[..., 1:12], rtol=0, atol=1e-6)


def test_each_picture_of_a_batch_may_have_a_map_of_its_own(stylizer: Stylizer, image: Tensor) -> None:
    factors = torch.stack([torch.zeros(1, HEIGHT, WIDTH), torch.ones(1, HEIGHT, WIDTH)])
    painted = stylize_with_mask(stylizer, image.expand(2, -1, -1, -1), factors)
    assert torch.equal(painted[:1], image)
    torch.testing.assert_close(painted[1:], stylizer(image, 1.0), rtol=0, atol=1e-5)


def test_levels_at_which_no_pixel_is_are_not_painted(image: Tensor) -> None:
    painted_at: list[float] = []

    def paint(image: Tensor, factor: float, seed: int) -> Tensor:
        painted_at.append(factor)
        return image

    half = torch.zeros(HEIGHT, WIDTH)
    half[:, 12:] = 1
    stylize_with_mask(paint, image, half)
    assert painted_at == [0.0, 1.0]


@pytest.mark.parametrize("factor", [-0.1, 1.6, float("nan"), float("inf")])
def test_a_factor_that_was_not_trained_is_refused(stylizer: Stylizer, image: Tensor, factor: float) -> None:
    factors = torch.ones(HEIGHT, WIDTH)
    factors[3, 4] = factor
    with pytest.raises(ValueError, match=r"noise.factor"):
        stylize_with_mask(stylizer, image, factors)


def test_a_map_of_another_size_than_the_picture_is_refused(stylizer: Stylizer, image: Tensor) -> None:
    with pytest.raises(ValueError, match=r"differ in size: 23x20 and 24x20 pixels$"):
        stylize_with_mask(stylizer, image, torch.ones(HEIGHT, WIDTH - 1))


def halves() -> Tensor:
    """Two hard masks, (2, H, W): the left 10 columns, and the right 10; 4 between them have neither."""
    masks = torch.zeros(2, HEIGHT, WIDTH)
    masks[0, :, :10], masks[1, :, 14:] = 1, 1
    return masks


@pytest.fixture
def other(stylizer: Stylizer) -> StylizeFn:
    """A second style: the negative of the first."""
    return lambda image, factor, seed: 1 - stylizer(image, factor, seed) if factor else image


def test_each_network_paints_where_its_mask_is_and_the_photo_is_left_elsewhere(
    stylizer: Stylizer, other: StylizeFn, image: Tensor
) -> None:
    painted = stylize_with_masks([stylizer, other], image, halves(), noise_factor=0.7)
    assert torch.equal(painted[..., 10:14], image[..., 10:14])
    assert torch.equal(painted[..., :10], stylizer(image, 0.7)[..., :10])
    assert torch.equal(painted[..., 14:], other(image, 0.7, 0)[..., 14:])


def test_one_mask_of_a_list_is_what_a_mask_alone_does(stylizer: Stylizer, image: Tensor) -> None:
    ramp = torch.linspace(0, 1, WIDTH).expand(HEIGHT, WIDTH)
    painted = stylize_with_masks([stylizer], image, ramp[None], noise_factor=0.8)
    torch.testing.assert_close(painted, stylize_with_mask(stylizer, image, 0.8 * ramp), rtol=0, atol=1e-6)


def test_where_one_style_passes_into_another_no_photo_shines_through(
    stylizer: Stylizer, other: StylizeFn, image: Tensor
) -> None:
    ramp = torch.linspace(0, 1, WIDTH).expand(HEIGHT, WIDTH)
    painted = stylize_with_masks([stylizer, other], image, torch.stack([1 - ramp, ramp]))
    mixture = (1 - ramp) * stylizer(image, 1.0) + ramp * other(image, 1.0, 0)
    torch.testing.assert_close(painted, mixture, rtol=0, atol=1e-5)


def test_masks_that_overlap_share_a_pixel(stylizer: Stylizer, other: StylizeFn, image: Tensor) -> None:
    painted = stylize_with_masks([stylizer, other], image, torch.ones(2, HEIGHT, WIDTH))
    torch.testing.assert_close(painted, 0.5 * stylizer(image, 1.0) + 0.5 * other(image, 1.0, 0), rtol=0, atol=1e-6)


def test_a_mask_is_needed_for_each_network(stylizer: Stylizer, image: Tensor) -> None:
    with pytest.raises(ValueError, match="1 masks for 2 stylizers"):
        stylize_with_masks([stylizer, stylizer], image, torch.ones(1, HEIGHT, WIDTH))


def test_a_feather_softens_an_edge_as_far_as_asked_and_nothing_beyond() -> None:
    hard = torch.zeros(9, 40)
    hard[:, 20:] = 1
    soft = feather(hard, 5)
    assert torch.equal(soft[:, :15], torch.zeros(9, 15)) and torch.equal(soft[:, 25:], torch.ones(9, 15))
    inside = soft[0, 15:25]
    assert (inside.diff() > 0).all() and 0 < inside[0] < 0.1
    torch.testing.assert_close(inside, 1 - inside.flip(0), rtol=0, atol=2e-5)  # symmetric around the edge
    torch.testing.assert_close(soft, feather(hard.T, 5).T, rtol=0, atol=2e-5)  # down as across


@pytest.mark.parametrize("mask", [torch.zeros(6, 8), torch.ones(6, 8)], ids=["black", "white"])
def test_a_feather_wider_than_the_mask_leaves_what_has_no_edge(mask: Tensor) -> None:
    assert torch.equal(feather(mask, 30), mask)


def test_no_feather_changes_nothing() -> None:
    gray = torch.rand(5, 7)
    assert torch.equal(feather(gray, 0), gray)
