"""The networks whose stylizing is compared, with random weights, which cost the same as trained ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.benchmark.setup import BenchmarkSetup
from texnet.fast_neural_style import TransformerNet, stylize_with
from texnet.generators import build_generator
from texnet.stylize import Stylizer

BASELINE_BYTES_PER_PIXEL = 1100  # measured: peak memory of a pass


@dataclass(frozen=True)
class Network:
    """A function from a picture to a picture, (1, 3, H, W) in [0, 1] on the CPU, and the memory that it needs."""

    paint: Callable[[Tensor], Tensor]
    bytes_per_pixel: int


def build_network(name: str, setup: BenchmarkSetup) -> Network:
    """``ours``, as Stylizer runs it, or ``baseline``, eager and in float32."""
    return NETWORKS[name](setup)


def _build_ours(setup: BenchmarkSetup) -> Network:
    config = setup.training.generator
    generator = build_generator(config).requires_grad_(False)
    stylizer = Stylizer(
        generator,
        style="random",
        max_noise_factor=config.max_noise_factor,
        device=setup.device,
        precision=setup.precision,
    )
    return Network(stylizer, stylizer.bytes_per_pixel)


def _build_baseline(setup: BenchmarkSetup) -> Network:
    network = TransformerNet().to(setup.device).eval()

    @torch.no_grad()
    def paint(image: Tensor) -> Tensor:
        return stylize_with(network, image.to(setup.device)).cpu()

    return Network(paint, BASELINE_BYTES_PER_PIXEL)


NETWORKS: dict[str, Callable[[BenchmarkSetup], Network]] = {"ours": _build_ours, "baseline": _build_baseline}
