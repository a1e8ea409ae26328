"""How the minutes are divided, what counts as failed, and the pictures that trainings get."""

from __future__ import annotations

from pathlib import Path

import pytest

from texnet.benchmark import BenchmarkSetup, has_failed, run, with_pictures
from texnet.benchmark.device_tests import DeviceTests
from texnet.benchmark.isolation import Failure
from texnet.benchmark.run import SECONDS, part_of_time
from texnet.benchmark.startup import StartUp
from texnet.config import MEASUREMENT_NAMES, BenchmarkConfig
from texnet.picture_files import find_pictures


def test_every_measurement_has_its_part_of_the_minutes() -> None:
    assert set(SECONDS) == set(MEASUREMENT_NAMES)


def test_the_parts_add_up_and_what_is_left_over_goes_to_the_later_ones() -> None:
    names, left = ["tests", "training", "compile"], 470.0
    assert part_of_time(names, left) == pytest.approx(470 * 90 / 235)
    assert part_of_time(names[1:], left - 10) == pytest.approx(460 * 35 / 145)  # the tests took 10 seconds
    assert part_of_time(names[2:], 100) == 100
    assert part_of_time(names[2:], -3) == 1


def test_a_failed_test_is_a_failure_of_the_whole() -> None:
    assert has_failed(Failure("no compiler"))
    assert has_failed(DeviceTests("cuda", ("a",), {"b": "assert 1 == 2"}, {}))
    assert not has_failed(DeviceTests("cuda", ("a",), {}, {"c": "no card"}))
    assert not has_failed(StartUp({"ours": (1.0,), "baseline": (2.0,)}))


@pytest.mark.slow
def test_trainings_get_drawn_pictures_where_none_are_named(setup: BenchmarkSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "NUM_SCENES", 1)
    with with_pictures(setup, BenchmarkConfig(only=("convergence",), size=48)) as ready:
        assert ready.training.data.image_size == 48
        assert find_pictures(Path(ready.training.data.data_dir))
    assert not Path(ready.training.data.data_dir).exists()


def test_named_pictures_are_taken_and_others_draw_none(setup: BenchmarkSetup, photo_folder: Path) -> None:
    with with_pictures(setup, BenchmarkConfig(only=("distributed",), data_dir=str(photo_folder))) as ready:
        assert ready.training.data.data_dir == str(photo_folder)
        assert ready.training.loss.texture == setup.training.loss.texture
    with with_pictures(setup, BenchmarkConfig(only=("training",))) as ready:
        assert ready is setup
