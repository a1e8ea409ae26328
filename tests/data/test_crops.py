"""Batches of crops: a function of seed, epoch and position, each photo once an epoch, whoever asks and from where on."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from texnet.data import CropLoader, PhotoDataset, center_crop
from texnet.picture_files import find_pictures

CROP = 32


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> PhotoDataset:
    """Eight drawn photos, all cached."""
    return PhotoDataset(find_pictures(photo_folder), CROP, cache_bytes=10**9)


@pytest.fixture(scope="module")
def ramps(tmp_path_factory: pytest.TempPathFactory) -> PhotoDataset:
    """Ten photos, each of its own red; green rises from left to right, blue from top to bottom."""
    folder = tmp_path_factory.mktemp("ramps")
    for number in range(10):
        photo = Image.new("RGB", (60, 50))
        photo.putdata([(number, x, y) for y in range(50) for x in range(60)])
        photo.save(folder / f"{number}.png")
    return PhotoDataset(find_pictures(folder), CROP, cache_bytes=10**9)


def loader_for(photos: PhotoDataset, **changes: int) -> CropLoader:
    options = {"batch_size": 2, "num_workers": 2, "seed": 0, **changes}
    return CropLoader(photos, **options)


def draw(photos: PhotoDataset, epoch: int = 0, first_step: int = 0, size: int = CROP, **options: int) -> list[Tensor]:
    """All batches of an epoch, cut."""
    with loader_for(photos, **options) as loader:
        return [batch.cut(size) for batch in loader.epoch(epoch, first_step)]


def which(batches: list[Tensor]) -> list[int]:
    """The numbers of the ramps in batches, in order."""
    return [round(red) for batch in batches for red in (batch[:, 0, 0, 0] * 255).tolist()]


def same(one: list[Tensor], other: list[Tensor]) -> bool:
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def decoding_threads() -> int:
    return sum(thread.name.startswith("decode") for thread in threading.enumerate())


def test_a_batch_is_rgb_in_0_to_1_of_the_size_asked(photos: PhotoDataset) -> None:
    batch = draw(photos, batch_size=3)[0]
    assert (tuple(batch.shape), batch.dtype) == ((3, 3, CROP, CROP), torch.float32)
    assert 0 <= batch.min() < 0.5 < batch.max() <= 1


def test_the_same_seed_epoch_and_position_give_the_same_crop(photos: PhotoDataset) -> None:
    assert same(draw(photos, epoch=3), draw(photos, epoch=3))


def test_the_number_of_threads_changes_nothing(photos: PhotoDataset) -> None:
    assert same(draw(photos, num_workers=1), draw(photos, num_workers=4))


def test_photos_that_are_not_cached_give_the_same_crops(photos: PhotoDataset) -> None:
    assert same(draw(photos), draw(PhotoDataset(photos.paths, CROP, cache_bytes=0)))


def test_another_epoch_gives_another_order(ramps: PhotoDataset) -> None:
    assert which(draw(ramps, epoch=0)) != which(draw(ramps, epoch=1))


def test_another_seed_gives_another_order(ramps: PhotoDataset) -> None:
    assert which(draw(ramps, seed=0)) != which(draw(ramps, seed=1))


@given(first_step=st.integers(0, 4), epoch=st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_an_epoch_begun_later_is_the_tail_of_the_whole(photos: PhotoDataset, first_step: int, epoch: int) -> None:
    assert same(draw(photos, epoch, first_step), draw(photos, epoch)[first_step:])


def test_every_photo_is_used_once_an_epoch(ramps: PhotoDataset) -> None:
    assert sorted(which(draw(ramps))) == list(range(10))


def test_what_fills_no_batch_is_dropped(ramps: PhotoDataset) -> None:
    drawn = which(draw(ramps, batch_size=3))
    assert len(drawn) == len(set(drawn)) == 9


def test_other_photos_are_dropped_in_other_epochs(ramps: PhotoDataset) -> None:
    dropped = {frozenset(range(10)) - set(which(draw(ramps, epoch=epoch, batch_size=3))) for epoch in range(6)}
    assert len(dropped) > 1


def test_fewer_photos_than_a_batch_are_used_several_times(ramps: PhotoDataset) -> None:
    (batch,) = draw(PhotoDataset(ramps.paths[:3], CROP), batch_size=7)
    assert sorted(Counter(which([batch])).items()) in (
        [(0, 2), (1, 2), (2, 3)],
        [(0, 2), (1, 3), (2, 2)],
        [(0, 3), (1, 2), (2, 2)],
    )


def test_one_photo_is_cropped_differently_within_a_batch(ramps: PhotoDataset) -> None:
    (batch,) = draw(PhotoDataset(ramps.paths[:1], CROP), batch_size=4)
    assert len({tuple(crop.flatten().tolist()) for crop in batch}) == 4


def test_steps_per_epoch_are_the_batches_that_come(ramps: PhotoDataset) -> None:
    for batch_size in (1, 3, 10, 11):
        with loader_for(ramps, batch_size=batch_size) as loader:
            assert loader.steps_per_epoch == len(list(loader.epoch(0)))


@pytest.mark.parametrize("epoch", [0, 4])
def test_the_batches_of_two_processes_joined_are_those_of_one(photos: PhotoDataset, epoch: int) -> None:
    first, second = (draw(photos, epoch, batch_size=2, rank=rank, world_size=2) for rank in (0, 1))
    joined = [torch.cat(pair) for pair in zip(first, second, strict=True)]
    assert same(joined, draw(photos, epoch, batch_size=4))


@pytest.mark.parametrize("size", [16, 20, 32])
def test_a_crop_is_a_piece_of_its_photo_perhaps_mirrored(ramps: PhotoDataset, size: int) -> None:
    for batch in draw(ramps, size=size):
        _, green, blue = (batch * 255).round().long().unbind(1)  # (N, S, S)
        across, down = green.diff(dim=2), blue.diff(dim=1)
        assert all((crop == 1).all() or (crop == -1).all() for crop in across)
        assert (down == 1).all() and (green.diff(dim=1) == 0).all() and (blue.diff(dim=2) == 0).all()


def test_crops_come_from_everywhere_in_the_photo(ramps: PhotoDataset) -> None:
    crops = (torch.cat([batch for epoch in range(40) for batch in draw(ramps, epoch)]) * 255).round()
    lefts, tops = crops[:, 1].amin(dim=(1, 2)), crops[:, 2].amin(dim=(1, 2))
    assert (lefts.min(), lefts.max()) == (0, 60 - CROP)
    assert (tops.min(), tops.max()) == (0, 50 - CROP)


def test_about_half_of_the_crops_are_mirrored(ramps: PhotoDataset) -> None:
    crops = torch.cat([batch for epoch in range(20) for batch in draw(ramps, epoch)])
    mirrored = (crops[:, 1, 0, 0] > crops[:, 1, 0, -1]).float().mean()
    assert 0.4 < mirrored < 0.6


def test_the_size_of_a_crop_does_not_change_which_photo_or_whether_mirrored(ramps: PhotoDataset) -> None:
    large, small = draw(ramps, size=32), draw(ramps, size=16)
    assert which(large) == which(small)
    assert [(b[:, 1].diff(dim=2)[:, 0, 0] > 0).tolist() for b in large] == [
        (b[:, 1].diff(dim=2)[:, 0, 0] > 0).tolist() for b in small
    ]


def test_cached_and_newly_decoded_photos_join_on_the_device(ramps: PhotoDataset) -> None:
    photos = PhotoDataset(ramps.paths[:4], CROP, cache_bytes=2 * 3 * 60 * 50, device="meta")
    with loader_for(photos, batch_size=4, num_workers=1) as loader:
        (batch,) = loader.epoch(0)
    assert {photo.device.type for photo in batch.photos} == {"cpu", "meta"}
    assert batch.cut(CROP, "meta").device.type == "meta"


def test_the_middle_of_a_photo_is_as_far_from_each_side(ramps: PhotoDataset) -> None:
    crop = center_crop(ramps[0], CROP)
    assert crop[1:, 0, 0].tolist() == [(60 - CROP) // 2, (50 - CROP) // 2]


def test_a_photo_of_the_crops_size_is_its_own_middle() -> None:
    photo = torch.randint(0, 256, (3, CROP, CROP), dtype=torch.uint8)
    assert torch.equal(center_crop(photo, CROP), photo)


def test_a_bad_photo_does_not_end_the_epoch(ramps: PhotoDataset, tmp_path: Path) -> None:
    reported: list[str] = []
    photos = PhotoDataset([*ramps.paths[:3], tmp_path / "missing.png"], CROP, on_unreadable=reported.append)
    assert sorted(which(draw(photos, batch_size=1))) == [0, 0, 1, 2]
    assert len(reported) == 1


def test_an_error_in_a_thread_is_raised_where_the_batch_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of the 1 pictures can be read"):
        draw(PhotoDataset([tmp_path / "missing.png"], CROP))


def test_closing_in_mid_epoch_ends_all_threads(photos: PhotoDataset) -> None:
    before = decoding_threads()
    with loader_for(photos, batch_size=1) as loader:
        batches = loader.epoch(0)
        next(batches)
        assert decoding_threads() > before
    assert decoding_threads() == before


def test_an_epoch_left_early_does_not_disturb_the_next(photos: PhotoDataset) -> None:
    with loader_for(photos, batch_size=1) as loader:
        with closing(loader.epoch(0)) as batches:
            list(islice(batches, 2))
        following = [batch.cut(CROP) for batch in loader.epoch(1)]
    assert same(following, draw(photos, epoch=1, batch_size=1))


def test_only_a_few_batches_are_decoded_ahead(photos: PhotoDataset, tmp_path: Path) -> None:
    reported: list[str] = []
    paths = [path for number in range(100) for path in (tmp_path / f"{number}.png", photos.paths[0])]
    half_missing = PhotoDataset(paths, CROP, on_unreadable=reported.append)
    with loader_for(half_missing, batch_size=1, num_workers=1) as loader, closing(loader.epoch(0)) as batches:
        next(batches)
    assert len(reported) < 10
