"""What is measured: a config's networks on a device, with random weights, and the pictures that they get."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.config import TrainConfig
from texnet.fast_neural_style import TransformerNet, stylize_with
from texnet.generators import build_generator
from texnet.losses import resolve_features
from texnet.losses.features import Features, layer_names
from texnet.rng import make_generator
from texnet.stylize import Stylizer

OURS, BASELINE = "texnet", "pytorch/examples"  # in tables
BASELINE_BYTES_PER_PIXEL = 1100  # measured: peak memory of a pass


@dataclass(frozen=True)
class BenchmarkSetup:
    """A training as its config says, where it runs, and the number format of our convolutions.

    ``random_weights`` says that its features have no others, which is enough to measure time.
    """

    training: TrainConfig
    device: torch.device
    precision: torch.dtype
    random_weights: bool = False

    @property
    def formats(self) -> dict[str, torch.dtype]:
        """The number format of both networks: the baseline's is float32, as its own users run it."""
        return {"ours": self.precision, "baseline": torch.float32}


@dataclass(frozen=True)
class Network:
    """A function from a picture to a picture, (1, 3, H, W) in [0, 1] on the CPU, and the memory that it needs."""

    stylize: Callable[[Tensor], Tensor]
    bytes_per_pixel: int


def build_network(name: str, setup: BenchmarkSetup) -> Network:
    """``ours``, as Stylizer runs it, or ``baseline``, eager and in float32."""
    return NETWORKS[name](setup)


@contextmanager
def with_weights(config: TrainConfig) -> Iterator[TrainConfig]:
    """The config with weights for the loss's features: drawn at random, which costs the same, unless it names some."""
    features = "vgg19" if config.loss.features == "auto" else config.loss.features
    config = replace(config, loss=replace(config.loss, features=features))
    if config.loss.vgg_weights:
        yield config
        return
    with tempfile.TemporaryDirectory() as folder:
        weights = random_weights(features, Path(folder, "weights.pth"))
        yield replace(config, loss=replace(config.loss, vgg_weights=str(weights)))


def learnable(setup: BenchmarkSetup) -> TrainConfig:
    """The training with features that mean something: where the setup's are random, those that ``texnet train`` would take."""
    if not setup.random_weights:
        return setup.training
    loss = setup.training.loss
    features = "compact" if loss.features == "compact" else "auto"
    return replace(setup.training, loss=resolve_features(replace(loss, features=features, vgg_weights="")))


def random_weights(architecture: str, path: Path) -> Path:
    """Write random weights for the loss's features."""
    torch.save(Features(architecture, layer_names(architecture)).state_dict(), path)
    return path


def random_pictures(count: int, height: int, width: int) -> Tensor:
    """Pictures of noise, float (N, 3, H, W) in [0, 1], the same at every call, on the CPU."""
    return torch.rand(count, 3, height, width, generator=make_generator(0, "benchmark"))


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
    def stylize(image: Tensor) -> Tensor:
        return stylize_with(network, image.to(setup.device)).cpu()

    return Network(stylize, BASELINE_BYTES_PER_PIXEL)


NETWORKS: dict[str, Callable[[BenchmarkSetup], Network]] = {"ours": _build_ours, "baseline": _build_baseline}
