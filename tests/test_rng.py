"""Random numbers are a function of what they are for, of all of it, and of nothing else."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from texnet.rng import derive_seed, make_generator

PARTS = st.lists(st.integers() | st.text(max_size=5), min_size=1, max_size=3)


@given(PARTS)
@settings(max_examples=50, deadline=None)
def test_a_seed_is_one_that_every_generator_takes(parts: list[int | str]) -> None:
    assert 0 <= derive_seed(*parts) < 2**63


@given(PARTS, PARTS)
@settings(max_examples=50, deadline=None)
def test_two_seeds_are_equal_only_for_equal_parts(one: list[int | str], other: list[int | str]) -> None:
    assert (derive_seed(*one) == derive_seed(*other)) == (one == other)


def test_a_number_and_its_digits_give_different_seeds() -> None:
    assert derive_seed(1) != derive_seed("1")


def test_parts_do_not_run_together() -> None:
    assert derive_seed("ab", "c") != derive_seed("a", "bc")


def test_seeds_stay_the_same_across_versions_and_machines() -> None:
    assert derive_seed(0, "noise", 7) == 3385814862564723550


def test_equal_parts_draw_equal_numbers() -> None:
    first, again = (torch.rand(5, generator=make_generator(0, "crop", 3)) for _ in range(2))
    assert torch.equal(first, again)


def test_draws_for_one_purpose_do_not_depend_on_those_for_another() -> None:
    undisturbed = torch.rand(5, generator=make_generator(0, "crop"))
    crop, noise = make_generator(0, "crop"), make_generator(0, "noise")
    torch.rand(5, generator=noise)
    assert torch.equal(torch.rand(5, generator=crop), undisturbed)


def test_drawing_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    torch.rand(5, generator=make_generator(0, "crop"))
    assert torch.equal(torch.get_rng_state(), before)
