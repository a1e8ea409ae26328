"""texnet benchmark: what it prints and writes, and mistakes in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from texnet.benchmark import MEASUREMENTS, BenchmarkResult, BenchmarkSetup, measure
from texnet.benchmark.startup import StartUp
from texnet.cli import benchmark
from texnet.cli.benchmark import main
from texnet.config import MEASUREMENT_NAMES, BenchmarkConfig

TINY = """--device cpu --precision float32 --size 32 --rounds 1 --width 4 --num_blocks 1
    --style_layers relu1_1 --content_layers relu1_1"""

MISTAKES = {
    "no round": ("--rounds 0", "--rounds must be at least 1"),
    "crops too small": ("--size 8", "--size must be at least 32 pixels"),
    "a size without height": ("--sizes 256", "--sizes 256: write WIDTHxHEIGHT, such as 1920x1080"),
    "no minutes": ("--max_minutes -1", "--max_minutes must be a number, and not negative"),
    "an unknown measurement": ("--only beauty", "--only: invalid choice: 'beauty'"),
    "an unknown device": ("--device tpu", "--device tpu: not one of cuda, mps, xpu, cpu"),
    "weights that are not there": ("--vgg_weights {tmp}/no.pth", "--vgg_weights {tmp}/no.pth: no such file"),
    "photos that are not there": ("--data_dir {tmp}/no", "--data_dir {tmp}/no: no such folder"),
    "a style picture that is not there": ("--texture {tmp}/no.png", "--texture {tmp}/no.png: no such file"),
    "a report into a folder": ("--output {tmp}", "--output {tmp}: a folder; name a file"),
    "a report below a file": ("--output {tmp}/file/report.json", "{tmp}/file"),
}


@pytest.fixture(autouse=True)
def settings_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sets them for the whole process."""
    monkeypatch.setenv("THP_MEM_ALLOC_ENABLE", "1")
    monkeypatch.setenv("KINETO_LOG_LEVEL", "99")
    monkeypatch.setattr(measure, "SIDES", {"cpu": 64})  # any rate of the machine will do here


def left_with(words: str) -> object:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as left:
        main(words.split())
    return left.value.code


def test_every_measurement_has_a_name_on_the_command_line() -> None:
    assert tuple(MEASUREMENTS) == MEASUREMENT_NAMES


@pytest.mark.slow
def test_what_is_asked_for_is_printed_and_written(tmp_path: Path, vgg_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "report.json"
    assert left_with(f"{TINY} --vgg_weights {vgg_path} --only training profile --output {output}") == 0
    printed, report = capsys.readouterr().out, json.loads(output.read_text())
    assert "cpu (" in printed and "medians of 1 rounds" in printed
    assert report["about"]["processor"]["name"] in printed.splitlines()[0]
    assert "Training: steps on 4 pictures of 32 pixels" in printed and "| backward " in printed
    assert list(report) == ["about", "training", "profile"]
    assert report["about"]["generator"]["width"] == 4
    assert str(tmp_path) not in json.dumps(report["about"])
    assert set(report["training"]["images_per_second"]) == {"ours", "ours_growing", "baseline"}


@pytest.mark.parametrize(("flags", "complaint"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_that_names_it(
    flags: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert left_with(f"{TINY} {flags}".format(tmp=tmp_path)) == 2
    message = capsys.readouterr().err
    assert message.startswith("texnet: ") and message.count("\n") == 1
    assert complaint.format(tmp=tmp_path) in message


def break_down(setup: BenchmarkSetup, config: BenchmarkConfig) -> BenchmarkResult:
    """A measurement with a fault of its own."""
    raise RuntimeError("CUDA error: an illegal memory access\nwas encountered")


def succeed(setup: BenchmarkSetup, config: BenchmarkConfig) -> BenchmarkResult:
    """A measurement that works."""
    return StartUp({"ours": (1.0,), "baseline": (3.0,)})


@pytest.mark.slow
def test_within_minutes_a_failure_stands_in_its_place_and_the_others_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], vgg_path: Path
) -> None:
    monkeypatch.setitem(MEASUREMENTS, "training", break_down)
    monkeypatch.setitem(MEASUREMENTS, "startup", succeed)
    output = tmp_path / "report.json"
    flags = f"--vgg_weights {vgg_path} --only training startup --max_minutes 5 --output {output}"
    assert left_with(f"{TINY} {flags}") == 1
    printed, report = capsys.readouterr().out, json.loads(output.read_text())
    reason = "RuntimeError: CUDA error: an illegal memory access was encountered"
    assert report["training"]["reason"] == reason and "break_down" in report["training"]["details"]
    assert report["startup"]["ratio"] == 3.0
    summary = printed.partition("Summary")[2]
    assert f"failed | {reason}" in " ".join(summary.split()) and "s to the first picture" in summary


def test_missing_packages_are_named_together(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(benchmark, "find_spec", lambda name: None if name in ("PIL", "tqdm") else name)
    assert left_with(TINY) == 2
    assert capsys.readouterr().err.startswith("texnet: not installed: pillow, tqdm; ")
