"""What every generator promises that makes a texture out of noise alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from texnet.config import GeneratorConfig
from texnet.generators import GENERATORS, Generator, build_generator
from texnet.generators.conditioning import fix_statistics
from texnet.generators.noise import draw_noise

every_generator = pytest.mark.parametrize("name", sorted(GENERATORS))


def make_generator(name: str) -> Generator:
    torch.manual_seed(0)
    return build_generator(GeneratorConfig(generator=name, width=6, num_blocks=2, no_content=True)).eval()


@torch.no_grad()
def generate(generator: Generator, noise: Tensor) -> Tensor:
    return generator(noise)


@every_generator
def test_noise_moved_around_the_edges_moves_the_picture_around_the_edges(name: str) -> None:
    generator, noise = make_generator(name), draw_noise(0, (1, 3, 32, 48))
    shift = (generator.stride, -2 * generator.stride)
    moved = generate(generator, noise.roll(shift, (2, 3)))
    torch.testing.assert_close(moved, generate(generator, noise).roll(shift, (2, 3)), rtol=0, atol=1e-4)


@every_generator
def test_with_fixed_statistics_a_place_depends_on_what_is_within_reach_alone(name: str) -> None:
    generator, noise = make_generator(name), draw_noise(0, (1, 3, 96, 96))
    fix_statistics(generator, lambda: generate(generator, noise))
    halo = -(-generator.receptive_radius // generator.stride) * generator.stride
    other = draw_noise(1, (1, 3, 96, 96))
    side = slice(0, 96 - 2 * halo)
    other[..., : side.stop + halo, : side.stop + halo] = noise[..., : side.stop + halo, : side.stop + halo]
    other[..., -halo:, : side.stop + halo] = noise[..., -halo:, : side.stop + halo]
    other[..., : side.stop + halo, -halo:] = noise[..., : side.stop + halo, -halo:]
    other[..., -halo:, -halo:] = noise[..., -halo:, -halo:]
    assert side.stop > 0
    torch.testing.assert_close(generate(generator, other)[..., side, side], generate(generator, noise)[..., side, side])


@every_generator
def test_it_has_no_weights_for_a_noise_factor(name: str) -> None:
    generator = make_generator(name)
    assert not list(generator.conditioning.parameters())
    assert generator.color_transform is None


@every_generator
def test_every_weight_gets_a_gradient(name: str) -> None:
    generator, noise = make_generator(name), draw_noise(0, (2, 3, 32, 32))
    generator(noise).square().mean().backward()
    assert [key for key, p in generator.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []
