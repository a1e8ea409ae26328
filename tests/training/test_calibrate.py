"""At the end of every training the perceptual path length is measured, and the strength control calibrated by it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.training.helpers import Diary, build, fit, stop_after
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.generators.noise import draw_noise
from texnet.losses import PerceptualLoss
from texnet.metrics import feature_distances, progress
from texnet.stylize import Stylizer
from texnet.training import Training
from texnet.training.calibrate import COARSE_STEPS, calibrate, estimate_seconds, find_end, spread_factors
from texnet.training.previews import choose_photos

FACTORS = [i / 19 for i in range(20)]  # none but the ends is among those of the calibration


@pytest.fixture(scope="module")
def coarse_calibration() -> None:
    """Here calibration is as fine as everywhere."""


@pytest.fixture(scope="module")
def folder(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished training; not to be changed."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("texnet.training.folder_saver.EPOCH_SECONDS", 0)
        assert fit(shared_config, folder).done
    return folder


@pytest.fixture(scope="module")
def trained(shared_config: TrainConfig, folder: Path) -> Training:
    """That training, built anew from its folder."""
    return build(shared_config, resume_from=folder / "latest.pt")


@torch.no_grad()
def path_of(generator: Generator, loss: PerceptualLoss, photos: Tensor, calibration: Calibration) -> list[float]:
    """The share of the path to full style at FACTORS of a calibrated strength control."""
    noise = draw_noise(0, (1, 3, *photos.shape[2:])).expand(len(photos), -1, -1, -1)
    seen = []
    for factor in FACTORS:
        raw = torch.full((len(photos),), calibration.uncalibrated(factor))
        seen.append(loss.extract(generator(noise, photos, raw), loss.style_layers))
    return progress(torch.stack([feature_distances(a, b) for a, b in pairwise(seen)]), FACTORS.index(1.0))


def largest_error(gone: list[float]) -> float:
    return max(abs(share - factor) for share, factor in zip(gone, FACTORS, strict=True))


@pytest.mark.slow
def test_once_calibrated_each_noise_factor_is_its_share_of_the_path(trained: Training) -> None:
    generator, loss = trained.trainer.ema_generator, trained.trainer.loss
    photos = choose_photos(trained.data.photos, 4, 0, "test")
    calibration = calibrate(generator, loss, photos, 2.0)
    assert largest_error(path_of(generator, loss, photos, Calibration())) > 0.04
    assert largest_error(path_of(generator, loss, photos, calibration)) < 0.02


def test_a_finished_run_is_calibrated_wherever_it_is_read_from(folder: Path) -> None:
    expected = Checkpoint.load(folder / "latest.pt").calibration
    assert expected != Calibration()
    assert Checkpoint.load(folder / "style.pt").calibration == expected
    assert Stylizer.load(folder / "style.pt").calibration == expected


def test_what_is_saved_before_the_end_is_not_calibrated(folder: Path) -> None:
    assert Checkpoint.load(folder / "epoch-001.pt").calibration == Calibration()


def test_a_run_that_was_stopped_is_not_calibrated(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(tiny_config, tmp_path, stop_requested=stop_after(2))
    assert Checkpoint.load(tmp_path / "latest.pt").calibration == Calibration()


@pytest.mark.slow
def test_the_last_preview_is_calibrated(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    fit(tiny_config, tmp_path, monitor=diary)
    training = build(tiny_config, resume_from=tmp_path / "latest.pt")
    calibration = Checkpoint.load(tmp_path / "style.pt").calibration
    assert torch.equal(diary.previews[8], training.render_preview(calibration))
    assert not torch.equal(diary.previews[8], training.render_preview(Calibration()))


@pytest.mark.slow
def test_calibration_reports_its_progress_to_the_monitors(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    fit(tiny_config, tmp_path, monitor=diary)
    assert {task for task, _ in diary.tasks} == {"calibrating"}
    shares = [share for _, share in diary.tasks]
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) >= 4


def test_its_time_is_estimated_from_a_few_of_its_points(trained: Training) -> None:
    photos = choose_photos(trained.data.photos, 2, 0, "test")
    assert estimate_seconds(trained.trainer.ema_generator, trained.trainer.loss, photos, 2.0) > 0


def test_a_measurement_is_the_same_every_time(trained: Training) -> None:
    generator, loss = trained.trainer.ema_generator, trained.trainer.loss
    photos = choose_photos(trained.data.photos, 2, 0, "test")
    assert calibrate(generator, loss, photos, 2.0) == calibrate(generator, loss, photos, 2.0)


@pytest.mark.parametrize("largest", [1.0, 1.5, 2.0, 10.0])
def test_the_path_is_measured_from_photo_through_full_style_to_the_largest_factor(largest: float) -> None:
    raw = spread_factors(largest, (4, 3))
    assert raw == sorted(set(raw))
    assert (raw[0], raw[-1]) == (0.0, largest)
    assert 1.0 in raw


FALLING, RISING = [5.0, 4, 3, 2], [1.0, 2, 3, 4]


@pytest.mark.parametrize(
    ("style", "content", "end"),
    [
        ([FALLING] * 4, [RISING] * 4, 4),
        ([*[FALLING] * 3, [5, 4, 4.1, 2]], [RISING] * 4, 4),  # one photo of four goes the wrong way once
        ([*[FALLING] * 2, *[[5, 4, 4.1, 2]] * 2], [RISING] * 4, 2),  # two do
        ([*[FALLING] * 3, [5, 4, 9, 2]], [RISING] * 4, 2),  # one does by so much that the mean rises
        ([FALLING] * 4, [*[RISING] * 2, *[[1, 2, 3, 2]] * 2], 3),
        ([[5, 6, 5, 4]] * 4, [RISING] * 4, 2),  # at once: the first step remains
    ],
)
def test_the_strength_control_ends_where_photos_no_longer_get_stronger(
    style: list[list[float]], content: list[list[float]], end: int
) -> None:
    distances = torch.tensor([style, content], dtype=torch.float32).permute(2, 0, 1)  # (points after the photo, 2, photos)
    assert find_end(distances, 1) == end
    assert find_end(distances[:1], 1) == 1  # full style is the last point


def test_a_generator_is_not_used_beyond_the_end_of_its_strength_control(trained: Training) -> None:
    generator, loss = trained.trainer.ema_generator, trained.trainer.loss
    photos = choose_photos(trained.data.photos, 4, 0, "test")
    noise = draw_noise(0, (1, 3, *photos.shape[2:])).expand(len(photos), -1, -1, -1)
    raw, layers = spread_factors(2.0, COARSE_STEPS), {**loss.style_layers, **loss.content_layers}
    with torch.no_grad():
        wanted = loss.extract(photos, layers)
        seen = [loss.extract(generator(noise, photos, torch.full((len(photos),), factor)), layers) for factor in raw[1:]]
        distances = torch.stack([torch.stack(loss.distances(each, wanted)) for each in seen])
    assert calibrate(generator, loss, photos, 2.0).uncalibrated_factors[-1] == raw[find_end(distances, raw.index(1.0))]


@pytest.mark.parametrize("largest", [1.0, 1.5])
def test_the_strength_control_goes_as_far_as_it_was_trained(trained: Training, largest: float) -> None:
    photos = choose_photos(trained.data.photos, 2, 0, "test")
    calibration = calibrate(trained.trainer.ema_generator, trained.trainer.loss, photos, largest)
    assert calibration.noise_factors[-1] == largest
    assert calibration.uncalibrated_factors[-1] <= largest
