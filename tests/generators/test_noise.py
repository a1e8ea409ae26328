"""Seeded noise."""

from __future__ import annotations

import torch

from texnet.generators.noise import draw_noise


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
