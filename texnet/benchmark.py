"""Speed of training beside the recipe that most people start from, both timed in alternation in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.config import TrainConfig
from texnet.data import CropLoader, Photos
from texnet.generators import build_generator
from texnet.losses import build_loss
from texnet.losses.features import Features
from texnet.losses.style import gram_matrix
from texnet.monitoring.base import Monitor
from texnet.peers import TransformerNet
from texnet.training.optim import build_optimizer
from texnet.training.schedule import Schedule
from texnet.training.trainer import Trainer

BATCH = 4  # pytorch/examples' own


@dataclass(frozen=True)
class Timing:
    """Seconds per picture of two recipes, medians over the rounds, and how many times as fast the first is."""

    ours: float
    peer: float

    @property
    def ratio(self) -> float:
        return self.peer / self.ours


def compare_training(config: TrainConfig, image_size: int, rounds: int, device: torch.device, precision: torch.dtype) -> Timing:
    """Time whole training steps of batches of 4, ours and pytorch/examples', in turns; the first round is left out."""
    photos = torch.rand(BATCH, 3, image_size, image_size, device=device)
    steps = {"ours": _our_step(config, photos, precision), "peer": _peer_step(photos)}
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(rounds + 1):
        for name, step in steps.items():
            begin = time.perf_counter()
            step()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            seconds[name].append((time.perf_counter() - begin) / BATCH)
    return Timing(*(statistics.median(seconds[name][1:]) for name in ("ours", "peer")))


def _our_step(config: TrainConfig, photos: Tensor, precision: torch.dtype) -> Callable[[], None]:
    """A step of the trainer itself, on the given photos."""
    device = photos.device
    loss = build_loss(config.loss, device=device, dtype=precision)
    loss.set_style(torch.rand(1, 3, 512, 512, device=device))
    loss.measure_scales(photos)
    generator = build_generator(config.generator).to(device).to(memory_format=torch.channels_last)
    trainer = Trainer(
        generator=generator,
        model=generator,
        loss=loss,
        loader=CropLoader(Photos([], photos.shape[-1]), batch_size=BATCH, num_workers=1, seed=0),
        optimizer=build_optimizer(generator, config.optim.learning_rate),
        schedule=Schedule(10_000, 0.0, config.optim.learning_rate, 0, photos.shape[-1], False),
        monitor=Monitor(),
        device=device,
        precision=precision,
        max_noise_factor=config.generator.max_noise_factor,
        clip_norm=config.optim.clip_norm,
        seed=0,
        log_every=1,
    )

    def step() -> None:
        trainer.step(photos, *trainer.draw(photos))

    return step


def _peer_step(photos: Tensor) -> Callable[[], None]:
    """A step of pytorch/examples fast_neural_style: its network, VGG-16 to relu4_3, Adam, float32.

    VGG's weights are random, which costs the same.
    """
    device = photos.device
    generator = TransformerNet().to(device)
    layers = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
    features = Features("vgg16", layers).to(device)
    with torch.no_grad():
        targets = {name: gram_matrix(seen) for name, seen in features(torch.rand(1, 3, 256, 256, device=device)).items()}
    optimizer = torch.optim.Adam(generator.parameters(), 1e-3)

    def step() -> None:
        optimizer.zero_grad()
        output = generator(photos * 255) / 255
        seen, wanted = features(output), features(photos)
        loss = 1e5 * F.mse_loss(seen["relu2_2"], wanted["relu2_2"])
        for name, target in targets.items():
            loss = loss + 1e10 * F.mse_loss(gram_matrix(seen[name]), target.expand(BATCH, -1, -1))
        torch.autograd.backward(loss)
        optimizer.step()

    return step


def random_vgg_weights(architecture: str, path: Path) -> Path:
    """Write VGG weights drawn at random, for timing where the trained ones are not at hand."""
    torch.save(Features(architecture, ("relu5_1",)).state_dict(), path)
    return path
