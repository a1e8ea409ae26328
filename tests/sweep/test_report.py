"""The pictures of a sweep and the model that is copied out."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.sweep.helpers import CPU, WEIGHTS, MakeSweep, stop_after, worker_for
from texnet.config import TrainConfig
from texnet.images import load_picture, to_bytes
from texnet.stylize import Stylizer
from texnet.sweep.contact_sheet import CELL, GAP, MARGIN, NUM_PHOTOS, _photos
from texnet.sweep.curves import GRAY, MOST_IN_COLOR, _curves, label_of, smooth
from texnet.sweep.report import write_report, write_sheet
from texnet.sweep.run_status import RunStatus, read_status
from texnet.sweep.runs import run_grid
from texnet.sweep.settings import Setting, Sweep
from texnet.sweep.table import RunResult, collect


@pytest.fixture
def sweep(make_sweep: MakeSweep) -> Sweep:
    """A sweep that is trained."""
    sweep = make_sweep(WEIGHTS)
    run_grid(sweep, worker_for(sweep), lambda: None)
    return sweep


def test_the_model_that_is_copied_out_has_the_lowest_criterion(sweep: Sweep) -> None:
    write_report(sweep)
    lowest = min(sweep.grid(), key=lambda setting: read_status(setting.folder).scores["total"])
    assert (sweep.folder / "best.pt").read_bytes() == (lowest.folder / "style.pt").read_bytes()
    assert Stylizer.load(sweep.folder / "best.pt").style == "stripes"


def test_the_sheet_shows_photos_and_what_each_model_makes_of_them_pixel_by_pixel(sweep: Sweep) -> None:
    write_sheet(sweep, CPU)
    sheet = load_picture(sweep.folder / "sheet.png").pixels
    photos = _photos(sweep, collect(sweep)[0])
    columns = [photos]
    for setting in sweep.grid():
        stylizer = Stylizer.load(setting.folder / "style.pt")
        columns.append(torch.cat([stylizer(photo[None]) for photo in photos]))
    assert sheet.shape[2] == 2 * MARGIN + 3 * CELL + 2 * GAP
    top = sheet.shape[1] - MARGIN - NUM_PHOTOS * (CELL + GAP) + GAP
    for i, column in enumerate(columns):
        for j, picture in enumerate(column):
            down, right = top + j * (CELL + GAP), MARGIN + i * (CELL + GAP)
            assert torch.equal(sheet[:, down : down + CELL, right : right + CELL], to_bytes(picture)), (i, j)


def test_the_curves_are_a_picture_of_three_panels(sweep: Sweep) -> None:
    write_report(sweep)
    pixels = load_picture(sweep.folder / "curves.png").pixels
    assert pixels.shape == (3, 520, 1600)
    assert pixels.float().std() > 10


def test_a_sweep_that_was_stopped_at_once_leaves_no_sheet_and_no_best(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(WEIGHTS)
    run_grid(sweep, worker_for(sweep, stop_after(2)), lambda: None)
    write_report(sweep)
    write_sheet(sweep, CPU)
    assert {path.name for path in sweep.folder.iterdir() if path.is_file()} == {
        "table.csv",
        "table.md",
        "runs.csv",
        "curves.png",
    }


def test_smoothing_keeps_a_constant_and_the_first_value() -> None:
    assert smooth([2.0] * 100) == [2.0] * 100
    assert smooth([5.0, *[0.0] * 200])[0] == 5.0


def test_smoothing_takes_noise_out() -> None:
    noisy = [1.0 + (-1) ** i for i in range(300)]
    assert max(abs(value - 1.0) for value in smooth(noisy)[150:]) < 0.1


def test_a_single_axis_is_labeled_by_its_values_alone() -> None:
    setting = Setting("style_weight=0.1", {"style_weight": 0.1}, TrainConfig())
    assert label_of(setting, Sweep(Path("a"), TrainConfig(), {"style_weight": (0.1, 1.0)})) == "0.1"


def test_several_axes_are_labeled_with_their_names_and_a_search_with_the_trial() -> None:
    axes = {"style_weight": (0.1, 1.0), "width": (4, 8)}
    setting = Setting("trial-0012", {"style_weight": 0.123456, "width": 8}, TrainConfig())
    assert label_of(setting, Sweep(Path("a"), TrainConfig(), axes, num_trials=3)) == "#12, style_weight 0.123, width 8"


def test_of_many_runs_the_best_are_colored_and_the_others_gray_behind_them(make_sweep: MakeSweep) -> None:
    sweep = make_sweep({"style_weight": tuple(float(number) for number in range(1, MOST_IN_COLOR + 4))})
    results = [RunResult(setting, RunStatus("done", {"total": 100 - number})) for number, setting in enumerate(sweep.grid())]
    curves = _curves(results, sweep)
    best_first = [str(number) for number in range(MOST_IN_COLOR + 3, 3, -1)]
    assert [curve.label for curve in curves] == [*best_first, "others", "", ""]
    assert [curve.color == GRAY for curve in curves] == [False] * MOST_IN_COLOR + [True] * 3
