"""The photos that networks are measured on: those that none of them was trained on, chosen by their names."""

from __future__ import annotations

import filecmp
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from torch import Tensor
from torch.nn import functional as F

from texnet.checkpoint import SETTINGS, Checkpoint
from texnet.checkpoint.validation import read_settings
from texnet.config import DataConfig, EvaluateConfig, TrainConfig
from texnet.data import build_photos, find_photos
from texnet.data.coco import is_coco_root
from texnet.errors import UnreadablePictureError, UserError
from texnet.evaluation.networks import name_of
from texnet.files import read_json
from texnet.images import center_square, load_picture
from texnet.rng import derive_seed

AT_LEAST = 2  # photos


@dataclass(frozen=True)
class TrainingPhotos:
    """Where a network's training photos are and how its training divided them: those trained on, those held out."""

    data: DataConfig
    seed: int

    def divide(self) -> tuple[list[Path], list[Path]]:
        """Those that training learns on and those that it holds out; none of the latter where there were too few photos."""
        data = replace(self.data, cache_fraction=0.0)
        photos, held_out = build_photos(data, seed=self.seed, on_unreadable=lambda text: None)
        return photos.paths, [] if held_out is photos else held_out.paths

    def seen_among(self, paths: Sequence[Path]) -> set[Path]:
        """Those of some photos that lie in the folder or split and were not held out, also where ``max_images`` left them out.

        Which ones ``max_images`` chose depends on what the folder held then, which is not known now.
        """
        listed = matching(paths, find_photos(replace(self.data, categories=(), max_images=0), self.seed))
        return {*listed}.difference(matching(listed, self.divide()[1])) if listed else set()


def find_unseen(data_dir: str, split: str, ckpts: Iterable[str | Path], log: Callable[[str], None]) -> list[Path]:
    """Photos of a folder, or of a split of a COCO root, that no checkpoint was trained on, in an order by their names alone.

    ``log`` gets a line where some had to be left out, and where a network's own photos are not here to compare with.
    FileNotFoundError or ValueError say what is missing, the latter also where no more than one photo is left.
    """
    given = find_photos(DataConfig(data_dir=data_dir, split=_split_of(data_dir, split)), seed=0)
    unseen, trained = given, []
    for name, source in _sources(ckpts, log):
        try:
            seen = source.seen_among(given)
        except (OSError, UserError):
            log(f"{name}: trained on {source.data.data_dir}, which is not here; it may have seen these photos")
            continue
        if seen:
            trained.append(name)
            unseen = [path for path in unseen if path not in seen]
    if trained:
        by_all = "held out by all of them" if len(trained) > 1 else "held out"
        report = f"{', '.join(trained)}: trained on photos of --data_dir {data_dir}"
        if len(unseen) < AT_LEAST:
            raise UserError(f"{report}, {len(unseen)} of which were {by_all}; name other photos, {AT_LEAST} at least")
        log(f"{report}; only the {len(unseen)} that were {by_all} are used")
    return sorted(unseen, key=lambda path: (derive_seed("evaluation", path.name), path))


def find_held_out(ckpt: str | Path, log: Callable[[str], None]) -> list[Path]:
    """The photos that a checkpoint's training held out, or all of its photos where it could spare none, as training does.

    ``log`` gets a line that says which. FileNotFoundError or ValueError say what is missing.
    """
    source = training_photos(Path(ckpt)) or TrainingPhotos(DataConfig(), 0)  # --data_dir is missing, then
    trained_on, held_out = source.divide()
    if held_out:
        log(f"{name_of(str(ckpt))}: measured on the {len(held_out)} photos that its training held out")
        return held_out
    log(f"{name_of(str(ckpt))}: measured on the photos that it was trained on, too few to hold any out")
    return trained_on


def training_photos(path: Path) -> TrainingPhotos | None:
    """The training photos of a checkpoint, by its own config or else by that of the run's folder; None where neither knows.

    UserError where the latter is damaged.
    """
    for read, place in ((_own_config, path), (_folder_config, path.parent)):
        config = read(place)
        if config.data.data_dir and not config.generator.no_content:
            return TrainingPhotos(config.data, config.optim.seed)
    return None


def matching(paths: Iterable[Path], others: Iterable[Path]) -> list[Path]:
    """Those paths that are among the others: the same place, or a file of the same name and content."""
    by_name: dict[str, list[Path]] = defaultdict(list)
    for other in others:
        by_name[other.name].append(other)
    folder_of = cache(Path.resolve)

    def is_same(a: Path, b: Path) -> bool:
        return folder_of(a.parent) == folder_of(b.parent) or filecmp.cmp(a, b, shallow=False)

    return [path for path in paths if any(is_same(path, other) for other in by_name.get(path.name, ()))]


def load_squares(paths: Sequence[Path], config: EvaluateConfig, on_unreadable: Callable[[str], None]) -> dict[Path, Tensor]:
    """The middles of the first ``max_images`` photos that can be read, each scaled to fill a square: (1, 3, S, S) in [0, 1]."""
    squares: dict[Path, Tensor] = {}
    for path in paths:
        if config.max_images and len(squares) == config.max_images:
            break
        try:
            squares[path] = _square(load_picture(path).on_white, config.image_size)
        except UnreadablePictureError as error:
            on_unreadable(str(error))
    if len(squares) < AT_LEAST:
        raise UserError(f"--data_dir {config.data_dir}: {len(squares)} pictures can be read; at least {AT_LEAST} are needed")
    return squares


def _split_of(data_dir: str, split: str) -> str:
    """The split for a COCO root; the default one means nothing for any other folder."""
    is_default = split == EvaluateConfig.split
    return DataConfig.split if is_default and not is_coco_root(Path(data_dir)) else split


def _sources(ckpts: Iterable[str | Path], log: Callable[[str], None]) -> list[tuple[str, TrainingPhotos]]:
    """The names of checkpoints and their training photos, each of these once; ``log`` gets a line for damaged settings."""
    found: dict[TrainingPhotos, list[str]] = defaultdict(list)
    for path in ckpts:
        try:
            source = training_photos(Path(path))
        except UserError as error:
            log(f"{name_of(str(path))}: it may have seen these photos: {error}")
            continue
        if source:
            found[source].append(name_of(str(path)))
    return [(", ".join(dict.fromkeys(names)), source) for source, names in found.items()]


def _own_config(path: Path) -> TrainConfig:
    try:
        resume = Checkpoint.load(path).resume
    except (UserError, OSError):
        return TrainConfig()  # of another project, or a run's folder without this file
    return resume.config if resume else TrainConfig()


def _folder_config(folder: Path) -> TrainConfig:
    path = folder / SETTINGS
    return read_settings(TrainConfig, read_json(path), str(path)) if path.is_file() else TrainConfig()


def _square(image: Tensor, size: int) -> Tensor:
    height, width = image.shape[2:]
    scale = size / min(height, width)
    shape = (max(size, round(height * scale)), max(size, round(width * scale)))
    resized = F.interpolate(image, shape, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
    return center_square(resized)
