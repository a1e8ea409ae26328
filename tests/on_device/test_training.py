"""A training on any device learns, is continued, calibrated and ended as one on the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.helpers import with_options
from tests.training.helpers import Diary, stop_after
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.devices import choose_precision
from texnet.errors import UserError
from texnet.monitoring import Monitor
from texnet.training import Callback, FitResult, Trainer, build_training, fit
from texnet.training.calibrate import calibrate_on

# Convolutions of CUDA compute in TF32, with ten bits, and sum in no fixed order: a dozen steps later losses differ so much.
TOLERANCE = {"cpu": 1e-6, "cuda": 0.03}
CPU = torch.device("cpu")


@pytest.fixture
def full_style(config: TrainConfig) -> TrainConfig:
    """Training for noise factor 1 alone: no calibration at the end, and losses that can be compared step by step."""
    return with_options(config, "generator", fixed_noise_factor=1.0)


def losses_on(device: torch.device, config: TrainConfig, folder: Path) -> dict[int, float]:
    diary = Diary()
    fit(config, folder, device=device, monitor=diary)
    return diary.losses


def test_a_training_learns_what_it_learns_on_the_cpu(full_style: TrainConfig, device: torch.device, tmp_path: Path) -> None:
    config = with_options(full_style, "optim", max_steps=40)
    losses = losses_on(device, config, tmp_path / "device")
    expected = losses_on(CPU, config, tmp_path / "cpu")
    first = slice(0, 4)  # the noise of training is drawn by the device: afterwards each has its own
    means = [sum(list(values.values())[first]) for values in (losses, expected)]
    assert means[0] == pytest.approx(means[1], rel=1e-6 if device.type == "cpu" else 0.15)
    assert sum(losses[step] for step in range(33, 41)) < 0.95 * sum(losses[step] for step in range(1, 9))


@pytest.mark.parametrize("precision", ["bfloat16", "float32", "auto"])
def test_a_training_learns_in_every_number_format(
    precision: str, full_style: TrainConfig, device: torch.device, tmp_path: Path
) -> None:
    gentle = with_options(full_style, "optim", learning_rate=1e-3)  # large steps of a tiny network amplify rounding
    wide = losses_on(device, gentle, tmp_path / "float32")
    losses = losses_on(device, with_options(gentle, "optim", precision=precision), tmp_path / precision)
    assert list(losses.values()) == pytest.approx(list(wide.values()), rel=0.1)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card here")
def test_a_card_with_bfloat16_in_hardware_computes_in_it() -> None:
    expected = torch.bfloat16 if torch.cuda.get_device_capability() >= (8, 0) else torch.float32
    assert choose_precision("auto", torch.device("cuda")) == expected


def test_a_continued_training_equals_an_uninterrupted_one(
    full_style: TrainConfig, device: torch.device, tmp_path: Path
) -> None:
    config, whole, begun, continued = full_style, Diary(), Diary(), Diary()
    fit(config, tmp_path / "whole", device=device, monitor=whole)
    folder = tmp_path / "stopped"
    stopped: FitResult = fit(config, folder, device=device, monitor=begun, stop_requested=stop_after(5))
    assert not stopped.done and stopped.steps == 5
    fit(config, folder, device=device, monitor=continued, resume_from=Checkpoint.load(folder / "latest.pt"))
    joined = {**begun.losses, **continued.losses}
    assert list(joined) == list(whole.losses)
    assert list(joined.values()) == pytest.approx(list(whole.losses.values()), rel=TOLERANCE[device.type])


def test_calibration_measures_what_it_measures_on_the_cpu(config: TrainConfig, device: torch.device, tmp_path: Path) -> None:
    fit(config, tmp_path / "run", device=device)
    checkpoint = Checkpoint.load(tmp_path / "run" / "latest.pt")
    found = []
    for place in (device, CPU):
        built = build_training(config, Monitor(), device=place, precision=torch.float32, resume_from=checkpoint)
        trainer = built.trainer
        calibration = calibrate_on(built.data.held_out, trainer.ema_generator, trainer.loss, 2.0, seed=0)
        found.append([calibration.uncalibrated(factor) for factor in (0.25, 0.5, 0.75, 1.0)])
    assert found[0] == pytest.approx(found[1], abs=1e-6 if device.type == "cpu" else 0.02)


class FillCard(Callback):
    """Leaves a CUDA card no memory beyond what is taken, after the first step."""

    def after_step(self, trainer: Trainer) -> None:
        """Set the limit, and give back what torch keeps."""
        torch.cuda.empty_cache()
        taken, total = torch.cuda.memory_reserved(), torch.cuda.get_device_properties().total_memory
        torch.cuda.set_per_process_memory_fraction(taken / total)


@pytest.fixture
def whole_card_again() -> Iterator[None]:
    yield
    if torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card here")
@pytest.mark.usefixtures("whole_card_again")
def test_a_full_card_ends_a_training_with_one_line_and_all_saved(tiny_config: TrainConfig, tmp_path: Path) -> None:
    large = replace(tiny_config, generator=replace(tiny_config.generator, width=24, num_blocks=5))
    large = with_options(with_options(large, "data", image_size=512, batch_size=4), "optim", epochs=0, max_steps=3)
    with pytest.raises(UserError, match="out of memory at step 1, all is saved; go on with --resume"):
        fit(large, tmp_path / "run", device=torch.device("cuda"), callbacks=[FillCard()])
    assert Checkpoint.load(tmp_path / "run" / "latest.pt").training.steps == 1
