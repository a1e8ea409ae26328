"""The same few photos at rising factors."""

from __future__ import annotations

from pathlib import Path

import torch

from texnet.config import DataConfig, GeneratorConfig
from texnet.data import PhotoDataset, build_photos
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration
from texnet.training.previews import FACTORS, choose_photos, render_preview


def photos_in(folder: Path) -> PhotoDataset:
    return build_photos(DataConfig(data_dir=str(folder), image_size=32, num_val=0), seed=0, on_unreadable=print)[0]


def test_the_same_seed_chooses_the_same_photos(photo_folder: Path) -> None:
    photos = photos_in(photo_folder)
    assert torch.equal(choose_photos(photos, 4, 0, "preview"), choose_photos(photos, 4, 0, "preview"))


def test_another_purpose_chooses_other_photos(photo_folder: Path) -> None:
    photos = photos_in(photo_folder)
    assert not torch.equal(choose_photos(photos, 4, 0, "preview"), choose_photos(photos, 4, 0, "scales"))


def test_more_photos_than_there_are_come_again(photo_folder: Path) -> None:
    chosen = choose_photos(photos_in(photo_folder), 10, 0, "preview")
    assert chosen.shape == (10, 3, 32, 32)
    assert torch.equal(chosen[8:], chosen[:2])


def test_a_preview_has_a_row_per_photo_and_a_column_per_factor() -> None:
    generator = build_generator(GeneratorConfig(width=4, num_blocks=1))
    preview = render_preview(generator, torch.rand(3, 3, 16, 16), torch.float32, Calibration())
    assert preview.shape == (3, 3 * 16, len(FACTORS) * 16)


def test_the_first_column_of_a_preview_is_the_photo_itself() -> None:
    generator, photos = build_generator(GeneratorConfig(width=4, num_blocks=1)), torch.rand(2, 3, 16, 16)
    assert FACTORS[0] == 0
    preview = render_preview(generator, photos, torch.float32, Calibration())
    assert torch.equal(preview[:, :, :16], torch.cat(list(photos), dim=1))


def test_a_preview_in_bfloat16_is_float32_and_in_range() -> None:
    generator = build_generator(GeneratorConfig(width=4, num_blocks=1))
    preview = render_preview(generator, torch.rand(1, 3, 16, 16), torch.bfloat16, Calibration())
    assert preview.dtype == torch.float32
    assert preview.min() >= 0
    assert preview.max() <= 1
