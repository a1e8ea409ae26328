"""The photos of a COCO root (Lin et al. 2014), all of a split or those that show chosen categories, through pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from texnet.errors import UserError
from texnet.files import EXTENSIONS, find_pictures

YEARS = ("2017", "2014", "")
COCO_SPLITS = ("train2017", "val2017", "train2014", "val2014")


def describe_root(root: Path, split: str, num_photos: int) -> str:
    """What is used of a COCO root, and which other folders and loose pictures in it are not.

    The folders are named, not searched: they may be large, or far away.
    """
    used = _split_folder(root, split)
    others = [f"{path.name}/" for path in _visible_folders(root) if path != used]
    loose = sum(path.suffix.lower() in EXTENSIONS for path in root.iterdir() if path.is_file())
    unused = ", ".join([*others, *([f"{loose} pictures beside them"] if loose else [])])
    remedy = f"; not used: {unused} (--split NAME takes another folder)" if unused else ""
    return f"--data_dir {root} is a COCO root: {num_photos} photos of {used.name}/{remedy}"


def is_coco_root(folder: Path) -> bool:
    """A folder with ``annotations/`` or COCO's own splits in it, such as ``val2017/``."""
    return any((folder / name).is_dir() for name in ("annotations", *COCO_SPLITS))


def coco_photos(root: Path, split: str, categories: Sequence[str]) -> list[Path]:
    """Paths of a split's photos, sorted; with categories, only of those that show at least one of them.

    FileNotFoundError names a missing split or annotation file, UserError a broken one, an unknown category and all
    known ones, or categories that no photo shows.
    """
    folder = _split_folder(root, split)
    if not categories:
        return find_pictures(folder)  # no need to parse hundreds of megabytes of annotations
    coco = _read_annotations(root / "annotations" / f"instances_{folder.name}.json")
    known = {category["name"]: category["id"] for category in coco.loadCats(coco.getCatIds())}
    unknown = [name for name in categories if name not in known]
    if unknown:
        raise UserError(f"--categories: {', '.join(unknown)} not in {folder.name}; known are: {', '.join(sorted(known))}")
    image_ids = {image for name in categories for image in coco.getImgIds(catIds=[known[name]])}
    if not image_ids:
        raise UserError(f"--categories {' '.join(categories)}: no photo of {folder.name} shows them; choose others")
    return sorted(folder / image["file_name"] for image in coco.loadImgs(sorted(image_ids)))


def _split_folder(root: Path, split: str) -> Path:
    for year in YEARS:
        if (root / f"{split}{year}").is_dir():
            return root / f"{split}{year}"
    found = [path.name for path in _visible_folders(root)]
    raise FileNotFoundError(f"--split {split}: no such folder in {root}; it has {', '.join(found) or 'none'}")


def _visible_folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name != "annotations" and path.name[0] != ".")


def _read_annotations(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: --categories needs COCO's instance annotations; get annotations_trainval2017.zip")
    try:
        from pycocotools.coco import COCO
    except ImportError as error:
        raise UserError("--categories needs pycocotools: pip install pycocotools") from error
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its progress by print
            return COCO(str(path))
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise UserError(f"{path}: not COCO's annotations, or cut short; get annotations_trainval2017.zip again") from error
