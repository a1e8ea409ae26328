"""A COCO root: the photos of a split, or those that show what is asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from texnet.config import DataConfig
from texnet.data import find_photos
from texnet.data.coco import coco_photos, describe_root, is_coco_root
from texnet.errors import UserError


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


def change(root: Path, **parts: object) -> None:
    """Replace parts of the annotations; None removes one."""
    content = {**json.loads(annotations_of(root).read_text()), **parts}
    annotations_of(root).write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


def part(root: Path, name: str) -> list[dict[str, object]]:
    return list(json.loads(annotations_of(root).read_text())[name])


def dogs(root: Path) -> tuple[list[int], list[str]]:
    """The photos of dogs by their COCO numbers, and what is logged."""
    messages: list[str] = []
    return [int(path.stem) for path in coco_photos(root, "train", ["dog"], messages.append)], messages


def test_annotations_of_images_that_are_not_listed_are_left_out_and_counted(own_root: Path) -> None:
    change(own_root, images=[image for image in part(own_root, "images") if image["id"] != 2])
    photos, messages = dogs(own_root)
    assert photos == [3]
    assert messages == [f"{annotations_of(own_root)}: left out 1 annotations of an image or category that is not listed"]


@pytest.mark.parametrize("form", [str, float, lambda number: f"{number:03d}"], ids=["words", "floats", "zeros before"])
def test_numbers_may_be_written_in_any_way(own_root: Path, form: Callable[[object], object]) -> None:
    change(own_root, images=[{**image, "id": form(image["id"])} for image in part(own_root, "images")])
    assert dogs(own_root) == ([2, 3], [])


@pytest.mark.parametrize("name", [None, 7, "", ["a.jpg"]])
def test_images_without_a_name_are_left_out_and_counted(own_root: Path, name: object) -> None:
    images = part(own_root, "images")
    change(own_root, images=[*images, {"id": 9, "file_name": name}, {"id": 10}, "no entry", {"id": None, "file_name": "a.jpg"}])
    assert dogs(own_root) == ([2, 3], [f"{annotations_of(own_root)}: left out 4 images without id or file_name"])


def test_categories_of_one_name_all_count(own_root: Path) -> None:
    change(own_root, categories=[*part(own_root, "categories"), {"id": 1, "name": "dog"}])
    annotations = [{**entry, "category_id": 99 if entry["image_id"] == 1 else 18} for entry in part(own_root, "annotations")]
    change(own_root, annotations=annotations, categories=[{"id": 18, "name": "dog"}, {"id": 99, "name": "dog"}])
    assert dogs(own_root) == ([1, 2, 3], [])


def test_an_image_that_is_listed_twice_is_one_photo(own_root: Path) -> None:
    change(own_root, images=[*part(own_root, "images"), {"id": 50, "file_name": "000000000002.jpg"}])
    assert dogs(own_root) == ([2, 3], [])


@pytest.mark.parametrize("missing", ["images", "annotations", "categories"])
def test_a_file_that_lacks_a_part_is_named_with_it(own_root: Path, missing: str) -> None:
    change(own_root, **{missing: None})
    with pytest.raises(UserError, match=rf"instances_train2017\.json: .* lists no {missing}; get annotations_trainval2017"):
        dogs(own_root)


@pytest.mark.parametrize("form", ["train2017/{}", "./{}", "..\\..\\{}", "/else/where/{}", "../../{}"])
def test_a_photo_is_found_in_its_folder_however_its_name_is_written(own_root: Path, form: str) -> None:
    change(own_root, images=[{**image, "file_name": form.format(image["file_name"])} for image in part(own_root, "images")])
    assert dogs(own_root) == ([2, 3], [])


def test_photos_that_are_listed_and_not_there_are_counted(own_root: Path) -> None:
    (own_root / "train2017" / "000000000002.jpg").unlink()
    photos, messages = dogs(own_root)
    assert photos == [3]
    assert messages == [f"{annotations_of(own_root)}: 1 of 2 photos that show dog are not in {own_root / 'train2017'}"]
    (own_root / "train2017" / "000000000003.jpg").unlink()
    with pytest.raises(UserError, match=r"none of the 2 photos that show dog is in .*train2017; unpack them there"):
        dogs(own_root)


def test_splits_may_lie_in_a_folder_of_images(own_root: Path) -> None:
    (own_root / "images").mkdir()
    for split in ("train2017", "val2017"):
        (own_root / split).rename(own_root / "images" / split)
    assert is_coco_root(own_root) and is_coco_root(own_root / "images")
    assert numbers(own_root, "val", ["dog"]) == [2, 3]
    assert numbers(own_root / "images", "val", ["dog"]) == [2, 3]
    expected = f"--data_dir {own_root} is a COCO root: 4 photos of images/train2017/; not used: images/val2017/"
    assert describe_root(own_root, "train", 4).startswith(expected)


def test_own_photos_beside_annotations_are_a_folder_of_photos(photo_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(photo_folder, tmp_path / "own")
    (tmp_path / "own" / "annotations").mkdir()
    assert not is_coco_root(tmp_path / "own")
    config = DataConfig(data_dir=str(tmp_path / "own"))
    assert len(find_photos(config, seed=0)) == 8
    with pytest.raises(UserError, match="--categories needs a COCO root, with train2017/ and annotations/ in it"):
        find_photos(DataConfig(data_dir=str(tmp_path / "own"), categories=("dog",)), seed=0)


def test_a_split_that_is_named_for_its_root_is_told_the_root(coco_root: Path) -> None:
    with pytest.raises(UserError, match=rf"--categories needs a COCO root.*; give --data_dir {coco_root}$"):
        find_photos(DataConfig(data_dir=str(coco_root / "train2017"), categories=("dog",)), seed=0)
