"""The photos: found as the flags say, split for validation by name, decoded on demand, cached; bad files are reported once."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unicodedata import normalize

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.odd_pictures import OddPicture, encoded
from texnet.config import DataConfig
from texnet.data import PhotoDataset, build_photos, find_photos, hold_out
from texnet.errors import UserError
from texnet.images import load_training_photo
from texnet.picture_files import find_pictures
from texnet.training.previews import choose_photos

CROP = 32
PHOTO_BYTES = 3 * 40 * 56
HELD_OUT_BEFORE = ["25.jpg", "26.jpg", "54.jpg", "63.jpg", "77.jpg"]
TRAINED_BEFORE = ["0.jpg", "1.jpg", "2.jpg"]

# PIL warns of broken EXIF data; the commands have that ignored, the library leaves it to its user
pytestmark = [pytest.mark.filterwarnings(f"ignore:::PIL.{name}") for name in ("Image", "TiffImagePlugin")]


@pytest.fixture
def own_photos(photo_folder: Path, tmp_path: Path) -> list[Path]:
    """Copies of the photos that a test may break or delete."""
    return find_pictures(shutil.copytree(photo_folder, tmp_path / "photos"))


@pytest.fixture
def odd_paths(odd_pictures: dict[str, OddPicture]) -> list[Path]:
    return [odd.path for odd in odd_pictures.values()]


def untrainable(odd_pictures: dict[str, OddPicture]) -> set[Path]:
    return {odd.path for odd in odd_pictures.values() if odd.problem or not odd.trainable}


def config_for(folder: Path, **changes: object) -> DataConfig:
    return dataclasses.replace(DataConfig(data_dir=str(folder)), **changes)


def test_a_photo_is_decoded_as_for_training(photo_folder: Path) -> None:
    paths = find_pictures(photo_folder)
    assert torch.equal(PhotoDataset(paths, CROP)[3], load_training_photo(paths[3], CROP))


def test_there_are_as_many_photos_as_paths(photo_folder: Path) -> None:
    assert len(PhotoDataset(find_pictures(photo_folder), CROP)) == 8


def test_a_cached_photo_needs_its_file_no_more(own_photos: list[Path]) -> None:
    photos = PhotoDataset(own_photos, CROP, cache_bytes=10**9)
    first = photos[0]
    own_photos[0].unlink()
    assert torch.equal(photos[0], first)


def test_without_memory_no_photo_is_cached(own_photos: list[Path]) -> None:
    photos = PhotoDataset(own_photos, CROP, cache_bytes=0)
    first = photos[0]
    own_photos[0].unlink()
    assert not torch.equal(photos[0], first)


def test_photos_are_cached_only_as_far_as_memory_is_given(own_photos: list[Path]) -> None:
    photos = PhotoDataset(own_photos, CROP, cache_bytes=3 * PHOTO_BYTES + PHOTO_BYTES // 2)
    for index in (*range(8), *range(8)):
        photos[index]
    assert [index for index in range(8) if photos[index] is photos[index]] == [0, 1, 2]


def test_cached_photos_are_on_the_device(photo_folder: Path) -> None:
    photos = PhotoDataset(find_pictures(photo_folder), CROP, cache_bytes=10**9, device="meta")
    assert photos[0].device.type == "meta"


def test_photos_are_cached_in_host_memory_for_all_devices_but_cuda(photo_folder: Path) -> None:
    config = DataConfig(data_dir=str(photo_folder), image_size=CROP)
    photos, _ = build_photos(config, seed=0, device="mps", on_unreadable=print)
    assert photos[0] is photos[0]
    assert photos[0].device.type == "cpu"


def test_a_bad_file_is_replaced_by_the_next_good_one(own_photos: list[Path]) -> None:
    own_photos[2].write_bytes(b"")
    own_photos[3].write_bytes(b"")
    photos = PhotoDataset(own_photos, CROP)
    assert torch.equal(photos[2], photos[4])


def test_a_bad_last_file_is_replaced_by_the_first_good_one(own_photos: list[Path]) -> None:
    own_photos[7].write_bytes(b"")
    photos = PhotoDataset(own_photos, CROP)
    assert torch.equal(photos[7], photos[0])


def test_odd_pictures_give_only_photos_with_room_for_a_crop(odd_paths: list[Path]) -> None:
    photos = PhotoDataset(odd_paths, CROP)
    shapes = [photos[index].shape for index in range(len(photos))]
    assert [shape for shape in shapes if shape[0] != 3 or min(shape[1:]) < CROP] == []


def test_each_bad_file_is_named_once_whichever_thread_asks(odd_paths: list[Path], odd_pictures: dict[str, OddPicture]) -> None:
    reported: list[str] = []
    photos = PhotoDataset(odd_paths, CROP, on_unreadable=reported.append)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(photos.__getitem__, 4 * list(range(len(photos)))))
    bad = untrainable(odd_pictures)
    named = {path: f"{path}: ".replace("\n", " ") for path in bad}
    assert {path: sum(text.startswith(name) for text in reported) for path, name in named.items()} == dict.fromkeys(bad, 1)
    assert len(reported) == len(bad)


def test_a_bad_file_that_many_threads_read_at_once_is_named_once(tmp_path: Path, photo_folder: Path) -> None:
    whole = encoded(Image.effect_noise((1500, 1500), 80), "JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) * 9 // 10])
    reported: list[str] = []
    photos = PhotoDataset([tmp_path / "cut.jpg", photo_folder / "photo-0.png"], CROP, on_unreadable=reported.append)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(photos.__getitem__, [0] * 8))
    assert len(reported) == 1


def test_bad_files_are_noted_with_what_was_reported(odd_paths: list[Path], odd_pictures: dict[str, OddPicture]) -> None:
    reported: list[str] = []
    photos = PhotoDataset(odd_paths, CROP, on_unreadable=reported.append)
    for index in range(len(photos)):
        photos[index]
    assert photos.unreadable.keys() == untrainable(odd_pictures)
    assert Counter(photos.unreadable.values()) == Counter(reported)


def test_a_good_file_is_not_named(photo_folder: Path) -> None:
    reported: list[str] = []
    photos = PhotoDataset(find_pictures(photo_folder), CROP, on_unreadable=reported.append)
    for index in range(len(photos)):
        photos[index]
    assert (reported, photos.unreadable) == ([], {})


def test_only_bad_files_are_an_error_that_names_one_and_their_number(tmp_path: Path) -> None:
    paths = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    with pytest.raises(ValueError, match=r"none of the 2 pictures can be read, for example .*b\.jpg: No such file"):
        PhotoDataset(paths, CROP)[1]


def test_the_pictures_of_a_folder_are_found_sorted(photo_folder: Path) -> None:
    assert find_photos(config_for(photo_folder), seed=0) == [photo_folder / f"photo-{number}.png" for number in range(8)]


def test_the_photos_of_a_coco_root_are_those_of_the_split_and_categories(coco_root: Path) -> None:
    paths = find_photos(config_for(coco_root, split="val", categories=("dog",)), seed=0)
    assert paths == [coco_root / "val2017" / f"{number:012d}.jpg" for number in (2, 3)]


@pytest.mark.parametrize("most", [8, 9, 0])
def test_all_photos_are_used_where_there_are_no_more_than_asked(photo_folder: Path, most: int) -> None:
    assert find_photos(config_for(photo_folder, max_images=most), seed=0) == find_pictures(photo_folder)


def test_of_more_photos_the_number_asked_is_used_sorted(photo_folder: Path) -> None:
    paths = find_photos(config_for(photo_folder, max_images=5), seed=0)
    assert len(set(paths)) == 5
    assert paths == sorted(paths)


def test_the_seed_chooses_the_photos(photo_folder: Path) -> None:
    config = config_for(photo_folder, max_images=4)
    choices = [tuple(find_photos(config, seed)) for seed in range(5)]
    assert choices == [tuple(find_photos(config, seed)) for seed in range(5)]
    assert len(set(choices)) > 1


def test_a_missing_data_dir_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"--data_dir {tmp_path}/nowhere: no such folder"):
        find_photos(config_for(tmp_path / "nowhere"), seed=0)


def test_a_file_is_no_data_dir(own_photos: list[Path]) -> None:
    with pytest.raises(FileNotFoundError, match=r"--data_dir .*photo-0\.png: no such folder"):
        find_photos(config_for(own_photos[0]), seed=0)


def test_no_data_dir_is_refused_with_what_to_give() -> None:
    with pytest.raises(ValueError, match="--data_dir is missing: name a COCO root or a folder of pictures"):
        find_photos(DataConfig(), seed=0)


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"--data_dir {tmp_path}: no pictures found"):
        find_photos(config_for(tmp_path), seed=0)


def test_categories_need_a_coco_root(photo_folder: Path) -> None:
    with pytest.raises(ValueError, match=f"--categories needs a COCO root, .* {photo_folder} has none"):
        find_photos(config_for(photo_folder, categories=("dog",)), seed=0)


def pictures(*names: str) -> list[Path]:
    return [Path("folder", name) for name in names]


PHOTOS = pictures(*(f"{number}.jpg" for number in range(100)))
some_photos = st.sets(st.sampled_from(PHOTOS))


def test_photos_are_held_out_by_the_seed_and_none_is_in_both_parts() -> None:
    train, held_out = hold_out(PHOTOS, 7, seed=0)
    assert len(held_out) == 7
    assert not set(train) & set(held_out)
    assert hold_out(PHOTOS, 7, seed=0) == (train, held_out)
    assert hold_out(PHOTOS, 7, seed=1) != (train, held_out)


def test_names_keep_their_part_in_every_version_of_texnet() -> None:
    assert [path.name for path in hold_out(PHOTOS, 5, seed=0)[1]] == HELD_OUT_BEFORE


@given(before=some_photos, after=some_photos, num_val=st.integers(1, 16), seed=st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_no_photo_that_was_trained_on_is_held_out_when_files_come_and_go(
    before: set[Path], after: set[Path], num_val: int, seed: int
) -> None:
    trained_on, _ = hold_out(sorted(before), num_val, seed)
    train, held_out = hold_out(sorted(after), num_val, seed)
    assert not set(trained_on) & set(held_out)
    assert set(trained_on) & after <= set(train)


@given(paths=st.permutations(PHOTOS), folder=st.sampled_from(["moved", "/else/where"]))
@settings(max_examples=20, deadline=None)
def test_neither_the_order_of_files_nor_their_folder_changes_their_part(paths: list[Path], folder: str) -> None:
    moved = [Path(folder, path.name) for path in paths]
    parts = [{path.name for path in part} for part in hold_out(moved, 7, seed=0)]
    assert parts == [{path.name for path in part} for part in hold_out(PHOTOS, 7, seed=0)]


def test_an_added_photo_takes_the_place_of_at_most_one_that_is_held_out() -> None:
    for number in range(100, 200):
        _, before = hold_out(PHOTOS, 7, seed=0)
        _, after = hold_out([*PHOTOS, *pictures(f"{number}.jpg")], 7, seed=0)
        assert len(set(before) - set(after)) <= 1


def test_about_a_tenth_can_be_held_out_and_is_not_trained_on() -> None:
    many = pictures(*(f"{number:012d}.jpg" for number in range(10_000)))
    assert len(hold_out(many, 16, seed=0)[0]) == pytest.approx(9000, abs=100)
    assert len(hold_out(many, 10_000, seed=0)[1]) == pytest.approx(1000, abs=100)


def test_a_name_in_another_spelling_of_unicode_is_the_same_name() -> None:
    names = [f"{word}-{number}.jpg" for word in ("größe", "é", "が") for number in range(30)]
    parts = [hold_out(pictures(*(normalize(form, name) for name in names)), 99, seed=0)[1] for form in ("NFC", "NFD")]
    assert len(parts[0]) > 0
    assert {normalize("NFC", path.name) for path in parts[1]} == {path.name for path in parts[0]}


def test_none_held_out_means_that_all_are_trained_on() -> None:
    assert hold_out(PHOTOS, 0, seed=0) == (PHOTOS, [])


def test_of_more_photos_than_asked_an_added_one_changes_at_most_one(own_photos: list[Path]) -> None:
    config = config_for(own_photos[0].parent, max_images=4)
    before = find_photos(config, seed=0)
    for number in range(20):
        added = own_photos[0].parent / f"added-{number}.png"
        added.touch()
        assert len(set(before) - set(find_photos(config, seed=0))) <= 1
        added.unlink()


def named(folder: Path, names: list[str]) -> Path:
    """A folder of equal photos of these names."""
    folder.mkdir()
    for name in names:
        Image.new("RGB", (40, 40)).save(folder / name)
    return folder


def test_photos_that_are_held_out_are_reported(tmp_path: Path) -> None:
    messages: list[str] = []
    folder = named(tmp_path / "photos", [*HELD_OUT_BEFORE[:2], *TRAINED_BEFORE])
    photos, held_out = build_photos(config_for(folder), seed=0, on_unreadable=pytest.fail, log=messages.append)
    assert [path.name for path in photos.paths] == sorted(TRAINED_BEFORE)
    assert [path.name for path in held_out.paths] == sorted(HELD_OUT_BEFORE[:2])
    assert messages == [f"{len(TRAINED_BEFORE)} photos to train on, 2 held out for validation"]


def test_where_none_can_be_held_out_the_training_photos_validate_and_this_is_reported(tmp_path: Path) -> None:
    messages: list[str] = []
    folder = named(tmp_path / "photos", TRAINED_BEFORE)
    photos, held_out = build_photos(config_for(folder), seed=0, on_unreadable=pytest.fail, log=messages.append)
    assert held_out is photos
    assert messages == [f"{len(TRAINED_BEFORE)} photos to train on, none held out: validation uses the same photos"]


def test_where_all_could_only_be_held_out_the_remedy_is_named(tmp_path: Path) -> None:
    config = config_for(named(tmp_path / "photos", HELD_OUT_BEFORE[:2]))
    with pytest.raises(UserError, match=r"^--data_dir .*: all 2 photos are set aside .*add photos, or give --num_val 0"):
        build_photos(config, seed=0, on_unreadable=pytest.fail)
    photos, held_out = build_photos(config_for(Path(config.data_dir), num_val=0), seed=0, on_unreadable=pytest.fail)
    assert held_out is photos and len(photos) == 2


def test_what_is_not_used_of_a_coco_root_is_reported(coco_root: Path) -> None:
    messages: list[str] = []
    build_photos(config_for(coco_root), seed=0, on_unreadable=pytest.fail, log=messages.append)
    assert messages[0].startswith(f"--data_dir {coco_root} is a COCO root: 4 photos of train2017/; not used: val2017/")


def test_a_fraction_of_the_memory_caches_photos(own_photos: list[Path]) -> None:
    config = config_for(own_photos[0].parent, image_size=CROP, cache_fraction=0.1)
    photos, _ = build_photos(config, seed=0, on_unreadable=pytest.fail)
    assert photos[0] is photos[0]


def test_no_fraction_of_the_memory_caches_none(own_photos: list[Path]) -> None:
    config = config_for(own_photos[0].parent, image_size=CROP, cache_fraction=0.0)
    photos, _ = build_photos(config, seed=0, on_unreadable=pytest.fail)
    assert photos[0] is not photos[0]


def test_where_no_held_out_photo_can_be_read_the_training_photos_validate_and_this_is_reported(tmp_path: Path) -> None:
    messages: list[str] = []
    skipped: list[str] = []
    folder = named(tmp_path / "photos", [*HELD_OUT_BEFORE[:2], *TRAINED_BEFORE])
    for name in HELD_OUT_BEFORE[:2]:
        (folder / name).write_bytes(b"")
    photos, held_out = build_photos(config_for(folder), seed=0, on_unreadable=skipped.append, log=messages.append)
    assert held_out is photos
    assert (len(skipped), len(photos.unreadable)) == (2, 2)
    assert messages == ["3 photos to train on; none of the 2 held out can be read: validation uses the others"]


def test_a_broken_held_out_photo_is_replaced_by_another_and_counted_with_the_others(tmp_path: Path) -> None:
    folder = named(tmp_path / "photos", [*HELD_OUT_BEFORE[:3], *TRAINED_BEFORE])
    (folder / HELD_OUT_BEFORE[0]).write_bytes(b"")
    skipped: list[str] = []
    photos, held_out = build_photos(config_for(folder, image_size=CROP), seed=0, on_unreadable=skipped.append)
    assert torch.equal(held_out[0], held_out[1])
    assert held_out.readable(range(3), 3) == [1, 2] and held_out.readable(range(3), 1) == [1]
    assert len(skipped) == 1 and photos.unreadable.keys() == {folder / HELD_OUT_BEFORE[0]}


def test_held_out_photos_that_vanish_during_training_are_replaced_by_training_photos(tmp_path: Path) -> None:
    folder = named(tmp_path / "photos", [*HELD_OUT_BEFORE[:2], *TRAINED_BEFORE])
    photos, held_out = build_photos(config_for(folder, image_size=CROP), seed=0, on_unreadable=lambda text: None)
    for path in held_out.paths:
        path.unlink()
    assert torch.equal(held_out[1], photos[1])
    assert choose_photos(held_out, 4, 0, "calibration").shape == (4, 3, CROP, CROP)


def test_photos_are_chosen_among_those_that_can_be_read(own_photos: list[Path]) -> None:
    before = choose_photos(PhotoDataset(own_photos, CROP), 4, 0, "preview")
    for path in own_photos[:5]:
        path.write_bytes(b"")
    chosen = choose_photos(PhotoDataset(own_photos, CROP), 4, 0, "preview")
    assert chosen.shape == before.shape
    assert len({tuple(photo.flatten().tolist()) for photo in chosen}) == 3


def test_folders_of_runs_are_not_trained_on(own_photos: list[Path]) -> None:
    folder = own_photos[0].parent
    run = folder / "checkpoints" / "mosaic"
    (run / "previews").mkdir(parents=True)
    for name in ("config.json", "metrics.jsonl"):
        (run / name).touch()
    for name in ("texture.png", "previews/step-000100.png"):
        shutil.copy(own_photos[0], run / name)
    messages: list[str] = []
    assert find_photos(config_for(folder), 0, messages.append) == own_photos
    assert messages == [f"2 pictures in {folder} are results of texnet or belong to its runs, and are left out"]
