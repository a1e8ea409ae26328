"""What a training learns on: photos, or for a texture blank canvases, and in either case what its loss is measured by."""

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
from texnet.generators.calibration import Calibration
from texnet.images import to_float
from texnet.training.distributed import DistributedContext
from texnet.training.previews import FACTORS, NUM_PHOTOS, choose_photos, paint_preview, paint_samples

TERM_NORM_PHOTOS = 16  # photos on which the terms of the loss are measured untouched

PreviewFn = Callable[[Generator, torch.dtype, Calibration], Tensor]  # of a preview, (3, H, W) in [0, 1]


@dataclass(frozen=True)
class TrainingData:
    """``reference_photos`` gives pictures that nobody painted, (N, 3, S, S) in [0, 1]; for a texture there are no photos.

    ``copies`` of each photo are in a batch where the diversity of results counts.
    """

    photos: PhotoDataset
    held_out: PhotoDataset
    preview_photos: Tensor
    loader: CropLoader | NoiseOnlyLoader
    reference_photos: Callable[[], Tensor]
    paint_preview: PreviewFn
    copies: int


def photo_data(
    config: TrainConfig, device: torch.device, context: DistributedContext, log: Callable[[str], None]
) -> TrainingData:
    """The photos that a config names. FileNotFoundError or ValueError say what is missing, naming the flag."""
    seed = config.optim.seed
    sharing = 1 if device.type == "cuda" else context.world_size  # a card has its memory alone
    data = replace(config.data, cache_fraction=config.data.cache_fraction / sharing)
    photos, held_out = build_photos(data, seed=seed, device=device, on_unreadable=lambda text: log(f"skipped {text}"), log=log)
    preview_photos = choose_photos(held_out, NUM_PHOTOS, seed, "preview")
    only = config.generator.fixed_noise_factor
    factors = (0.0, only) if only else FACTORS
    loader = CropLoader(
        photos,
        batch_size=config.data.batch_size,
        num_workers=config.data.num_workers,
        seed=seed,
        rank=context.rank,
        world_size=context.world_size,
    )
    return TrainingData(
        photos,
        held_out,
        preview_photos,
        loader,
        reference_photos=lambda: choose_photos(photos, TERM_NORM_PHOTOS, seed, "scales"),
        paint_preview=lambda generator, precision, dial: paint_preview(generator, preview_photos, precision, dial, factors),
        copies=2,
    )


def noise_only_data(config: TrainConfig, multiple: int) -> TrainingData:
    """Canvases for a texture, their sides divisible by ``multiple``; the terms of its loss are in units of drawn scenes."""
    none = PhotoDataset([], config.data.image_size)
    loader = NoiseOnlyLoader(batch_size=config.data.batch_size, multiple=multiple)
    size = loader.batch.cut(config.data.image_size).shape[-1]
    return TrainingData(
        none,
        none,
        torch.empty(0, 3, size, size),
        loader,
        reference_photos=lambda: draw_scenes(TERM_NORM_PHOTOS, size),
        paint_preview=lambda generator, precision, _: paint_samples(generator, size, precision),
        copies=config.data.batch_size,
    )


def draw_scenes(count: int, size: int) -> Tensor:
    """Drawn scenes, which stand for photos where there are none: float (count, 3, size, size) in [0, 1]."""
    scenes = torch.from_numpy(np.stack([np.asarray(draw_scene(size, number)) for number in range(count)]))
    return to_float(scenes.permute(0, 3, 1, 2))
