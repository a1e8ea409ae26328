"""What a training gets its batches from: photos, those held out and those shown, or noise alone for a texture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from texnet.config import TrainConfig
from texnet.data import CropLoader, NoiseOnlyLoader, PhotoDataset, build_photos
from texnet.drawing import draw_scene
from texnet.generators import Generator
from texnet.images import to_float
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.previews import NUM_PHOTOS, choose_photos

TERM_NORM_PHOTOS = 16  # photos on which the terms of the loss are measured, as they are


@dataclass(frozen=True)
class TrainingData:
    """Photos (N, 3, S, S) in [0, 1], or for a texture noise alone: no photos, no ``preview_photos``, none held out.

    ``reference_photos`` gives what the terms of the loss are measured on. ``copies`` of each photo are in a batch where
    the diversity of results counts.
    """

    photos: PhotoDataset
    held_out: PhotoDataset
    preview_photos: Tensor
    loader: CropLoader | NoiseOnlyLoader
    reference_photos: Callable[[], Tensor]
    copies: int


def build_data(
    config: TrainConfig,
    generator: Generator,
    device: torch.device,
    context: DistributedContext = SINGLE_PROCESS,
    log: Callable[[str], None] = lambda text: None,
) -> TrainingData:
    """The photos that a config names, or noise for a texture. FileNotFoundError or UserError name the flag."""
    if not generator.reads_photo:
        return _noise_only(config, generator.stride)
    seed = config.optim.seed
    has_own_card = device.type == "cuda" and not context.shares_card
    sharing = 1 if has_own_card else context.world_size
    data = replace(config.data, cache_fraction=config.data.cache_fraction / sharing)
    photos, held_out = build_photos(data, seed=seed, device=device, on_unreadable=lambda text: log(f"skipped {text}"), log=log)
    loader = CropLoader(
        photos,
        batch_size=config.data.batch_size,
        num_workers=config.data.num_workers,
        seed=seed,
        rank=context.rank,
        world_size=context.world_size,
    )
    preview_photos = choose_photos(held_out, NUM_PHOTOS, seed, "preview")
    return TrainingData(
        photos, held_out, preview_photos, loader, lambda: choose_photos(photos, TERM_NORM_PHOTOS, seed, "scales"), copies=2
    )


def draw_scenes(count: int, size: int) -> Tensor:
    """Drawn scenes, which stand for photos where there are none: float (count, 3, size, size) in [0, 1]."""
    scenes = torch.from_numpy(np.stack([np.asarray(draw_scene(size, number)) for number in range(count)]))
    return to_float(scenes.permute(0, 3, 1, 2))


def _noise_only(config: TrainConfig, multiple: int) -> TrainingData:
    """Noise for a texture, its sides divisible by ``multiple``; the terms of the loss are measured on drawn scenes."""
    none = PhotoDataset([], config.data.image_size)
    loader = NoiseOnlyLoader(batch_size=config.data.batch_size, multiple=multiple)
    size = loader.batch.cut(config.data.image_size).shape[-1]
    no_photos, copies = torch.empty(0, 3, size, size), config.data.batch_size
    return TrainingData(none, none, no_photos, loader, lambda: draw_scenes(TERM_NORM_PHOTOS, size), copies)
