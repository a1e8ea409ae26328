"""COCO's instance annotations (Lin et al. 2014): what of a file is sound, whoever wrote it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from texnet.errors import UserError
from texnet.picture_files import Report, say_nothing

REMEDY = "get annotations_trainval2017.zip"


def read_annotations(
    path: Path, log: Report = say_nothing, keep: Mapping[str, Sequence[str]] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The lists ``images``, ``annotations`` and ``categories`` of a file, with the ids and names of each entry.

    ``keep`` names other keys of a list's entries, whose values are left as they are, None where they are missing. ``log``
    gets the number of entries that mean nothing and are left out. UserError for a file that is none of COCO's.
    """
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not COCO's annotations, or cut short; {REMEDY} again") from error
    return _sound_entries(content, path, log, keep or {})


def category_ids(known: Iterable[Mapping[str, Any]], names: Sequence[str], where: str) -> list[Any]:
    """The ids of the categories of some names; UserError for names that are not in ``where``, with all that are."""
    ids: dict[str, list[Any]] = defaultdict(list)
    for category in known:
        ids[category["name"]].append(category["id"])  # a name may have several
    unknown = [name for name in names if name not in ids]
    if unknown:
        raise UserError(f"--categories: {', '.join(unknown)} not in {where}; known are: {', '.join(sorted(ids))}")
    return [number for name in names for number in ids[name]]


def _sound_entries(content: Any, path: Path, log: Report, keep: Mapping[str, Sequence[str]]) -> dict[str, list[dict[str, Any]]]:
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
                kept = {key: entry.get(key) for key in keep.get(part, ())}
                yield {**numbers, **({name: word} if name else {}), **kept}
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
