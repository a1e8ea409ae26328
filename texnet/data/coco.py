"""The photos of a COCO root (Lin et al. 2014), all of a split or those that show chosen categories, through pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from texnet.data.annotations import REMEDY, category_ids, read_annotations
from texnet.errors import UserError
from texnet.picture_files import EXTENSIONS, Report, find_pictures, say_nothing

YEARS = ("2017", "2014", "")
COCO_SPLITS = ("train2017", "val2017", "train2014", "val2014")
ANNOTATIONS, IMAGES = "annotations", "images"  # folders of a root; the splits may lie in the latter


def describe_root(root: Path, split: str, num_photos: int) -> str:
    """What is used of a COCO root, and which other folders and loose pictures in it are not.

    The folders are named, not searched: they may be large, or far away.
    """
    used = _split_folder(root, split)
    others = [f"{path.relative_to(root)}/" for path in _split_candidates(root) if path != used]
    loose = sum(path.suffix.lower() in EXTENSIONS for path in root.iterdir() if path.is_file())
    unused = ", ".join([*others, *([f"{loose} pictures beside them"] if loose else [])])
    remedy = f"; not used: {unused} (--split NAME takes another folder)" if unused else ""
    return f"--data_dir {root} is a COCO root: {num_photos} photos of {used.relative_to(root)}/{remedy}"


def is_coco_root(folder: Path, split: str = "train") -> bool:
    """A folder with COCO's own splits in it, such as ``val2017/`` or ``images/val2017/``, or with the split asked for and
    ``annotations/``. Someone's own photos beside ``annotations/`` are a folder like any other."""
    if any((place / name).is_dir() for place in (folder, folder / IMAGES) for name in COCO_SPLITS):
        return True
    return (folder / ANNOTATIONS).is_dir() and any(find_split(folder, name) for name in (split, "train", "val"))


def coco_photos(root: Path, split: str, categories: Sequence[str], log: Report = say_nothing) -> list[Path]:
    """Paths of a split's photos, sorted; with categories, only of those that show at least one of them.

    ``log`` gets the number of entries of the annotations that mean nothing, and of photos that are listed but not there.
    FileNotFoundError names a missing split or annotation file, UserError a broken one, an unknown category and all
    known ones, or categories that no photo shows.
    """
    folder = _split_folder(root, split)
    photos = find_pictures(folder, on_skip=lambda text: log(f"skipped {text}"), log=log)
    if not categories:
        return photos  # no need to parse hundreds of megabytes of annotations
    path = annotation_file(root, folder)
    coco = _read_index(path, log)
    numbers = category_ids(coco.loadCats(coco.getCatIds()), categories, folder.name)
    image_ids = {image for number in numbers for image in coco.getImgIds(catIds=[number])}
    if not image_ids:
        raise UserError(f"--categories {' '.join(categories)}: no photo of {folder.name} shows them; choose others")
    names = {image["file_name"] for image in coco.loadImgs(sorted(image_ids))}
    found, listed = _among(photos, names, folder), f"{len(names)} photos that show {' '.join(categories)}"
    if not found:
        raise UserError(f"{path}: none of the {listed} is in {folder}; unpack them there")
    if len(found) < len(names):
        log(f"{path}: {len(names) - len(found)} of {listed} are not in {folder}")
    return found


def _split_folder(root: Path, split: str) -> Path:
    found = find_split(root, split)
    if found:
        return found
    names = [str(path.relative_to(root)) for path in _split_candidates(root)]
    raise FileNotFoundError(f"--split {split}: no such folder in {root}; it has {', '.join(names) or 'none'}")


def find_split(root: Path, split: str) -> Path | None:
    """The folder of a split's photos, ``train2017/`` or ``images/train2017/`` for example; None where there is none."""
    places = (place / f"{split}{year}" for place in (root, root / IMAGES) for year in YEARS)
    return next((place for place in places if place.is_dir()), None)


def _split_candidates(root: Path) -> list[Path]:
    """The folders that may be splits, those in ``images/`` instead of it."""
    inner = _visible_folders(root / IMAGES) if (root / IMAGES).is_dir() else []
    return sorted([*(path for path in _visible_folders(root) if not inner or path.name != IMAGES), *inner])


def _visible_folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name != ANNOTATIONS and path.name[0] != ".")


def annotation_file(root: Path, folder: Path) -> Path:
    """Where the instance annotations of a split's folder belong; they may not be there."""
    name = f"instances_{folder.name}.json"
    beside = root.parent / ANNOTATIONS / name  # of coco/, where coco/images was named
    return beside if beside.is_file() and not (root / ANNOTATIONS / name).is_file() else root / ANNOTATIONS / name


def _read_index(path: Path, log: Report) -> Any:
    """The annotations, through pycocotools, without the entries on which it would stumble."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: --categories needs COCO's instance annotations; {REMEDY}")
    try:
        from pycocotools.coco import COCO
    except ImportError as error:
        raise UserError("--categories needs pycocotools: pip install pycocotools") from error
    coco = COCO()
    coco.dataset = read_annotations(path, log)
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its progress by print
        coco.createIndex()
    return coco


def _among(photos: Iterable[Path], names: Iterable[str], folder: Path) -> list[Path]:
    """The photos that are listed, by their place in the split's folder or else by their name: never a file outside it."""
    places = {path.relative_to(folder).parts: path for path in photos}
    by_name = {path.name: path for path in places.values()}
    found = set()
    for name in names:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        path = places.get(parts[1:] if parts[:1] == (folder.name,) else parts) or by_name.get(parts[-1] if parts else "")
        if path is not None:
            found.add(path)
    return sorted(found)
