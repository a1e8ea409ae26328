"""Masks of COCO's objects: polygons, run lengths, crowds, and what other tools write instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pycocotools import mask as coco

from texnet.data.coco_objects import CocoObjects
from texnet.errors import UserError

WIDTH, HEIGHT = 12, 10
SQUARE = [[2, 2, 6, 2, 6, 6, 2, 6]]  # columns and rows 2 to 5


def square(scale: int = 1) -> np.ndarray[Any, Any]:
    """That square as pixels."""
    pixels = np.zeros((HEIGHT * scale, WIDTH * scale), np.uint8)
    pixels[2 * scale : 6 * scale, 2 * scale : 6 * scale] = 1
    return pixels


def compressed(pixels: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Run lengths as COCO's results have them, in letters."""
    encoded = coco.encode(np.asfortranarray(pixels))
    return {"size": list(encoded["size"]), "counts": encoded["counts"].decode()}


def plain(pixels: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Run lengths as COCO's crowds have them, in numbers."""
    flat = pixels.T.flatten()
    runs = np.diff([0, *(np.flatnonzero(np.diff(flat)) + 1), flat.size])
    return {"size": list(pixels.shape), "counts": [*([0] if flat[0] else []), *map(int, runs)]}


def written(path: Path, *segmentations: object, size: tuple[object, object] = (WIDTH, HEIGHT)) -> Path:
    """An annotation file of one photo, a.jpg, that shows persons of such outlines."""
    width, height = size
    content = {
        "images": [{"id": 7, "file_name": "a.jpg", "width": width, "height": height}],
        "annotations": [{"image_id": 7, "category_id": 1, "segmentation": outline} for outline in segmentations],
        "categories": [{"id": 1, "name": "person"}],
    }
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    "outline",
    [SQUARE, plain(square()), compressed(square()), plain(square(2)), compressed(square(3))],
    ids=["polygon", "runs", "letters", "runs of twice the size", "letters of three times the size"],
)
def test_every_kind_of_outline_is_the_same_mask(tmp_path: Path, outline: object) -> None:
    mask = CocoObjects(written(tmp_path / "a.json", outline)).mask(Path("a.jpg"))
    assert torch.equal(mask, torch.from_numpy(square()).float())


def test_run_lengths_of_random_masks_are_read_as_pycocotools_reads_them(tmp_path: Path) -> None:
    for seed in range(20):
        pixels = (np.random.default_rng(seed).random((HEIGHT, WIDTH)) < seed / 20).astype(np.uint8)
        mask = CocoObjects(written(tmp_path / "a.json", compressed(pixels))).mask(Path("a.jpg"))
        assert np.array_equal(mask.numpy(), pixels)


def test_objects_are_put_together(tmp_path: Path) -> None:
    outlines = (SQUARE, plain(square()[:, ::-1]), [[0, 8, 12, 8, 12, 10, 0, 10], SQUARE[0]])
    mask = CocoObjects(written(tmp_path / "a.json", *outlines)).mask(Path("a.jpg"))
    assert mask.sum() == 16 + 16 + 24 - 0 and mask.max() == 1


@pytest.mark.parametrize(
    "outline",
    [
        [[1, 1, 4, 4]],
        [[1, 1, 4, 4, 3]],
        [[1, 1, 4, 4, 3, float("nan")]],
        [[1, 1, 4, 4, 3, 1e9]],
        [["1", 1, 4, 4, 3, 3]],
        [],
        None,
        "polygon",
        {"size": [HEIGHT, WIDTH], "counts": [3, 4]},
        {"size": [HEIGHT, WIDTH], "counts": [-1, 121]},
        {"size": [HEIGHT, WIDTH], "counts": "1"},
        {"size": [HEIGHT, WIDTH], "counts": "~~zz"},
        {"size": [HEIGHT, WIDTH]},
        {"size": [HEIGHT], "counts": [120]},
        {"size": [10**6, 10**6], "counts": [10**12]},
        {"size": [WIDTH, HEIGHT], "counts": [120]},
    ],
    ids=str,
)
def test_what_is_no_outline_is_left_out_and_counted(tmp_path: Path, outline: object) -> None:
    lines: list[str] = []
    objects = CocoObjects(written(tmp_path / "a.json", outline, SQUARE), log=lines.append)
    assert objects.mask(Path("a.jpg")).sum() == 16
    assert lines == [f"{tmp_path}/a.json: left out 1 objects without an outline that fits their photo"]


def test_a_polygon_of_two_points_beside_a_sound_one_is_left_out_alone(tmp_path: Path) -> None:
    objects = CocoObjects(written(tmp_path / "a.json", [[1, 1, 9, 9], *SQUARE]))
    assert objects.mask(Path("a.jpg")).sum() == 16


@pytest.mark.parametrize("size", [(None, None), (WIDTH, 0), ("12", "10"), (10**6, 10**6)], ids=str)
def test_a_photo_without_a_size_has_no_mask(tmp_path: Path, size: tuple[object, object]) -> None:
    objects = CocoObjects(written(tmp_path / "a.json", SQUARE, size=size))
    with pytest.raises(UserError, match="has no width and height of this photo"):
        objects.mask(Path("a.jpg"))


def test_photos_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    content = {
        "images": [{"id": n, "file_name": f"{f}/a.jpg", "width": WIDTH, "height": HEIGHT} for n, f in enumerate("xy")],
        "annotations": [{"image_id": 1, "category_id": 1, "segmentation": SQUARE}],
        "categories": [{"id": 1, "name": "person"}],
    }
    (tmp_path / "a.json").write_text(json.dumps(content))
    objects = CocoObjects(tmp_path / "a.json")
    assert [objects.mask(tmp_path / folder / "a.jpg").sum().item() for folder in "xy"] == [0, 16]
    with pytest.raises(UserError, match=r"lists 2 photos named a\.jpg in other folders$"):
        objects.mask(tmp_path / "a.jpg")


def test_files_and_categories_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"^--mask_from_coco no\.json: no such file$"):
        CocoObjects(Path("no.json"))
    with pytest.raises(UserError, match=r"^--categories: cat not in a\.json; known are: person$"):
        CocoObjects(written(tmp_path / "a.json"), ["cat"])
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(UserError, match="not COCO's instance annotations"):
        CocoObjects(tmp_path / "b.json")
