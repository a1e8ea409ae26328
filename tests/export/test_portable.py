"""The rewritten generator paints what the generator itself does."""

from __future__ import annotations

import pytest
import torch

from tests.export.conftest import tiny_generator
from texnet.export.portable import CHANNEL_MULTIPLE, FoldedGenerator, PlainConv, PortableGenerator, halve_weights
from texnet.generators import GENERATORS
from texnet.generators.noise import draw_noise

SIZES = ((41, 54), (33, 47), (64, 96), (7, 3))
every_generator = pytest.mark.parametrize("name", sorted(GENERATORS))


@every_generator
def test_it_paints_the_same_at_any_size_and_factor(name: str) -> None:
    generator = tiny_generator(name)
    portable = PortableGenerator(generator)
    for size in SIZES:
        content, noise = torch.rand(1, 3, *size), draw_noise(1, (1, 3, *size))
        for factor in (0.0, 0.3, 1.0, 1.7):
            uncalibrated = torch.tensor([factor])
            expected = generator(noise, content, uncalibrated)
            torch.testing.assert_close(portable(content, noise, uncalibrated), expected, rtol=0, atol=1e-5)


@every_generator
@pytest.mark.parametrize("factor", [0.3, 1.0, 1.7])
def test_it_paints_the_same_with_a_factor_folded_in(name: str, factor: float) -> None:
    generator = tiny_generator(name)
    folded = FoldedGenerator(generator, factor)
    content, noise = torch.rand(1, 3, 33, 47), draw_noise(1, (1, 3, 33, 47))
    expected = generator(noise, content, torch.tensor([factor]))
    torch.testing.assert_close(folded(content, noise), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("factor", [0.0, 0.3, 1.0, 1.7])
def test_it_keeps_the_chroma_of_the_photo(factor: float) -> None:
    generator = tiny_generator("light")
    generator.keeps_chroma = True
    content, noise, uncalibrated = torch.rand(1, 3, 33, 47), draw_noise(1, (1, 3, 33, 47)), torch.tensor([factor])
    expected = generator(noise, content, uncalibrated)
    torch.testing.assert_close(PortableGenerator(generator)(content, noise, uncalibrated), expected, rtol=0, atol=1e-5)
    if factor:
        torch.testing.assert_close(FoldedGenerator(generator, factor)(content, noise), expected, rtol=0, atol=1e-5)


@every_generator
def test_a_folded_network_holds_fewer_numbers(name: str) -> None:
    generator = tiny_generator(name)
    networks = PortableGenerator(generator), FoldedGenerator(generator, 0.3)
    whole, folded = (sum(tensor.numel() for tensor in network.state_dict().values()) for network in networks)
    assert folded < whole


@every_generator
def test_every_convolution_has_a_multiple_of_four_input_channels(name: str) -> None:
    convolutions = [module for module in PortableGenerator(tiny_generator(name)).modules() if isinstance(module, PlainConv)]
    assert [conv.weight.shape[1] % CHANNEL_MULTIPLE for conv in convolutions] == [0] * len(convolutions)
    assert any(conv.missing for conv in convolutions)  # photo and noise are six channels


def test_the_generator_is_left_as_it_was() -> None:
    generator = tiny_generator("light")
    before = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    halve_weights(FoldedGenerator(generator, 0.3))
    assert all(torch.equal(tensor, before[name]) for name, tensor in generator.state_dict().items())


def test_halved_weights_change_a_picture_by_less_than_a_byte_can_show() -> None:
    generator = tiny_generator("light")
    portable = PortableGenerator(generator)
    halve_weights(portable)
    content, noise, factor = torch.rand(1, 3, 33, 47), draw_noise(1, (1, 3, 33, 47)), torch.tensor([0.7])
    difference = (portable(content, noise, factor) - generator(noise, content, factor)).abs().max().item()
    assert 0 < difference < 1 / 255
