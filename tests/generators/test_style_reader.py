"""What is read in a style picture changes a generator, and can become part of its weights."""

from __future__ import annotations

import pytest
import torch

from texnet.config import GeneratorConfig
from texnet.generators import GENERATORS, Generator, build_generator
from texnet.generators.style_reader import LARGEST, StyleReader, fold

SIZE = 12


def build(name: str) -> tuple[Generator, StyleReader]:
    """A small generator and a reader for it that changes all that it can."""
    torch.manual_seed(0)
    generator = build_generator(GeneratorConfig(generator=name, width=8, num_blocks=2))
    reader = StyleReader(SIZE, generator)
    for parameter in (*reader.parameters(), *generator.conditioning.parameters(), *generator.color_transform.parameters()):
        torch.nn.init.normal_(parameter, std=0.1)
    return generator, reader


@pytest.mark.parametrize("name", GENERATORS)
@torch.no_grad()
def test_a_folded_generator_paints_what_it_painted_with_the_reading(name: str) -> None:
    generator, reader = build(name)
    noise, photo = torch.randn(2, 3, 48, 48), torch.rand(2, 3, 48, 48)
    factor = torch.tensor([0.4, 1.0])
    reading = reader(torch.randn(1, SIZE))
    plain, styled = generator(noise, photo, factor), generator(noise, photo, factor, style=reading)
    fold(reading, generator)
    assert (plain - styled).abs().max() > 0.01
    assert torch.allclose(generator(noise, photo, factor), styled, atol=1e-5)


@torch.no_grad()
def test_each_photo_of_a_batch_has_its_own_style() -> None:
    generator, reader = build("residual")
    noise, photo, factor = torch.randn(1, 3, 32, 32), torch.rand(1, 3, 32, 32), torch.ones(1)
    descriptors = torch.randn(2, SIZE)
    both = generator(noise.expand(2, -1, -1, -1), photo.expand(2, -1, -1, -1), factor.expand(2), style=reader(descriptors))
    for n in range(2):
        alone = generator(noise, photo, factor, style=reader(descriptors[n : n + 1]))
        assert torch.allclose(both[n : n + 1], alone, atol=1e-5)


def test_before_training_every_style_is_read_alike() -> None:
    reader = StyleReader(SIZE, build("light")[0])
    reading = reader(torch.randn(3, SIZE))
    assert all(not norm.any() for norm in reading.norms)
    assert not reading.colors.any()


@torch.no_grad()
def test_a_reader_sees_deviations_from_the_pictures_that_it_was_standardized_on() -> None:
    _, reader = build("light")
    pictures = 5 + 3 * torch.randn(50, SIZE)
    reader.standardize(pictures)
    assert torch.allclose(reader.mean, pictures.mean(0))
    far, farther = (
        reader(pictures.mean(0, keepdim=True) + deviations * reader.deviation) for deviations in (LARGEST, 2 * LARGEST)
    )
    assert torch.allclose(far.norms[0], farther.norms[0], atol=1e-5)
