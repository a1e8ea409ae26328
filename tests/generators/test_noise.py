"""Seeded noise."""

from __future__ import annotations

import pytest
import torch

from texnet.generators.noise import draw_noise, noise_at


def test_the_same_seed_draws_the_same_noise_whatever_was_drawn_before() -> None:
    first = draw_noise(7, (1, 3, 8, 9))
    torch.rand(10)
    assert torch.equal(draw_noise(7, (1, 3, 8, 9)), first)


def test_another_seed_draws_other_noise() -> None:
    assert not torch.equal(draw_noise(7, (1, 3, 8, 9)), draw_noise(8, (1, 3, 8, 9)))


def test_drawing_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    draw_noise(7, (1, 3, 8, 9))
    assert torch.equal(torch.get_rng_state(), before)


def test_it_is_standard_normal() -> None:
    noise = draw_noise(0, (1, 3, 100, 100))
    assert abs(noise.mean().item()) < 0.02
    assert abs(noise.std().item() - 1) < 0.02


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
