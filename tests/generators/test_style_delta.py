"""What a style changes in a generator that many share."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

from tests.helpers import moved_generator
from texnet.config import GENERATOR_NAMES, GeneratorConfig
from texnet.generators import Generator
from texnet.generators.style_delta import MultiStyleGenerator, StyleDelta, fold_deltas
from texnet.generators.style_reader import StyleReader, fold

SIZE = 37  # pixels, which no stride divides


def moved_delta(generator: Generator, rank: int, seed: int) -> StyleDelta:
    """A delta that changes everything it can."""
    delta = StyleDelta(generator, rank, seed=seed)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in delta.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=random))
    return delta


def inputs(count: int, noise_channels: int) -> tuple[Tensor, Tensor, Tensor]:
    random = torch.Generator().manual_seed(3)
    noise = torch.randn(count, noise_channels, SIZE, SIZE, generator=random)
    return noise, torch.rand(count, 3, SIZE, SIZE, generator=random), torch.linspace(0.3, 1.4, count)


@pytest.fixture(params=GENERATOR_NAMES)
def generator(request: pytest.FixtureRequest) -> Generator:
    return moved_generator(GeneratorConfig(generator=request.param, width=6, num_blocks=2)).eval()


@pytest.mark.parametrize("rank", [0, 3])
@torch.no_grad()
def test_folded_a_style_paints_what_it_painted_in_training(generator: Generator, rank: int) -> None:
    deltas = [moved_delta(generator, rank, seed) for seed in (1, 2)]
    model = MultiStyleGenerator(generator, deltas).eval()
    batch = inputs(3, generator.noise_channels)
    model.chosen = (1, 0, 1)
    together = model(*batch)
    for number, style in enumerate(model.chosen):
        folded = copy.deepcopy(generator)
        fold_deltas(folded, [deltas[style]])
        alone = folded(*(part[number : number + 1] for part in batch))
        assert torch.allclose(together[number : number + 1], alone, atol=1e-5)
    assert not torch.allclose(together[0], together[1], atol=1e-2)


@torch.no_grad()
def test_a_new_delta_changes_nothing(generator: Generator) -> None:
    batch = inputs(2, generator.noise_channels)
    before = generator(*batch)
    fold_deltas(generator, [StyleDelta(generator, 4)])
    assert torch.equal(generator(*batch), before)


@torch.no_grad()
def test_a_blend_goes_from_one_style_to_the_other(generator: Generator) -> None:
    one, other = (moved_delta(generator, 2, seed) for seed in (1, 2))
    batch = inputs(1, generator.noise_channels)

    def paint(share: float) -> Tensor:
        folded = copy.deepcopy(generator)
        fold_deltas(folded, [one, other], [1 - share, share])
        return folded(*batch)

    ends = paint(0.0), paint(1.0)
    alone = copy.deepcopy(generator)
    fold_deltas(alone, [one])
    assert torch.allclose(ends[0], alone(*batch), atol=1e-6)
    distance = (ends[0] - ends[1]).abs().mean()
    assert all((paint(0.5) - end).abs().mean() < distance for end in ends)


def test_training_moves_the_styles_that_were_chosen_and_the_trunk(generator: Generator) -> None:
    model = MultiStyleGenerator(generator, [StyleDelta(generator, 2, seed=seed) for seed in range(3)])
    model.chosen = (0, 2)
    torch.autograd.backward(model(*inputs(2, generator.noise_channels)).mean())
    moved = [any(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in delta.parameters()) for delta in model.deltas]
    assert moved == [True, False, True]
    assert all(parameter.grad is not None for name, parameter in model.named_parameters() if name.startswith("body"))


@torch.no_grad()
def test_it_begins_with_what_a_style_reader_reads(generator: Generator) -> None:
    reader = StyleReader(5, generator)
    torch.nn.init.normal_(reader.last.weight, std=0.02)
    reading = reader(torch.randn(1, 5, generator=torch.Generator().manual_seed(0)))
    delta = StyleDelta(generator, 2)
    delta.take(reading)
    by_delta, by_reader = copy.deepcopy(generator), copy.deepcopy(generator)
    fold_deltas(by_delta, [delta])
    fold(reading, by_reader)
    batch = inputs(1, generator.noise_channels)
    assert torch.allclose(by_delta(*batch), by_reader(*batch), atol=1e-6)
