"""Noise, stylized pictures and optimized ones are those of the CPU, on any device."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from texnet.benchmark.setup import random_pictures
from texnet.config import GeneratorConfig, LossConfig, OptimizeConfig, TrainConfig
from texnet.drawing import draw_scene
from texnet.errors import TooLargeError
from texnet.generators import build_generator
from texnet.generators.noise import draw_noise
from texnet.images import load_image
from texnet.optimize import build_optimization
from texnet.stylize import Stylizer
from texnet.training import fit

# Largest and mean difference of pixels in [0, 1]; CUDA's convolutions compute in TF32, with ten bits, where they may.
TOLERANCES = {"float32": (0.05, 0.003), "bfloat16": (0.3, 0.02)}


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Tensor:
    path = tmp_path_factory.mktemp("photo") / "scene.png"
    draw_scene(96, seed=3).crop((0, 0, 96, 72)).save(path)
    return load_image(path)


def test_noise_is_the_same(device: torch.device) -> None:
    shape = (2, 3, 70, 90)
    found = draw_noise(2**40 + 7, shape, device, origin=(-5, 9))
    assert found.device.type == device.type
    torch.testing.assert_close(found.cpu(), draw_noise(2**40 + 7, shape, origin=(-5, 9)), rtol=0, atol=5e-6)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("generator", ["residual", "light"])
def test_a_stylized_photo_is_that_of_the_cpu(
    generator: str, precision: torch.dtype, device: torch.device, photo: Tensor
) -> None:
    torch.manual_seed(0)
    config = GeneratorConfig(generator=generator, width=8, num_blocks=2)
    weights = build_generator(config).state_dict()

    def stylize(place: torch.device | str, number_format: torch.dtype) -> Tensor:
        network = build_generator(config).requires_grad_(False)
        network.load_state_dict(weights)
        stylizer = Stylizer(network, style="random", max_noise_factor=2.0, device=place, precision=number_format)
        return stylizer(photo, noise_factor=0.8, seed=5).cpu()

    difference = (stylize(device, precision) - stylize("cpu", torch.float32)).abs()
    largest, mean = TOLERANCES[str(precision).removeprefix("torch.")]
    assert difference.max() <= largest and difference.mean() <= mean


def test_what_a_device_has_learned_the_cpu_shows(
    config: TrainConfig, device: torch.device, photo: Tensor, tmp_path: Path
) -> None:
    fit(config, tmp_path / "run", device=device)
    found, expected = (Stylizer.load(tmp_path / "run" / "style.pt", place)(photo) for place in (device, "cpu"))
    torch.testing.assert_close(found.cpu(), expected, rtol=0, atol=TOLERANCES["float32"][0])


def test_a_photo_at_noise_factor_0_is_untouched(device: torch.device, photo: Tensor) -> None:
    network = build_generator(GeneratorConfig(width=4, num_blocks=1)).requires_grad_(False)
    stylizer = Stylizer(network, style="random", max_noise_factor=2.0, device=device)
    assert torch.equal(stylizer(photo, noise_factor=0.0).cpu(), photo)


def test_optimized_pixels_come_closer_to_the_style(
    device: torch.device, photo: Tensor, style_path: Path, vgg_path: Path
) -> None:
    loss = LossConfig(
        texture=str(style_path),
        features="vgg19",
        vgg_weights=str(vgg_path),
        style_layers=("relu1_1", "relu2_1"),
        content_layers=("relu2_1",),
    )
    config = OptimizeConfig(image_size=64, steps=8, num_scales=1)
    losses = [step.loss for step in build_optimization(config, loss, photo, device=device, dtype=torch.float32)]
    assert losses[-1] < 0.9 * losses[0]


def test_a_picture_that_does_not_fit_is_refused_with_the_size_that_does(device: torch.device) -> None:
    network = build_generator(GeneratorConfig(width=4, num_blocks=1)).requires_grad_(False)
    stylizer = Stylizer(network, style="random", max_noise_factor=2.0, device=device)
    endless = random_pictures(1, 1, 1).expand(1, 3, 2_000_000, 2_000_000)
    with pytest.raises(TooLargeError, match=r"2000000x2000000 pixels need about .* are free; use "):
        stylizer(endless)
