"""What every generator promises, whatever its architecture."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from tests.helpers import moved_generator
from texnet.config import GENERATOR_NAMES, GeneratorConfig
from texnet.generators import GENERATORS, Generator, build_generator
from texnet.generators.base import chroma
from texnet.generators.layers import LastConv
from texnet.generators.noise import draw_noise

every_generator = pytest.mark.parametrize("name", sorted(GENERATORS))


def make_generator(name: str, noise_channels: int = 3) -> Generator:
    """A small generator whose weights have all left their first values, those that start at zero too."""
    return moved_generator(GeneratorConfig(generator=name, width=4, num_blocks=1, noise_channels=noise_channels))


def draw_photos(count: int, height: int, width: int) -> Tensor:
    """PhotoDataset of random bytes, as a file would give them."""
    random = torch.Generator().manual_seed(height * 1000 + width)
    return torch.randint(0, 256, (count, 3, height, width), generator=random).float() / 255


def generate(generator: Generator, photos: Tensor, factors: list[float], seed: int = 0) -> Tensor:
    noise = draw_noise(seed, (len(photos), generator.noise_channels, *photos.shape[2:]))
    return generator(noise, photos, torch.tensor(factors))


def test_the_registry_holds_the_names_that_the_flag_offers() -> None:
    assert set(GENERATORS) == set(GENERATOR_NAMES)


@every_generator
@pytest.mark.parametrize("size", [(1, 1), (5, 3), (3, 5), (1, 40), (16, 16), (17, 33)])
def test_the_size_of_the_photo_is_kept(name: str, size: tuple[int, int]) -> None:
    assert generate(make_generator(name), draw_photos(2, *size), [1.0, 0.5]).shape == (2, 3, *size)


@every_generator
@settings(deadline=None, max_examples=15)
@given(height=st.integers(1, 40), width=st.integers(1, 40), factor=st.floats(0, 2))
def test_any_size_at_any_factor_gives_a_picture_of_that_size_in_range(
    name: str, height: int, width: int, factor: float
) -> None:
    output = generate(make_generator(name), draw_photos(1, height, width), [factor])
    assert output.shape == (1, 3, height, width)
    assert bool(((output >= 0) & (output <= 1)).all())


@every_generator
def test_weights_far_too_large_still_paint_within_range(name: str) -> None:
    generator = make_generator(name)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(100)
    output = generate(generator, draw_photos(2, 20, 24), [1.0, 2.0])
    assert output.min() >= 0
    assert output.max() <= 1


@every_generator
def test_factor_zero_gives_the_photo_itself_bit_for_bit(name: str) -> None:
    photos = draw_photos(2, 19, 23)
    assert torch.equal(generate(make_generator(name), photos, [0.0, 0.0]), photos)


@every_generator
def test_a_full_factor_changes_the_photo(name: str) -> None:
    photos = draw_photos(1, 19, 23)
    assert (generate(make_generator(name), photos, [1.0]) - photos).abs().mean() > 0.05


@every_generator
def test_the_photos_colors_count_below_full_style_alone(name: str) -> None:
    generator, photos, factors = make_generator(name), draw_photos(4, 19, 23), [0.0, 0.5, 1.0, 2.0]
    before = generate(generator, photos, factors)
    assert generator.color_transform is not None
    with torch.no_grad():
        generator.color_transform.last.bias.add_(0.2)
    same = [torch.equal(a, b) for a, b in zip(before, generate(generator, photos, factors), strict=True)]
    assert same == [True, False, True, True]


@every_generator
def test_full_style_is_the_same_without_the_blend(name: str) -> None:
    generator, photos, factors = make_generator(name), draw_photos(2, 19, 23), torch.tensor([1.0, 2.0])
    noise = draw_noise(0, photos.shape)
    assert torch.equal(generator(noise, photos, factors, blend=False), generator(noise, photos, factors))


@every_generator
def test_the_photos_chroma_is_added_to_what_the_network_paints(name: str) -> None:
    generator, photos = make_generator(name), 0.45 + 0.1 * draw_photos(2, 19, 23)
    noise, full = draw_noise(0, (2, 3, 19, 23)), torch.tensor([1.0, 2.0])
    plain = generator(noise, photos, full)
    generator.keeps_chroma = True
    painted = generator(noise, photos, full)
    assert torch.equal(painted, generator(noise, photos, full, blend=False))
    assert torch.equal(generate(generator, photos, [0.0, 0.0]), photos)
    inside = (plain > 0.15) & (plain < 0.85)
    assert inside.any()
    difference = chroma(photos)
    assert difference.abs().max() > 0.02
    torch.testing.assert_close((painted - plain)[inside], difference[inside], rtol=0, atol=1e-5)
    assert chroma(photos.mean(1, keepdim=True).expand(-1, 3, -1, -1)).abs().max() < 1e-6


@every_generator
def test_without_noise_factors_full_style_is_painted(name: str) -> None:
    generator, photos = make_generator(name), draw_photos(2, 19, 23)
    noise = draw_noise(0, photos.shape)
    assert torch.equal(generator(noise, photos), generator(noise, photos, torch.ones(2)))


@every_generator
def test_every_parameter_gets_a_finite_gradient(name: str) -> None:
    generator = make_generator(name)
    generate(generator, draw_photos(2, 20, 24), [0.1, 1.0]).square().mean().backward()
    gradients = {key: parameter.grad for key, parameter in generator.named_parameters()}
    assert [key for key, gradient in gradients.items() if gradient is None] == []
    assert [key for key, gradient in gradients.items() if gradient is not None and not gradient.isfinite().all()] == []


@every_generator
def test_a_fresh_generator_gets_finite_gradients_at_factor_zero(name: str) -> None:
    generator = build_generator(GeneratorConfig(generator=name, width=4, num_blocks=1))
    generate(generator, draw_photos(1, 16, 16), [0.0]).mean().backward()
    broken = [key for key, p in generator.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert broken == []


@every_generator
def test_a_batch_of_two_paints_each_picture_as_it_would_alone(name: str) -> None:
    generator, photos, factors = make_generator(name), draw_photos(2, 21, 26), torch.tensor([0.2, 1.5])
    noise = draw_noise(0, (2, generator.noise_channels, 21, 26))
    together = generator(noise, photos, factors)
    alone = [generator(noise[i : i + 1], photos[i : i + 1], factors[i : i + 1]) for i in range(2)]
    torch.testing.assert_close(together, torch.cat(alone), rtol=0, atol=1e-5)


@every_generator
def test_the_same_noise_gives_the_same_picture(name: str) -> None:
    generator, photos = make_generator(name), draw_photos(1, 20, 24)
    assert torch.equal(generate(generator, photos, [1.0], seed=5), generate(generator, photos, [1.0], seed=5))


@every_generator
def test_other_noise_gives_another_picture(name: str) -> None:
    generator, photos = make_generator(name), draw_photos(1, 20, 24)
    assert not torch.equal(generate(generator, photos, [1.0], seed=5), generate(generator, photos, [1.0], seed=6))


@every_generator
def test_each_factor_gives_another_picture(name: str) -> None:
    generator, photos = make_generator(name), draw_photos(1, 20, 24)
    pictures = [generate(generator, photos, [factor]) for factor in (0.0, 0.1, 0.5, 1.0, 2.0)]
    changes = [(b - a).abs().max().item() for a, b in pairwise(pictures)]
    assert min(changes) > 1e-3


@every_generator
def test_it_paints_without_noise_channels(name: str) -> None:
    assert generate(make_generator(name, noise_channels=0), draw_photos(1, 20, 24), [1.0]).shape == (1, 3, 20, 24)


@every_generator
def test_bfloat16_autocast_paints_what_float32_paints_about(name: str) -> None:
    generator, photos = make_generator(name), draw_photos(2, 20, 24)
    with torch.autocast("cpu", torch.bfloat16):
        output = generate(generator, photos, [0.5, 1.0])
    assert output.dtype == torch.float32
    assert (output - generate(generator, photos, [0.5, 1.0])).abs().mean() < 0.02


@every_generator
def test_bfloat16_autocast_gives_finite_gradients(name: str) -> None:
    generator = make_generator(name)
    with torch.autocast("cpu", torch.bfloat16):
        output = generate(generator, draw_photos(2, 20, 24), [0.5, 1.0])
    output.square().mean().backward()
    assert [key for key, p in generator.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []


@every_generator
def test_saved_weights_paint_the_same_picture_in_a_new_generator(name: str) -> None:
    before, photos, buffer = make_generator(name), draw_photos(1, 20, 24), io.BytesIO()
    torch.save(before.state_dict(), buffer)
    buffer.seek(0)
    after = build_generator(GeneratorConfig(generator=name, width=4, num_blocks=1))
    after.load_state_dict(torch.load(buffer, weights_only=True), strict=True)
    assert torch.equal(generate(after, photos, [1.0]), generate(before, photos, [1.0]))


@every_generator
def test_the_first_weights_follow_from_the_global_seed(name: str) -> None:
    first, second = make_generator(name).state_dict(), make_generator(name).state_dict()
    assert [key for key in first if not torch.equal(first[key], second[key])] == []


@every_generator
def test_the_picture_in_memory_order_does_not_matter(name: str) -> None:
    generator, photos = make_generator(name), draw_photos(2, 20, 24)
    turned = photos.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(
        generate(generator, turned, [1.0, 1.0]), generate(generator, photos, [1.0, 1.0]), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("name", ["residual", "light"])
def test_details_pass_the_halvings_by(name: str) -> None:
    generator, photos = make_generator(name), draw_photos(1, 32, 32)
    detail = generator.body.get_parameter("detail.conv.weight").data
    generator.body.get_parameter("up2.conv.conv.weight").data.zero_()  # nothing comes through the trunk
    assert generate(generator, photos, [1.0]).std((2, 3)).min() > 0.01
    detail.zero_()
    assert generate(generator, photos, [1.0]).std((2, 3)).max() < 1e-5


@pytest.mark.parametrize("kernel", [3, 9])
def test_the_last_convolution_is_a_plain_one_over_the_reflected_border(kernel: int) -> None:
    last = LastConv(5, kernel)
    x = torch.randn(2, 5, 12, 20).requires_grad_()
    output = last(x)
    plain = last.conv(F.pad(x, (kernel // 2,) * 4, mode="reflect"))
    assert torch.allclose(output, plain, atol=1e-5)
    inputs = (x, *last.parameters())
    pairs = zip(*(torch.autograd.grad(y.square().sum(), inputs) for y in (output, plain)), strict=True)
    assert all(torch.allclose(a, b, rtol=1e-4, atol=1e-4) for a, b in pairs)
