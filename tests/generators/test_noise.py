"""Seeded noise, anchored in the picture."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from texnet.generators.noise import BLOCK, draw_noise, noise_at

places = st.integers(-2 * BLOCK, 2 * BLOCK)
sides = st.integers(1, BLOCK + 40)


def test_the_same_seed_draws_the_same_noise_whatever_was_drawn_before() -> None:
    first = draw_noise(7, (1, 3, 8, 9))
    torch.rand(10)
    assert torch.equal(draw_noise(7, (1, 3, 8, 9)), first)


def test_another_seed_draws_other_noise() -> None:
    assert not torch.equal(draw_noise(7, (1, 3, 8, 9)), draw_noise(8, (1, 3, 8, 9)))


@settings(deadline=None, max_examples=25)
@given(top=places, left=places, height=sides, width=sides, down=st.integers(0, 90), right=st.integers(0, 90))
def test_a_crop_gets_the_crop_of_the_noise(top: int, left: int, height: int, width: int, down: int, right: int) -> None:
    whole = draw_noise(3, (1, 2, height + down, width + right), origin=(top, left))
    crop = draw_noise(3, (1, 2, height, width), origin=(top + down, left + right))
    assert torch.equal(crop, whole[..., down:, right:])


def test_pictures_of_any_size_share_their_corner() -> None:
    small, large = draw_noise(0, (1, 3, 40, 60)), draw_noise(0, (1, 3, BLOCK + 30, 2 * BLOCK + 1))
    assert torch.equal(large[..., :40, :60], small)


def test_a_channel_does_not_depend_on_how_many_there_are() -> None:
    assert torch.equal(draw_noise(0, (1, 4, 20, 20))[:, :2], draw_noise(0, (1, 2, 20, 20)))


def test_without_channels_there_is_nothing_to_draw() -> None:
    assert draw_noise(0, (2, 0, 20, 24)).shape == (2, 0, 20, 24)


@pytest.mark.parametrize("shape", [(2, 1, 8, 8), (1, 2, 8, 8)])
def test_pictures_and_channels_get_noise_of_their_own(shape: tuple[int, ...]) -> None:
    first, second = draw_noise(0, shape).flatten(0, 1)
    assert not torch.equal(first, second)


def test_no_block_is_like_its_neighbor() -> None:
    blocks = draw_noise(0, (1, 1, 2 * BLOCK, 2 * BLOCK)).unfold(2, BLOCK, BLOCK).unfold(3, BLOCK, BLOCK).reshape(4, -1)
    correlations = torch.corrcoef(blocks) - torch.eye(4)
    assert correlations.abs().max() < 0.05


def test_drawing_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    draw_noise(7, (1, 3, 8, 9))
    assert torch.equal(torch.get_rng_state(), before)


def test_it_is_standard_normal() -> None:
    noise = draw_noise(0, (1, 3, 200, 200))
    assert abs(noise.mean().item()) < 0.02
    assert abs(noise.std().item() - 1) < 0.02
    assert abs(noise.pow(4).mean().item() - 3) < 0.15


def plane(seed: int, top: int, left: int, height: int, width: int) -> torch.Tensor:
    return noise_at(seed, 3, torch.arange(top, top + height), torch.arange(left, left + width))


def test_the_noise_of_the_plane_at_a_place_does_not_depend_on_what_else_is_asked_for() -> None:
    whole = plane(5, -20, -30, 60, 70)
    assert whole.shape == (1, 3, 60, 70)
    assert torch.equal(plane(5, 3, -7, 8, 9), whole[..., 23:31, 23:32])


def test_the_noise_of_the_plane_is_standard_normal_and_white() -> None:
    noise = plane(0, 10**6, -(10**6), 400, 400)
    assert abs(noise.mean().item()) < 0.01
    assert abs(noise.std().item() - 1) < 0.01
    assert noise.abs().max() < 7
    assert (noise.abs() < 0.6745).float().mean().item() == pytest.approx(0.5, abs=0.01)
    for shifted in (noise.roll(1, 3), noise.roll(1, 2), noise.roll((1, 1), (2, 3)), noise.roll(32, 3), noise.roll(1, 1)):
        assert abs((noise * shifted).mean().item()) < 0.01


def test_another_seed_is_another_plane() -> None:
    assert abs((plane(1, 0, 0, 200, 200) * plane(2, 0, 0, 200, 200)).mean().item()) < 0.02
