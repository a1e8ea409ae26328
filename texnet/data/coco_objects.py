"""The objects of COCO photos as masks, from polygons, run lengths and crowds, through pycocotools."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.data.annotations import category_ids, read_annotations
from texnet.errors import UserError
from texnet.picture_files import Report, say_nothing

Size = tuple[int, int]  # height, width
MAX_PIXELS = 2**28  # of a photo, by what a file says
SMALLEST_POLYGON = 6  # numbers: pycocotools takes polygons of two points for boxes, or crashes
REACH = 1  # widths and heights that a polygon may lie outside of its photo: what is far away is a mistake, and takes long


class CocoObjects:
    """The objects of some categories, or of all, in the photos that an annotation file lists.

    ``log`` gets the number of objects without a sound outline, which are left out. FileNotFoundError names a file that is
    not there, UserError one that is not COCO's, or categories that it does not have.
    """

    def __init__(self, path: Path, categories: Sequence[str] = (), log: Report = say_nothing) -> None:
        if not path.is_file():
            raise FileNotFoundError(f"--mask_from_coco {path}: no such file")
        self.path = path
        self.what = " or ".join(categories) or "object"
        content = read_annotations(path, log, {"images": ("width", "height"), "annotations": ("segmentation",)})
        wanted = set(category_ids(content["categories"], categories, path.name)) if categories else None
        self._photos: dict[str, list[dict[str, Any]]] = defaultdict(list)  # by name, without folders
        sizes = {}
        for image in content["images"]:
            self._photos[_parts(image["file_name"])[-1]].append(image)
            sizes[image["id"]] = _size(image["height"], image["width"])
        self._outlines: dict[str, list[Any]] = defaultdict(list)  # of each photo: lists of polygons, and run lengths
        left_out = 0
        for entry in content["annotations"]:
            size = sizes[entry["image_id"]]
            if size and (wanted is None or entry["category_id"] in wanted):
                outline = _sound_outline(entry["segmentation"], size)
                left_out += outline is None
                self._outlines[entry["image_id"]] += [] if outline is None else [outline]
        if left_out:
            log(f"{path}: left out {left_out} objects without an outline that fits their photo")

    def mask(self, photo: Path) -> Tensor:
        """Where the objects of a photo are, (H, W) of 0 and 1, in the size that the file gives the photo.

        The photo is found by its name, and by its folders where several have it. UserError where the file lists no such
        photo, or without its size.
        """
        named, parts = self._photos.get(photo.name, []), photo.absolute().parts
        found = [image for image in named if _ends_with(parts, _parts(image["file_name"]))] if len(named) > 1 else named
        if len(found) != 1:
            problem = f"lists {len(named)} photos named {photo.name} in other folders" if named else "does not list this photo"
            raise UserError(f"--mask_from_coco {self.path}: {problem}")
        size = _size(found[0]["height"], found[0]["width"])
        if size is None:
            raise UserError(f"--mask_from_coco {self.path}: has no width and height of this photo")
        return _rasterize(self._outlines.get(found[0]["id"], []), size)


def _rasterize(outlines: Sequence[Any], size: Size) -> Tensor:
    try:
        from pycocotools import mask as coco
    except ImportError as error:
        raise UserError("--mask_from_coco needs pycocotools: pip install pycocotools") from error
    polygons = list(chain.from_iterable(outline for outline in outlines if isinstance(outline, list)))
    union = torch.zeros(size)
    if polygons:
        union = torch.from_numpy(coco.decode(coco.merge(coco.frPyObjects(polygons, *size)))).float()
    for outline in outlines:
        if isinstance(outline, dict):
            mask = torch.from_numpy(coco.decode(coco.frPyObjects(outline, *outline["size"]))).float()
            union = union.maximum(F.interpolate(mask[None, None], size)[0, 0])  # run lengths have a size of their own
    return union


def _sound_outline(segmentation: Any, size: Size) -> Any:
    """The polygons of at least three points, or the run lengths as numbers; None where neither is sound."""
    if isinstance(segmentation, list):
        return [polygon for polygon in segmentation if _is_polygon(polygon, size)] or None
    if not isinstance(segmentation, dict) or not isinstance(segmentation.get("size"), list) or len(segmentation["size"]) != 2:
        return None
    own, counts = _size(*segmentation["size"]), segmentation.get("counts")
    if own is None or abs(own[0] * size[1] - own[1] * size[0]) > max(*own, *size):
        return None
    runs = _decode_runs(counts) if isinstance(counts, str) else counts
    if not isinstance(runs, list) or not all(isinstance(run, int) and run >= 0 for run in runs) or sum(runs) != math.prod(own):
        return None
    return {"size": list(own), "counts": runs}


def _is_polygon(polygon: Any, size: Size) -> bool:
    if not isinstance(polygon, list) or len(polygon) < SMALLEST_POLYGON or len(polygon) % 2:
        return False
    if not all(isinstance(number, int | float) for number in polygon):
        return False
    inside = (
        -REACH * side <= place <= (1 + REACH) * side
        for side, places in zip(size[::-1], (polygon[::2], polygon[1::2]), strict=True)
        for place in places
    )
    return all(inside)  # not a number is outside


def _decode_runs(counts: str) -> list[int]:
    """Run lengths out of COCO's letters: 5 bits each, the lowest first, from the third on as a difference to the last but one.

    pycocotools decodes them itself, but leaves what too few runs do not cover uninitialized.
    """
    runs: list[int] = []
    value = shift = 0
    for letter in counts:
        code = ord(letter) - ord("0")
        value |= (code & 31) << shift
        shift += 5
        if not code & 32:
            value -= (1 << shift) if code & 16 else 0
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs


def _size(height: Any, width: Any) -> Size | None:
    if not all(isinstance(side, int | float) and side > 0 and side % 1 == 0 for side in (height, width)):
        return None
    return (int(height), int(width)) if height * width <= MAX_PIXELS else None


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/")).parts or (name,)


def _ends_with(parts: Sequence[str], end: Sequence[str]) -> bool:
    return tuple(parts[-len(end) :]) == tuple(end)
