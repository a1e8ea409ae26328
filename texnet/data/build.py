"""PhotoDataset to learn on: found in a COCO root or any folder, decoded, cropped, batched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from texnet.config import DataConfig
from texnet.data.coco import coco_photos, is_coco_root
from texnet.data.crops import CropBatch, CropLoader, center_crop
from texnet.data.dataset import PhotoDataset
from texnet.data.noise_only import NoiseOnlyLoader
from texnet.devices import free_memory
from texnet.errors import UserError
from texnet.files import find_pictures
from texnet.rng import make_generator

__all__ = [
    "CropBatch",
    "CropLoader",
    "NoiseOnlyLoader",
    "PhotoDataset",
    "build_photos",
    "center_crop",
    "find_photos",
    "hold_out",
]


def build_photos(
    config: DataConfig, *, seed: int, device: torch.device | str = "cpu", on_unreadable: Callable[[str], None]
) -> tuple[PhotoDataset, PhotoDataset]:
    """The photos that a config names to train on, and those held out for judging: the same where none can be spared.

    The former are kept in memory, on a CUDA card in its own, as far as ``cache_fraction`` of what is free there goes.
    """
    keeper = device if torch.device(device).type == "cuda" else "cpu"  # MPS is not safe to use from many threads
    cache_bytes = int(config.cache_fraction * free_memory(keeper))
    paths, held_out = hold_out(find_photos(config, seed), config.num_val, seed)
    photos = PhotoDataset(paths, config.image_size, cache_bytes=cache_bytes, device=keeper, on_unreadable=on_unreadable)
    if not held_out:
        return photos, photos
    return photos, PhotoDataset(held_out, config.image_size, on_unreadable=on_unreadable)


def hold_out(paths: Sequence[Path], count: int, seed: int) -> tuple[list[Path], list[Path]]:
    """Part photos into those to train on and ``count`` others, a tenth of all at most, drawn by the seed."""
    count = min(count, len(paths) // 10)
    drawn = set(torch.randperm(len(paths), generator=make_generator(seed, "hold out"))[:count].tolist())
    return [p for i, p in enumerate(paths) if i not in drawn], [p for i, p in enumerate(paths) if i in drawn]


def find_photos(config: DataConfig, seed: int) -> list[Path]:
    """Paths of the photos, sorted; of more than ``max_images`` a choice by the seed.

    FileNotFoundError or ValueError say what is missing or wrong, naming the flag.
    """
    if not config.data_dir:
        raise UserError("--data_dir is missing: name a COCO root or a folder of pictures")
    root = Path(config.data_dir)
    if not root.is_dir():
        raise FileNotFoundError(f"--data_dir {root}: no such folder")
    paths = _list(root, config)
    if not paths:
        raise FileNotFoundError(f"--data_dir {root}: no pictures found in it")
    if 0 < config.max_images < len(paths):
        chosen = torch.randperm(len(paths), generator=make_generator(seed, "choose"))[: config.max_images]
        paths = [paths[i] for i in sorted(chosen.tolist())]
    return paths


def _list(root: Path, config: DataConfig) -> list[Path]:
    if is_coco_root(root):
        return coco_photos(root, config.split, config.categories)
    if config.categories:
        raise UserError(f"--categories needs a COCO root, with annotations/ in it; {root} has none")
    if config.split != DataConfig.split:
        raise UserError(f"--split {config.split} needs a COCO root, with {config.split}2017/ in it; {root} is none")
    return find_pictures(root)
