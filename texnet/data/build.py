"""From a config to photos: which files there are, which are trained on, and which are held out for validation."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import torch

from texnet.config import DataConfig
from texnet.data.coco import coco_photos, describe_root, is_coco_root
from texnet.data.dataset import PhotoDataset
from texnet.devices import free_memory
from texnet.errors import UserError
from texnet.files import is_folder
from texnet.picture_files import find_pictures
from texnet.rng import derive_seed

TENTH_OF_HASHES = 2**63 // 10  # photos with hashes below this may be held out, and are never trained on


def build_photos(
    config: DataConfig,
    *,
    seed: int,
    device: torch.device | str = "cpu",
    on_unreadable: Callable[[str], None],
    log: Callable[[str], None] = lambda message: None,
) -> tuple[PhotoDataset, PhotoDataset]:
    """The photos that a config names to train on, and those held out for validation: the same where there are none to spare, or
    none of those can be read.

    The former are kept in memory, on a CUDA card in its own, as far as ``cache_fraction`` of what is free there goes.
    ``log`` gets what was found and what of it is not used.
    """
    keeper = device if torch.device(device).type == "cuda" else "cpu"  # MPS is not safe to use from many threads
    cache_bytes = int(config.cache_fraction * free_memory(keeper))
    found = find_photos(config, seed, log)
    paths, held_out = hold_out(found, config.num_val, seed)
    if not paths:
        raise UserError(
            f"--data_dir {config.data_dir}: all {len(found)} photos are set aside for validation, by their names; "
            "add photos, or give --num_val 0 to train on them"
        )
    photos = PhotoDataset(paths, config.image_size, cache_bytes=cache_bytes, device=keeper, on_unreadable=on_unreadable)
    if not held_out:
        log(f"{len(photos)} photos to train on, none held out: validation uses the same photos")
        return photos, photos
    validation = PhotoDataset(held_out, config.image_size, on_unreadable=on_unreadable, substitute=photos)
    if not validation.readable(range(len(validation)), 1):
        log(f"{len(photos)} photos to train on; none of the {len(held_out)} held out can be read: validation uses the others")
        return photos, photos
    log(f"{len(photos)} photos to train on, {len(held_out)} held out for validation")
    return photos, validation


def hold_out(paths: Sequence[Path], num_val: int, seed: int) -> tuple[list[Path], list[Path]]:
    """Split photos into those to train on and at most ``num_val`` others, by a hash of each file's name with the seed.

    The tenth of all names with the smallest hashes is never trained on, needed for validation or not, so a photo's part
    does not depend on which other files are there: whatever is added, removed or moved, no photo that was trained on is
    held out later. Few photos may have none among that tenth; then none is held out. ``num_val`` 0 trains on all.
    """
    if num_val == 0:
        return list(paths), []
    hashes = {path: _hash(path, "hold out", seed) for path in paths}
    train = [path for path in paths if hashes[path] >= TENTH_OF_HASHES]
    candidates = [path for path in paths if hashes[path] < TENTH_OF_HASHES]
    return train, _smallest(candidates, num_val, hashes)


def find_photos(config: DataConfig, seed: int, log: Callable[[str], None] = lambda message: None) -> list[Path]:
    """Paths of the photos, sorted; of more than ``max_images`` those whose names have the smallest hashes with the seed.

    FileNotFoundError or UserError say what is missing or wrong, naming the flag. ``log`` gets what is not used of a COCO root.
    """
    if not config.data_dir:
        raise UserError("--data_dir is missing: name a COCO root or a folder of pictures")
    root = Path(config.data_dir)
    if not is_folder(root):
        raise FileNotFoundError(f"--data_dir {root}: no such folder")
    paths = _list(root, config, log)
    if not paths:
        raise FileNotFoundError(f"--data_dir {root}: no pictures found in it")
    if config.max_images == 0:
        return paths
    return _smallest(paths, config.max_images, {path: _hash(path, "choose", seed) for path in paths})


def _list(root: Path, config: DataConfig, log: Callable[[str], None]) -> list[Path]:
    if is_coco_root(root, config.split):
        paths = coco_photos(root, config.split, config.categories, log)
        log(describe_root(root, config.split, len(paths)))
        return paths
    if config.categories:
        above = f"; give --data_dir {root.parent}" if is_coco_root(root.parent) else ""
        raise UserError(f"--categories needs a COCO root, with train2017/ and annotations/ in it; {root} has none{above}")
    if config.split != DataConfig.split:
        raise UserError(f"--split {config.split} needs a COCO root, with {config.split}2017/ in it; {root} is none")
    return find_pictures(root, on_skip=lambda text: log(f"skipped {text}"), log=log)


def _smallest(paths: Iterable[Path], count: int, hashes: Mapping[Path, int]) -> list[Path]:
    """The paths with the smallest hashes, sorted; of those with equal names the first."""
    return sorted(sorted(paths, key=lambda path: (hashes[path], path))[:count])


def _hash(path: Path, purpose: str, seed: int) -> int:
    """A number below 2^63 from a file's name alone, the same on every system: folders may move."""
    return derive_seed(seed, purpose, ascii(unicodedata.normalize("NFC", path.name)))
