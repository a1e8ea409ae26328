"""A COCO root: the photos of a split, or those that show what is asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from texnet.data.coco import coco_photos, describe_root, is_coco_root


def numbers(root: Path, split: str = "train", categories: Sequence[str] = ()) -> list[int]:
    """The photos by their COCO numbers."""
    return [int(path.stem) for path in coco_photos(root, split, categories)]


@pytest.fixture
def own_root(coco_root: Path, tmp_path: Path) -> Path:
    """A copy of the COCO root that a test may change."""
    return Path(shutil.copytree(coco_root, tmp_path / "coco"))


def annotations_of(root: Path) -> Path:
    return root / "annotations" / "instances_train2017.json"


def test_a_folder_with_annotations_is_a_coco_root(coco_root: Path) -> None:
    assert is_coco_root(coco_root)


@pytest.mark.parametrize("split", ["train2017", "val2014"])
def test_a_folder_with_a_split_of_cocos_is_one_without_annotations_too(photo_folder: Path, tmp_path: Path, split: str) -> None:
    shutil.copytree(photo_folder, tmp_path / split)
    assert is_coco_root(tmp_path)


def test_a_folder_of_photos_is_no_coco_root(photo_folder: Path) -> None:
    assert not is_coco_root(photo_folder)


def test_a_split_has_all_its_photos_in_order(coco_root: Path) -> None:
    assert coco_photos(coco_root, "val", ()) == [coco_root / "val2017" / f"{number:012d}.jpg" for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(("split", "folder"), [("train", "train2017"), ("val", "val2017"), ("train2017", "train2017")])
def test_a_split_may_be_named_with_or_without_its_year(coco_root: Path, split: str, folder: str) -> None:
    assert {path.parent.name for path in coco_photos(coco_root, split, ())} == {folder}


@pytest.mark.parametrize("folder", ["train2014", "train"])
def test_other_years_and_none_are_splits_too(own_root: Path, folder: str) -> None:
    (own_root / "train2017").rename(own_root / folder)
    assert {path.parent.name for path in coco_photos(own_root, "train", ())} == {folder}


def test_of_two_years_the_later_is_taken(own_root: Path) -> None:
    shutil.copytree(own_root / "train2017", own_root / "train2014")
    assert {path.parent.name for path in coco_photos(own_root, "train", ())} == {"train2017"}


def test_a_split_needs_no_annotations_where_no_category_is_asked(own_root: Path) -> None:
    annotations_of(own_root).unlink()
    assert numbers(own_root) == [1, 2, 3, 4]


@pytest.mark.parametrize(("category", "shown_by"), [("person", [1, 3]), ("dog", [2, 3])])
def test_a_category_keeps_only_photos_that_show_it(coco_root: Path, category: str, shown_by: list[int]) -> None:
    assert numbers(coco_root, categories=[category]) == shown_by


@pytest.mark.parametrize("categories", [["person", "dog"], ["dog", "person"], ["dog", "person", "dog"]])
def test_several_categories_keep_photos_that_show_any_of_them_once(coco_root: Path, categories: list[str]) -> None:
    assert numbers(coco_root, categories=categories) == [1, 2, 3]


def test_categories_are_looked_up_in_the_annotations_of_the_split(own_root: Path) -> None:
    annotations_of(own_root).unlink()
    assert numbers(own_root, "val", ["dog"]) == [2, 3]


def test_a_missing_split_is_named_with_those_that_are_there(coco_root: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"--split test: no such folder in .*; it has train2017, val2017$"):
        coco_photos(coco_root, "test", ())


def test_a_root_without_any_split_says_so(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    with pytest.raises(FileNotFoundError, match=r"--split train: .* it has none$"):
        coco_photos(tmp_path, "train", ())


def test_unknown_categories_are_named_with_those_that_are_known(coco_root: Path) -> None:
    with pytest.raises(ValueError, match=r"--categories: Dog, unicorn not in train2017; known are: dog, person$"):
        coco_photos(coco_root, "train", ["Dog", "person", "unicorn"])


def test_a_category_that_no_photo_shows_is_named(own_root: Path) -> None:
    content = json.loads(annotations_of(own_root).read_text())
    content["categories"].append({"id": 19, "name": "horse"})
    annotations_of(own_root).write_text(json.dumps(content))
    with pytest.raises(ValueError, match="--categories horse: no photo of train2017 shows them"):
        coco_photos(own_root, "train", ["horse"])


def test_missing_annotations_are_named_with_where_to_get_them(own_root: Path) -> None:
    annotations_of(own_root).unlink()
    with pytest.raises(FileNotFoundError, match=r"instances_train2017\.json: .*get annotations_trainval2017\.zip"):
        coco_photos(own_root, "train", ["dog"])


@pytest.mark.parametrize("content", ['{"images": [', "[1, 2]", '{"annotations": [{"id": 1}]}', '{"images": 7}', "\0\1\2"])
def test_broken_annotations_are_named_with_the_remedy(own_root: Path, content: str) -> None:
    annotations_of(own_root).write_text(content)
    with pytest.raises(ValueError, match=r"instances_train2017\.json: .*get annotations_trainval2017\.zip again"):
        coco_photos(own_root, "train", ["dog"])


def test_what_is_used_of_a_root_and_what_is_not_is_said(own_root: Path) -> None:
    (own_root / "holiday").mkdir()
    (own_root / ".hidden").mkdir()
    (own_root / "loose.JPG").touch()
    (own_root / "notes.txt").touch()
    assert describe_root(own_root, "train", 3) == (
        f"--data_dir {own_root} is a COCO root: 3 photos of train2017/; "
        "not used: holiday/, val2017/, 1 pictures beside them (--split NAME takes another folder)"
    )
    assert "12 photos of holiday/; not used: train2017/, val2017/" in describe_root(own_root, "holiday", 12)


def test_of_a_root_that_is_used_whole_nothing_is_left_to_say(own_root: Path) -> None:
    shutil.rmtree(own_root / "val2017")
    assert describe_root(own_root, "train", 4) == f"--data_dir {own_root} is a COCO root: 4 photos of train2017/"


def test_reading_annotations_prints_nothing(coco_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco_photos(coco_root, "train", ["dog"])
    assert capsys.readouterr() == ("", "")
