"""Photos to learn on: found in a COCO root or any folder, decoded, cropped, batched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from texnet.config import DataConfig
from texnet.data.coco import coco_photos, is_coco_root
from texnet.data.crops import CropBatch, CropLoader, center_crop
from texnet.data.photos import Photos, free_memory
from texnet.files import find_pictures
from texnet.seeds import random_for

__all__ = ["CropBatch", "CropLoader", "Photos", "build_photos", "center_crop", "find_photos", "free_memory"]


def build_photos(
    config: DataConfig, *, seed: int, device: torch.device | str = "cpu", on_unreadable: Callable[[str], None]
) -> Photos:
    """The photos that a config names, to be kept on the device as far as ``cache_share`` of its free memory goes."""
    cache_bytes = int(config.cache_share * free_memory(device))
    paths = find_photos(config, seed)
    return Photos(paths, config.image_size, cache_bytes=cache_bytes, device=device, on_unreadable=on_unreadable)


def find_photos(config: DataConfig, seed: int) -> list[Path]:
    """Paths of the photos, sorted; of more than ``max_images`` a choice by the seed.

    FileNotFoundError or ValueError say what is missing or wrong, naming the flag.
    """
    if not config.data_dir:
        raise ValueError("--data_dir is missing: name a COCO root or a folder of pictures")
    root = Path(config.data_dir)
    if not root.is_dir():
        raise FileNotFoundError(f"--data_dir {root}: no such folder")
    paths = _list(root, config)
    if not paths:
        raise FileNotFoundError(f"--data_dir {root}: no pictures found in it")
    if 0 < config.max_images < len(paths):
        chosen = torch.randperm(len(paths), generator=random_for(seed, "choose"))[: config.max_images]
        paths = [paths[i] for i in sorted(chosen.tolist())]
    return paths


def _list(root: Path, config: DataConfig) -> list[Path]:
    if is_coco_root(root):
        return coco_photos(root, config.split, config.categories)
    if config.categories:
        raise ValueError(f"--categories needs a COCO root, with annotations/ in it; {root} has none")
    return find_pictures(root)
