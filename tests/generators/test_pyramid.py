"""The pyramid: its scales, and what each of them sees of photo and noise."""

from __future__ import annotations

import torch
from torch import nn

from texnet.config import GeneratorConfig
from texnet.generators import build_generator
from texnet.generators.pyramid import PyramidBody

RATIOS = (32, 16, 8, 4, 2, 1)


def default_body() -> PyramidBody:
    body = build_generator(GeneratorConfig(generator="pyramid")).body
    assert isinstance(body, PyramidBody)
    return body


def test_by_default_it_is_the_original_in_scales_and_channels() -> None:
    body = default_body()
    assert body.stride == RATIOS[0]
    assert [join.block.convs[0].conv.conv.in_channels for join in body.joins] == [16, 24, 32, 40, 48]
    assert [join.fresh.convs[0].conv.conv.out_channels for join in body.joins] == [8] * 5


def test_by_default_its_convolutions_have_as_many_weights_as_those_of_the_original() -> None:
    convolutions = [module for module in default_body().modules() if isinstance(module, nn.Conv2d)]
    blocks = [(6, 8)] * 6 + [(8 * k, 8 * k) for k in range(2, 7)]
    assert sum(conv.weight.numel() for conv in convolutions) == sum(9 * a * b + 9 * b * b + b * b for a, b in blocks) + 48 * 3


def test_it_begins_with_noise_that_is_as_strong_at_every_scale() -> None:
    body, x = default_body(), torch.randn(1, 6, 512, 512)
    for ratio in RATIOS:
        seen = body._at(x, ratio)
        assert seen.shape == (1, 6, 512 // ratio, 512 // ratio)
        assert abs(seen[:, 3:].std().item() - 1) < 0.1


def test_it_begins_with_the_mean_of_the_photo_at_every_scale() -> None:
    body, x = default_body(), torch.randn(1, 6, 64, 96)
    for ratio in RATIOS:
        mean = x[:, :3].unflatten(3, (-1, ratio)).unflatten(2, (-1, ratio)).mean((3, 5))
        torch.testing.assert_close(body._at(x, ratio)[:, :3], mean)


def test_no_two_scales_but_the_finest_see_the_same_noise() -> None:
    places = torch.arange(64.0 * 64).view(1, 1, 64, 64)
    body = PyramidBody(0, 1, 6, 5)
    seen = [set(body._at(places, ratio).flatten().tolist()) for ratio in RATIOS[:-1]]
    assert len(set.union(*seen)) == sum(len(one) for one in seen)


def test_the_noise_of_every_scale_matters() -> None:
    torch.manual_seed(0)
    body = PyramidBody(0, 3, 24, 5)
    x = torch.randn(1, 3, 64, 64)
    modulations = [torch.zeros(1, 2 * channels) for channels in norm_sizes(body)]
    before = body(x, modulations)
    for ratio in RATIOS[:-1]:
        other = x.clone()
        other[:, :, ratio // 2 :: ratio, ratio // 2 :: ratio] *= -1
        assert (body(other, modulations) - before).abs().mean() > 0.01


def norm_sizes(body: nn.Module) -> list[int]:
    return [module.gamma.numel() for module in body.modules() if hasattr(module, "gamma")]
