"""The run's folder: metrics.jsonl and the previews."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.monitoring.helpers import TrainedRun
from texnet.images import load_picture
from texnet.monitoring.base import Record
from texnet.monitoring.jsonl import METRICS, JsonlMonitor, MetricsTail, latest_preview, read_metrics


def steps(folder: Path) -> list[int]:
    return [line["step"] for line in read_metrics(folder / METRICS)]


def test_a_line_has_step_time_and_values_and_is_written_at_once(tmp_path: Path) -> None:
    monitor = JsonlMonitor(tmp_path)
    monitor.record(Record(20, 1, 12.34567, 5.0, {"loss": 2.5, "style/relu1_1": 0.25}))
    expected = {"step": 20, "epoch": 1, "seconds": 12.346, "loss": 2.5, "style/relu1_1": 0.25}
    assert json.loads((tmp_path / METRICS).read_text()) == expected
    monitor.close()


def test_lines_are_appended_in_the_order_of_the_steps(run: TrainedRun) -> None:
    run.log(1, 10, 20)
    assert steps(run.folder) == [1, 10, 20]


def test_a_new_run_begins_with_no_lines_and_no_previews(run: TrainedRun) -> None:
    run.log(1, 10)
    run.preview(10)
    JsonlMonitor(run.folder).close()
    assert steps(run.folder) == []
    assert latest_preview(run.folder) is None


def test_a_continued_run_loses_what_is_later_than_its_checkpoint(run: TrainedRun) -> None:
    run.log(1, 10, 20, 30)
    for step in (10, 20, 30):
        run.preview(step)
    monitor = JsonlMonitor(run.folder, first_step=20)
    monitor.record(Record(25, 0, 1.0, 1.0, {"loss": 1.0}))
    monitor.close()
    assert steps(run.folder) == [1, 10, 20, 25]
    assert sorted(path.name for path in (run.folder / "previews").iterdir()) == ["step-000010.png", "step-000020.png"]


def test_an_incomplete_last_line_is_ignored_and_removed_when_the_run_continues(run: TrainedRun) -> None:
    run.log(1, 10)
    with (run.folder / METRICS).open("a") as file:
        file.write('{"step": 20, "lo')
    assert steps(run.folder) == [1, 10]
    monitor = JsonlMonitor(run.folder, first_step=15)
    monitor.record(Record(20, 0, 1.0, 1.0, {"loss": 1.0}))
    monitor.close()
    assert steps(run.folder) == [1, 10, 20]


def test_a_damaged_line_is_named_with_its_file(run: TrainedRun) -> None:
    run.log(1)
    with (run.folder / METRICS).open("a") as file:
        file.write("\0\0\0\n")
    run.log(10)
    with pytest.raises(ValueError, match=rf"{METRICS}: a damaged line, remove it: b'.x00"):
        steps(run.folder)


def test_a_folder_without_metrics_has_no_lines(tmp_path: Path) -> None:
    assert steps(tmp_path) == []


def test_a_tail_gives_every_line_once_and_an_incomplete_one_when_it_is_complete(run: TrainedRun) -> None:
    tail = MetricsTail(run.folder / METRICS)
    assert tail.read() == []
    run.log(1, 10)
    assert [line["step"] for line in tail.read()] == [1, 10]
    with (run.folder / METRICS).open("a") as file:
        file.write('{"step"')
        file.flush()
        assert tail.read() == []
        file.write(": 20}\n")
    assert tail.read() == [{"step": 20}]
    assert not tail.restarted


def test_a_tail_notices_that_the_metrics_were_replaced(run: TrainedRun) -> None:
    run.log(1, 10, 20)
    tail = MetricsTail(run.folder / METRICS)
    tail.read()
    JsonlMonitor(run.folder, first_step=10).close()
    assert [line["step"] for line in tail.read()] == [1, 10]
    assert tail.restarted
    assert tail.read() == []
    assert not tail.restarted


def test_a_tail_notices_that_the_metrics_were_overwritten_in_place(run: TrainedRun) -> None:
    run.log(1, 10, 20)
    tail = MetricsTail(run.folder / METRICS)
    tail.read()
    (run.folder / METRICS).write_text('{"step": 2}\n')
    assert tail.read() == [{"step": 2}]
    assert tail.restarted


def test_a_tail_loses_no_line_at_a_damaged_one(run: TrainedRun) -> None:
    tail = MetricsTail(run.folder / METRICS)
    run.log(1)
    whole = (run.folder / METRICS).read_bytes()
    with (run.folder / METRICS).open("ab") as file:
        file.write(b"{broken}\n")
    for _ in range(2):
        with pytest.raises(ValueError, match="damaged"):
            tail.read()
    (run.folder / METRICS).write_bytes(whole)
    assert [line["step"] for line in tail.read()] == [1]
    assert tail.restarted


def test_a_preview_is_kept_as_a_png_of_the_same_pixels(run: TrainedRun) -> None:
    image = torch.rand(3, 16, 24)
    run.monitor.preview(200, image)
    kept = load_picture(run.folder / "previews" / "step-000200.png").image[0]
    assert torch.allclose(kept, image, atol=0.5 / 255)


def test_the_latest_preview_is_the_one_of_the_highest_step(run: TrainedRun) -> None:
    for step in (200, 1_000_000, 999_999):
        run.preview(step)
    (run.folder / "previews" / "step-mine.png").touch()
    newest = latest_preview(run.folder)
    assert newest is not None and newest.name == "step-1000000.png"


def test_damaged_lines_do_not_keep_a_run_from_continuing(tmp_path: Path) -> None:
    lines = [b'{"step": 1, "loss": 2.0}', b"\0\0\0\0", b'{"loss": 1.0}', b'{"step": 2, "loss": 1.0}', b'{"step": 3, "lo']
    (tmp_path / METRICS).write_bytes(b"\n".join(lines))
    said: list[str] = []
    JsonlMonitor(tmp_path, first_step=2, log=said.append).close()
    assert [line["step"] for line in read_metrics(tmp_path / METRICS)] == [1, 2]
    assert said == [f"{tmp_path / METRICS}: 2 damaged lines are left out"]
