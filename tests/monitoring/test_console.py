"""What the terminal shows."""

from __future__ import annotations

import pytest

from texnet.monitoring.base import Record
from texnet.monitoring.console import ConsoleMonitor

VALUES = {"loss": 6.5, "content": 2.25, "style": 4.0, "tv": 0.25, "images_per_second": 12.34, "style/relu1_1": 4.0}


def shown(verbose: bool, *records: Record, capsys: pytest.CaptureFixture[str], message: str = "") -> str:
    monitor = ConsoleMonitor(verbose)
    for record in records:
        monitor.record(record)
    if message:
        monitor.message(message)
    monitor.close()
    captured = capsys.readouterr()
    assert captured.out == "", "all of it goes to stderr"
    return captured.err


def test_a_verbose_line_has_step_time_speed_and_the_sums_of_the_terms(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = Record(10, 0, 65.0, 130.0, VALUES), Record(20, 1, 130.0, 65.0, VALUES)
    lines = shown(True, first, second, capsys=capsys).splitlines()
    sums = "loss 6.500 content 2.250 style 4.000 tv 0.250"
    assert lines == [
        f"step 10 epoch 0 01:05 left 02:10 12.3 pictures/s {sums}",
        f"step 20 epoch 1 02:10 left 01:05 12.3 pictures/s {sums}",
    ]


def test_the_bar_shows_the_elapsed_fraction_of_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(False, Record(10, 0, 30.0, 90.0, VALUES), capsys=capsys)
    assert " 25%|" in text
    assert "step 10, 00:30<01:30, 12.3 pictures/s, loss 6.500" in text


def test_an_unknown_remaining_time_is_a_question_mark(capsys: pytest.CaptureFixture[str]) -> None:
    record = Record(1, 0, 0.5, float("inf"), VALUES)
    assert " left ? " in shown(True, record, capsys=capsys)
    assert "00:00<?" in shown(False, record, capsys=capsys)


def test_the_bar_accepts_a_training_of_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert "  0%|" in shown(False, Record(1, 0, 0.0, 0.0, VALUES), capsys=capsys)


@pytest.mark.parametrize("verbose", [True, False])
def test_a_message_has_a_line_of_its_own(verbose: bool, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(verbose, Record(10, 0, 30.0, 90.0, VALUES), capsys=capsys, message="skipped a.jpg: broken")
    assert "skipped a.jpg: broken" in text.replace("\r", "\n").splitlines()


def test_the_bar_shows_what_is_done_after_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    monitor = ConsoleMonitor(False)
    monitor.progress("calibrating", 0.5)
    monitor.close()
    assert "calibrating  50%|" in capsys.readouterr().err
