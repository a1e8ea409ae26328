"""The colors of the photo that shines through."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from texnet.generators.color_transform import ColorTransform

HALF = torch.tensor([0.5])


@pytest.fixture
def trained() -> ColorTransform:
    """One that changes colors by some tenths."""
    color_transform = ColorTransform()
    torch.nn.init.normal_(color_transform.last.weight, std=0.05)
    torch.nn.init.normal_(color_transform.last.bias, std=0.05)
    return color_transform.requires_grad_(False)


def test_it_changes_no_color_before_training() -> None:
    photos = torch.rand(3, 3, 5, 7)
    assert torch.equal(ColorTransform()(photos, torch.tensor([0.0, 0.5, 2.0])), photos)


def test_it_leaves_the_photo_at_factor_zero_alone(trained: ColorTransform) -> None:
    photos = torch.rand(2, 3, 5, 7)
    recolored = trained(photos, torch.tensor([0.0, 0.5]))
    assert torch.equal(recolored[0], photos[0])
    assert (recolored[1] - photos[1]).abs().max() > 0.01


def test_it_is_an_affine_map(trained: ColorTransform) -> None:
    photo, other = torch.rand(2, 1, 3, 4, 4)
    mixed = trained(0.3 * photo + 0.7 * other, HALF)
    torch.testing.assert_close(mixed, 0.3 * trained(photo, HALF) + 0.7 * trained(other, HALF))


def test_it_sees_each_pixel_by_itself(trained: ColorTransform) -> None:
    photo = torch.rand(1, 3, 6, 5)
    order = torch.randperm(30)

    def shuffled(image: Tensor) -> Tensor:
        return image.flatten(2)[..., order].view(image.shape)

    torch.testing.assert_close(trained(shuffled(photo), HALF), shuffled(trained(photo, HALF)))


def test_it_moves_a_gray_of_a_half_by_its_constant_alone(trained: ColorTransform) -> None:
    gray, red = torch.full((1, 3, 2, 2), 0.5), torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    gray_before, red_before = trained(gray, HALF), trained(red, HALF)
    trained.last.weight.view(3, 4, -1)[:, :3] += 0.1
    torch.testing.assert_close(trained(gray, HALF), gray_before)
    assert (trained(red, HALF) - red_before).abs().min() > 0.01


def test_each_picture_is_recolored_at_its_own_factor(trained: ColorTransform) -> None:
    photos, factors = torch.rand(3, 3, 4, 6), torch.tensor([0.2, 0.6, 0.9])
    alone = [trained(photo[None], factor[None]) for photo, factor in zip(photos, factors, strict=True)]
    torch.testing.assert_close(trained(photos, factors), torch.cat(alone))


def test_autocast_rounds_no_color(trained: ColorTransform) -> None:
    photo = torch.rand(1, 3, 8, 8)
    plain = trained(photo, HALF)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(trained(photo, HALF), plain)
