"""Panoramas of the whole sphere."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.config import GeneratorConfig
from texnet.errors import UserError
from texnet.generators import build_generator
from texnet.generators.conditioning import ConditionalInstanceNorm
from texnet.stylize import Panorama, Stylizer
from texnet.stylize.panorama import _lay_cap, _look_up, _resize_width, _surround, _view_pole

HEIGHT, WIDTH = 96, 192


def sphere(height: int = HEIGHT, width: int = WIDTH, seed: int = 0) -> Tensor:
    """Random patches on a sphere, the same in every direction: (1, 3, H, W)."""
    latitude = (math.pi / 2 - math.pi * (torch.arange(height) + 0.5) / height)[:, None]
    longitude = (2 * math.pi * (torch.arange(width) + 0.5) / width - math.pi)[None]
    x, y = latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin()
    places = torch.stack([x, y, latitude.sin().expand(height, width)], dim=-1)[None, None]
    blocks = torch.rand(1, 3, 12, 12, 12, generator=torch.Generator().manual_seed(seed))
    return F.grid_sample(blocks, 0.9 * places, align_corners=True)[:, :, 0]


@pytest.fixture
def noiseless() -> Stylizer:
    """A stylizer without noise: what it paints depends on the photo alone, and turns with it."""
    torch.manual_seed(0)
    generator = build_generator(GeneratorConfig(width=4, num_blocks=1, noise_channels=0))
    return Stylizer(generator, style="mosaic", max_noise_factor=2.0)


def test_a_turned_panorama_is_the_panorama_turned(noiseless: Stylizer) -> None:
    """So nothing tells where it wraps: it is the same at its edge and inside. The caps turn, and are left out."""
    photo, panorama = sphere(), Panorama(noiseless)
    for paint, low, high in ((panorama, 0.0, 1e-4), (noiseless, 0.05, 1.0)):
        still, turned = paint(photo), paint(photo.roll(WIDTH // 2, 3)).roll(-WIDTH // 2, 3)
        edge = (still - turned)[..., 24:72, [*range(8), *range(-8, 0)]].abs().mean() / still.std()
        assert low <= edge.item() <= high


def test_the_noise_comes_around_too(stylizer: Stylizer) -> None:
    """Columns at the edge differ as much as columns elsewhere, in pictures of many seeds on a flat photo."""
    photo, panorama = torch.full((1, 3, 32, 64), 0.5), Panorama(stylizer)
    painted = torch.cat([panorama(photo, seed=seed) for seed in range(12)])[..., 8:24, :]
    steps = (painted - painted.roll(1, 3)).abs().mean((0, 1, 2))  # (W,), the first across the edge
    inside = steps[1:].view(-1)[3::4]  # columns at which the network's grid begins, like the first
    assert steps[0].item() == pytest.approx(inside.mean().item(), rel=0.25)


@pytest.mark.parametrize("pole", [1, -1])
def test_a_view_to_a_pole_comes_back_to_where_it_was_seen(pole: int) -> None:
    photo, gray = sphere(), torch.full((1, 3, HEIGHT, WIDTH), 0.5)
    laid = _lay_cap(gray, _view_pole(photo, pole, 30), pole)
    rows = range(HEIGHT) if pole == 1 else range(HEIGHT - 1, -1, -1)
    near, far = list(rows[:15]), list(rows[25:])  # above 60 and below 45 degrees
    assert (laid - photo)[..., near, :].abs().mean() < 0.02 < (gray - photo)[..., near, :].abs().mean()
    assert torch.equal(laid[..., far, :], gray[..., far, :])


def test_strokes_do_not_fade_where_a_cap_begins() -> None:
    """Where two paintings of the same photo meet, whose strokes have nothing in common."""
    random = torch.Generator().manual_seed(0)
    painted, cap = (0.5 + 0.1 * torch.randn(1, 3, *size, generator=random) for size in ((256, 512), (250, 250)))
    laid = _lay_cap(painted, cap, 1)
    deviation = laid[..., 30:90, :].std((0, 1, 3)) / painted.std()  # (rows,), from 69 down to 27 degrees
    assert (deviation < 0.8).sum() <= 6, "rows, of the 21 in which colors change over"
    assert deviation[45:].min() > 0.95


def test_colors_change_over_slowly_where_a_cap_begins() -> None:
    laid = _lay_cap(torch.zeros(1, 3, 256, 512), torch.ones(1, 3, 250, 250), 1)
    step = laid[0, 0, :, 7].diff().abs()
    assert laid[..., :42, :].min() > 0.99
    assert step.max() < 0.15


def test_the_poles_are_painted_as_caps(noiseless: Stylizer) -> None:
    photo = sphere()
    painted, plain = Panorama(noiseless)(photo), noiseless(photo)
    difference = (painted - plain).abs().mean((0, 1, 3))  # (H,)
    assert min(difference[:10].min(), difference[-10:].min()) > 3 * difference[32:64].max()


def test_far_from_the_poles_it_is_what_the_network_paints(noiseless: Stylizer) -> None:
    photo = sphere()
    painted, plain = Panorama(noiseless)(photo), noiseless(photo)
    middle = (..., slice(32, 64), slice(48, 144))
    assert (painted - plain)[middle].abs().mean() < 0.1 * plain.std()


@pytest.mark.parametrize("size", [(49, 98), (51, 101), (20, 40)], ids=str)
def test_any_size_is_kept(stylizer: Stylizer, size: tuple[int, int]) -> None:
    painted = Panorama(stylizer)(sphere(*size), 0.6)
    assert painted.shape == (1, 3, *size)
    assert painted.min() >= 0 and painted.max() <= 1


def test_factor_zero_is_the_photo_itself(stylizer: Stylizer) -> None:
    assert torch.equal(Panorama(stylizer)(sphere(), 0.0), sphere())


def test_another_shape_and_another_factor_are_refused(stylizer: Stylizer) -> None:
    with pytest.raises(UserError, match="192x90 pixels; such a panorama is twice as wide as high"):
        Panorama(stylizer)(sphere()[..., :90, :])
    with pytest.raises(UserError, match="noise_factor 9"):
        Panorama(stylizer)(sphere(), 9.0)


def test_each_picture_of_a_batch_has_statistics_of_its_own_and_the_network_none(stylizer: Stylizer) -> None:
    photos = torch.cat([sphere(seed=1), sphere(seed=2) ** 3])
    panorama = Panorama(stylizer)
    both = panorama(photos)
    torch.testing.assert_close(both, torch.cat([panorama(photo) for photo in photos.split(1)]))  # type: ignore[no-untyped-call]
    norms = [module for module in stylizer.generator.modules() if isinstance(module, ConditionalInstanceNorm)]
    assert all(norm.statistics is None for norm in norms)


def test_a_view_shows_what_lies_there() -> None:
    photo = sphere(96, 192)
    rows, columns = torch.meshgrid(torch.arange(96), torch.arange(192), indexing="ij")
    latitude, longitude = math.pi / 2 - math.pi * (rows + 0.5) / 96, 2 * math.pi * (columns + 0.5) / 192 - math.pi
    torch.testing.assert_close(_look_up(photo, latitude, longitude), photo, rtol=0, atol=1e-4)


def test_beyond_a_pole_is_the_other_side_of_it() -> None:
    photo = sphere()
    around = _surround(photo)
    steps = (around[..., 1:, :] - around[..., :-1, :]).abs().amax((0, 1, 3))
    assert steps[[3, -4]].max() < 2 * steps.median()  # rows go on over the poles without a jump
    assert torch.equal(around[..., :4], around[..., -8:-4])


def test_a_width_is_changed_around_the_seam() -> None:
    photo = sphere()
    turned = _resize_width(photo.roll(50, 3), WIDTH + 2)
    back = _resize_width(turned, WIDTH).roll(-50, 3)
    assert (back - photo).abs().max() < 0.02
