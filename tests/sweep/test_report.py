"""The pictures of a sweep and the model that is copied out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.sweep.helpers import CPU, WEIGHTS, MakeSweep
from texnet.config import TrainConfig
from texnet.images import load_picture, to_bytes
from texnet.reporting.contact_sheet import GAP
from texnet.stylize import Stylizer
from texnet.sweep.report import (
    CELL,
    GRAY,
    MAX_COLORS,
    NUM_PHOTOS,
    _curves,
    label_of,
    sheet_photos,
    smooth,
    write_report,
    write_sheet,
)
from texnet.sweep.runs import read_status
from texnet.sweep.settings import Setting, Sweep
from texnet.sweep.table import collect, whole_lines


@pytest.mark.slow
def test_the_best_model_is_copied_out_and_the_curves_have_three_panels(trained_copy: Sweep) -> None:
    write_report(trained_copy)
    lowest = min(trained_copy.grid(), key=lambda setting: read_status(setting.folder).scores["total"])
    assert (trained_copy.folder / "best.pt").read_bytes() == (lowest.folder / "style.pt").read_bytes()
    assert Stylizer.load(trained_copy.folder / "best.pt").style == "stripes"
    pixels = load_picture(trained_copy.folder / "curves.png").pixels
    assert pixels.shape == (3, 520, 1600)
    assert pixels.float().std() > 10


def test_the_sheet_shows_photos_and_the_output_of_each_model_pixel_by_pixel(trained_copy: Sweep) -> None:
    write_sheet(trained_copy, CPU)
    sheet = load_picture(trained_copy.folder / "sheet.png").pixels
    photos = sheet_photos(trained_copy, collect(trained_copy)[0])
    columns = [photos]
    for setting in trained_copy.grid():
        stylizer = Stylizer.load(setting.folder / "style.pt")
        columns.append(torch.cat([stylizer(photo[None]) for photo in photos]))
    assert sheet.shape[2] == 3 * CELL + 2 * GAP
    top = sheet.shape[1] - NUM_PHOTOS * (CELL + GAP) + GAP
    for i, column in enumerate(columns):
        for j, picture in enumerate(column):
            down, right = top + j * (CELL + GAP), i * (CELL + GAP)
            assert torch.equal(sheet[:, down : down + CELL, right : right + CELL], to_bytes(picture)), (i, j)


def test_a_sweep_that_was_stopped_at_once_leaves_no_sheet_and_no_best(make_sweep: MakeSweep) -> None:
    sweep = make_sweep(WEIGHTS)
    sweep.grid()[0].folder.mkdir(parents=True)
    (sweep.grid()[0].folder / "config.json").write_text(json.dumps({}))
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


def test_runs_without_a_label_are_gray_and_behind_those_with_one() -> None:
    runs = [[{"step": 1, "loss": float(number)}] for number in range(MAX_COLORS + 3)]
    labels = [str(number) for number in range(MAX_COLORS)]
    curves = list(_curves(runs, "loss", labels))
    assert [curve.label for curve in curves] == [*labels, "others", "", ""]
    assert [curve.look["color"] == GRAY for curve in curves] == [False] * MAX_COLORS + [True] * 3
    assert max(c.look["zorder"] for c in curves[MAX_COLORS:]) < min(c.look["zorder"] for c in curves[:MAX_COLORS])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("metrics.jsonl", b"{broken}\n"),
        ("metrics.jsonl", b'{"step": 1}\n[]\n5\n'),
        ("metrics.jsonl", b"\x00" * 100 + b"\n"),
        ("status.json", b"{"),
        ("status.json", b"[]"),
        ("status.json", b'{"state": "done", "criterion": {"total": "x"}}'),
    ],
)
def test_a_damaged_file_of_one_run_does_not_end_the_report(trained_copy: Sweep, name: str, content: bytes) -> None:
    runs = trained_copy.grid()
    (runs[0].folder / name).write_bytes(content)
    results = write_report(trained_copy)
    assert [result.setting.name for result in results] == [run.name for run in runs]
    assert (trained_copy.folder / "curves.png").is_file()
    damage = [whole_lines(run)[1] for run in runs]
    assert bool(damage[0]) == (name == "metrics.jsonl") and damage[1] == ""
