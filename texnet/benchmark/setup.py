"""What is measured: a config's networks on a device, and the pictures that they get."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.config import TrainConfig
from texnet.losses.features import Features, layer_names
from texnet.rng import make_generator


@dataclass(frozen=True)
class BenchmarkSetup:
    """A training as its config says, where it runs, and the number format of our convolutions."""

    training: TrainConfig
    device: torch.device
    precision: torch.dtype

    @property
    def formats(self) -> dict[str, torch.dtype]:
        """The number format of both networks: the baseline's is float32, as its own users run it."""
        return {"ours": self.precision, "baseline": torch.float32}


@contextmanager
def with_weights(config: TrainConfig) -> Iterator[TrainConfig]:
    """The config with weights of the loss's network to read: drawn at random, which costs the same, unless it names some."""
    features = "vgg19" if config.loss.features == "auto" else config.loss.features
    config = replace(config, loss=replace(config.loss, features=features))
    if config.loss.vgg_weights:
        yield config
        return
    with tempfile.TemporaryDirectory() as folder:
        weights = random_weights(features, Path(folder, "weights.pth"))
        yield replace(config, loss=replace(config.loss, vgg_weights=str(weights)))


def random_weights(architecture: str, path: Path) -> Path:
    """Write weights of the loss's network drawn at random."""
    torch.save(Features(architecture, layer_names(architecture)).state_dict(), path)
    return path


def random_pictures(count: int, height: int, width: int) -> Tensor:
    """Pictures of noise, float (N, 3, H, W) in [0, 1], the same at every call, on the CPU."""
    return torch.rand(count, 3, height, width, generator=make_generator(0, "benchmark"))
