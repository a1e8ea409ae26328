"""Start-up: whole processes, each with a picture at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from texnet.benchmark import BenchmarkSetup
from texnet.benchmark.startup import PROCESSES, StartUp, _commands, run_python


@pytest.mark.slow
def test_every_command_runs_to_its_end(setup: BenchmarkSetup, tmp_path: Path) -> None:
    commands = _commands(setup, tmp_path)
    assert list(commands) == list(PROCESSES)
    for command in commands.values():
        command()  # RuntimeError where it fails or makes no picture


def test_the_ratio_is_how_many_times_as_fast_we_are() -> None:
    start = StartUp({"ours": (2.0, 1.0, 9.0), "baseline": (8.0, 1.0, 9.0)})
    assert start.seconds == {"ours": 2, "baseline": 8}
    assert start.ratio == 4


def test_a_command_that_fails_or_makes_no_picture_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)ended with code 3: .*too bad"):
        run_python(["-c", "import sys; print('too bad', file=sys.stderr); sys.exit(3)"])
    with pytest.raises(RuntimeError, match="ended with code 0"):
        run_python(["-c", "pass"], makes=tmp_path / "picture.png")


def test_a_picture_of_an_earlier_round_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "picture.png").touch()
    with pytest.raises(RuntimeError):
        run_python(["-c", "pass"], makes=tmp_path / "picture.png")


def test_a_process_finds_texnet_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_python(["-c", "import texnet"])
