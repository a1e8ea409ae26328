"""The photos of a COCO root (Lin et al. 2014), all of a split or those that show chosen categories, through pycocotools."""

from __future__ import annotations

import contextlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from texnet.errors import UserError
from texnet.finding import EXTENSIONS, find_pictures

YEARS = ("2017", "2014", "")
COCO_SPLITS = ("train2017", "val2017", "train2014", "val2014")
ANNOTATIONS, IMAGES = "annotations", "images"  # folders of a root; the splits may lie in the latter
REMEDY = "get annotations_trainval2017.zip"

Report = Callable[[str], None]


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
    return (folder / ANNOTATIONS).is_dir() and any(_find_split(folder, name) for name in (split, "train", "val"))


def coco_photos(root: Path, split: str, categories: Sequence[str], log: Report = lambda text: None) -> list[Path]:
    """Paths of a split's photos, sorted; with categories, only of those that show at least one of them.

    ``log`` gets the number of entries of the annotations that mean nothing, and of photos that are listed but not there.
    FileNotFoundError names a missing split or annotation file, UserError a broken one, an unknown category and all
    known ones, or categories that no photo shows.
    """
    folder = _split_folder(root, split)
    photos = find_pictures(folder, on_skip=lambda text: log(f"skipped {text}"), log=log)
    if not categories:
        return photos  # no need to parse hundreds of megabytes of annotations
    path = _annotation_file(root, folder)
    coco = _read_annotations(path, log)
    known: dict[str, list[Any]] = defaultdict(list)
    for category in coco.loadCats(coco.getCatIds()):
        known[category["name"]].append(category["id"])  # a name may have several
    unknown = [name for name in categories if name not in known]
    if unknown:
        raise UserError(f"--categories: {', '.join(unknown)} not in {folder.name}; known are: {', '.join(sorted(known))}")
    image_ids = {image for name in categories for number in known[name] for image in coco.getImgIds(catIds=[number])}
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
    found = _find_split(root, split)
    if found:
        return found
    names = [str(path.relative_to(root)) for path in _split_candidates(root)]
    raise FileNotFoundError(f"--split {split}: no such folder in {root}; it has {', '.join(names) or 'none'}")


def _find_split(root: Path, split: str) -> Path | None:
    places = (place / f"{split}{year}" for place in (root, root / IMAGES) for year in YEARS)
    return next((place for place in places if place.is_dir()), None)


def _split_candidates(root: Path) -> list[Path]:
    """The folders that may be splits, those in ``images/`` instead of it."""
    inner = _visible_folders(root / IMAGES) if (root / IMAGES).is_dir() else []
    return sorted([*(path for path in _visible_folders(root) if not inner or path.name != IMAGES), *inner])


def _visible_folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name != ANNOTATIONS and path.name[0] != ".")


def _annotation_file(root: Path, folder: Path) -> Path:
    name = f"instances_{folder.name}.json"
    beside = root.parent / ANNOTATIONS / name  # of coco/, where coco/images was named
    return beside if beside.is_file() and not (root / ANNOTATIONS / name).is_file() else root / ANNOTATIONS / name


def _read_annotations(path: Path, log: Report) -> Any:
    """The annotations, through pycocotools, without the entries on which it would stumble."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: --categories needs COCO's instance annotations; {REMEDY}")
    try:
        from pycocotools.coco import COCO
    except ImportError as error:
        raise UserError("--categories needs pycocotools: pip install pycocotools") from error
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not COCO's annotations, or cut short; {REMEDY} again") from error
    coco = COCO()
    coco.dataset = _sound_entries(content, path, log)
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its progress by print
        coco.createIndex()
    return coco


def _sound_entries(content: Any, path: Path, log: Report) -> dict[str, list[dict[str, Any]]]:
    """The entries that say what they should, their numbers as words: files of other tools mix 7, 7.0 and "7"."""
    for part in ("images", "annotations", "categories"):
        if not isinstance(content, dict) or not isinstance(content.get(part), list):
            raise UserError(f"{path}: not COCO's instance annotations, as it lists no {part}; {REMEDY} again")
    left_out = Counter[str]()

    def sound(part: str, *keys: str, name: str = "") -> Iterable[dict[str, Any]]:
        for entry in content[part]:
            numbers = {key: _number(entry.get(key)) for key in keys} if isinstance(entry, dict) else {}
            word = entry.get(name) if name and numbers else "none needed"
            if numbers and all(numbers.values()) and isinstance(word, str) and word:
                yield {**numbers, **({name: word} if name else {})}
            else:
                left_out[f"{part} without {' or '.join([*keys, *([name] if name else [])])}"] += 1

    images = list(sound("images", "id", name="file_name"))
    categories = list(sound("categories", "id", name="name"))
    listed, named = {image["id"] for image in images}, {category["id"] for category in categories}
    annotations = []
    for index, entry in enumerate(sound("annotations", "image_id", "category_id")):
        if entry["image_id"] in listed and entry["category_id"] in named:
            annotations.append({**entry, "id": index})
        else:
            left_out["annotations of an image or category that is not listed"] += 1
    if left_out:
        log(f"{path}: left out {', '.join(f'{number} {kind}' for kind, number in left_out.items())}")
    return {"images": images, "annotations": annotations, "categories": categories}


def _number(value: Any) -> str:
    """A number or word as one that compares: 7, 7.0, "7" and "007" are the same; empty for what is neither."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    word = str(value)
    return (word.lstrip("0") or "0") if word.isdecimal() else word


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
