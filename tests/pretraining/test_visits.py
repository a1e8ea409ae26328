"""Pretraining in visits to one style after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from torch import Tensor

from tests.pretraining.helpers import pretrain
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.pretraining import visits
from texnet.training.schedule import Schedule


@pytest.fixture
def short_visits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "VISIT_STEPS", 2)


def weights(path: Path) -> dict[str, Tensor]:
    return {name: tensor.float() for name, tensor in Checkpoint.load(path).weights.items()}


def difference(first: dict[str, Tensor], second: dict[str, Tensor]) -> float:
    return max(float((tensor - second[name]).abs().max()) for name, tensor in first.items())


@pytest.mark.usefixtures("short_visits")
def test_the_start_moves_when_a_visit_is_over(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    for steps in (1, 2, 3, 4):
        pretrain(tiny_config, style_path, tmp_path / f"{steps}.pt", steps, learn="generator")
    first, second, third, fourth = (weights(tmp_path / f"{steps}.pt") for steps in (1, 2, 3, 4))
    assert difference(first, second) > 1e-4
    assert difference(second, third) == 0
    assert difference(third, fourth) > 1e-4
    assert not Checkpoint.load(tmp_path / "4.pt").style_reader


@pytest.mark.usefixtures("short_visits")
def test_visits_go_on_where_they_were(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    pretrain(tiny_config, style_path, tmp_path / "whole.pt", 4, learn="generator")
    pretrain(tiny_config, style_path, tmp_path / "parts.pt", 2, learn="generator")
    pretrain(tiny_config, style_path, tmp_path / "parts.pt", 4, learn="generator", resume=True)
    assert difference(weights(tmp_path / "whole.pt"), weights(tmp_path / "parts.pt")) == 0


@pytest.mark.usefixtures("short_visits")
def test_visits_set_out_from_a_generator_without_what_its_reader_reads(
    tiny_config: TrainConfig, style_path: Path, tmp_path: Path
) -> None:
    pretrain(tiny_config, style_path, tmp_path / "first.pt", 3)
    still = replace(tiny_config, optim=replace(tiny_config.optim, learning_rate=1e-9))
    pretrain(still, style_path, tmp_path / "second.pt", 2, init=str(tmp_path / "first.pt"), learn="generator")
    assert difference(weights(tmp_path / "first.pt"), weights(tmp_path / "second.pt")) < 1e-3


def test_the_learning_rate_rises_and_falls_in_every_visit() -> None:
    plain = Schedule(total_steps=400, total_seconds=0, learning_rate=1.0, warmup_steps=5, crop_size=64, progressive_crops=False)
    schedule = visits.VisitSchedule(**vars(plain))
    rates = [schedule.learning_rate_at(step, step / 400) for step in range(2 * visits.VISIT_STEPS)]
    assert rates[: visits.VISIT_STEPS] == rates[visits.VISIT_STEPS :]
    assert rates[0] < rates[4] > rates[20] > rates[39] > 0
