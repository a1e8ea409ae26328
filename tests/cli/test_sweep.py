"""texnet sweep as a person runs it: to its end, stopped and continued, and with mistakes."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.helpers import NOT_SWEPT
from tests.helpers import REPOSITORY
from tests.test_end_to_end import flags
from tests.training.conftest import coarse_calibration as coarse_calibration
from texnet.cli.sweep import main
from texnet.config import TrainConfig
from texnet.images import load_picture
from texnet.losses import resolve_style_weight
from texnet.stylize import Stylizer
from texnet.sweep.settings import Sweep

pytest.importorskip("matplotlib", reason="sweeps need the extra sweep")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
SCRIPT = str(REPOSITORY / "scripts" / "sweep.py")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own folder, in which it then is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THP_MEM_ALLOC_ENABLE", "1")  # the command sets it for the whole process
    return tmp_path


@pytest.fixture
def words(tiny_config: TrainConfig) -> list[str]:
    """The command line of a tiny training, without what a sweep decides itself."""
    words = flags(tiny_config, **NOT_SWEPT, style_weight="", epochs="", max_steps=2, warmup_steps=0)
    return [word for word in words if word != "--no-progressive_crops"]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPT, *arguments]
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=150)


def left_with(arguments: list[str]) -> object:
    """The exit code of a command line."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


def mistake(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command line is refused with, in one line."""
    assert left_with(arguments) == 2
    complaints = [line for line in capsys.readouterr().err.splitlines() if line.startswith("texnet: ")]
    assert len(complaints) == 1
    return complaints[0]


@pytest.mark.slow
def test_a_sweep_leaves_tables_pictures_and_the_best_model(
    words: list[str], here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_with([*words, "--style_weight", "1", "30", "--progressive_crops", "--no-progressive_crops"]) == 0
    output = capsys.readouterr().out
    folder = tmp_path / "sweeps" / "stripes"
    first = "4 combinations of style_weight, progressive_crops, each trained for 2 steps, into sweeps/stripes"
    assert output.splitlines()[0] == first
    assert {path.name for path in folder.iterdir() if path.is_file()} == {
        *("sweep.json", "table.csv", "table.md", "runs.csv", "curves.png", "sheet.png", "best.pt")
    }
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [
        f"style_weight={weight},progressive_crops={switch}" for weight in (1, 30) for switch in (False, True)
    ]
    with (folder / "runs.csv").open(newline="") as file:
        best = next(csv.DictReader(file))
    assert (
        f"best: style_weight={float(best['style_weight']):g},progressive_crops={best['progressive_crops']}, copied to" in output
    )
    assert Stylizer.load(folder / "best.pt").style == "stripes"
    assert load_picture(folder / "sheet.png").pixels.shape[2] > 5 * 256


def test_a_swept_style_weight_of_zero_is_named_zero_and_is_zero() -> None:
    settings = Sweep(Path("sweep"), TrainConfig(), {"style_weight": (0.0, 6.0)}).grid()
    weights = [(setting.name, resolve_style_weight(setting.config.loss)) for setting in settings]
    assert weights == [("style_weight=0", 0.0), ("style_weight=6", 6.0)]


def test_values_that_are_equal_are_one(words: list[str], here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    axes = ["--style_weight", "1", "1.0", "30", "--width", "4", "4"]
    assert left_with([*words, *axes, "--device", "nowhere"]) == 2
    assert capsys.readouterr().out.startswith("2 combinations of style_weight, each trained for 2 steps")


def test_features_are_named_as_they_are_trained(words: list[str], here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    axes = ["--features", "auto", "vgg19", "--style_weight", "1", "30"]
    assert left_with([*words, *axes, "--device", "nowhere"]) == 2
    assert capsys.readouterr().out.startswith("2 combinations of style_weight, each trained for 2 steps")


def test_a_budget_that_is_not_stated_is_the_default_of_training_and_said_to_be(
    tiny_config: TrainConfig, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unstated = flags(tiny_config, **NOT_SWEPT, style_weight="", epochs="", max_steps="", max_minutes="")
    assert left_with([*unstated, "--style_weight", "1", "30", "--device", "nowhere"]) == 2
    first = capsys.readouterr().out.splitlines()[0]
    assert "each trained for 2 epochs (the default; --epochs, --max_steps or --max_minutes change it)" in first


@pytest.mark.slow
def test_ctrl_c_saves_and_the_same_command_continues(words: list[str], tmp_path: Path) -> None:
    long = [*words, "--style_weight", "1", "30", "--sweep_dir", "mine", "--max_steps", "12", "--checkpoint_every", "1"]
    process = subprocess.Popen(
        [sys.executable, SCRIPT, *long],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _wait_for(tmp_path / "mine" / "style_weight=1" / "latest.pt")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert output.splitlines()[-1] == "stopped, all is saved; the same command continues"
    assert "unfinished" in (tmp_path / "mine" / "runs.csv").read_text()
    done = run(*long, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "unfinished" not in (tmp_path / "mine" / "runs.csv").read_text()


@pytest.mark.slow
def test_a_search_trains_its_trials(words: list[str], here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("optuna", reason="a search needs the extra sweep")
    assert left_with([*words, "--style_weight", "1", "30", "--num_trials", "2", "--sweep_dir", "found"]) == 0
    assert capsys.readouterr().out.startswith("search of 2 trials over style_weight, each trained for 2 steps, into found\n")
    assert (tmp_path / "found" / "best.pt").is_file()
    with (tmp_path / "found" / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["trial", "style_weight", "epoch", "total_loss", "style_loss", "content_loss", "state"]
    assert [(row["trial"], row["state"]) for row in rows] == [("0", "done"), ("1", "done")]


MISTAKES = {
    "nothing to sweep": ("", "nothing to sweep: give a flag two values or more, for example --style_weight 1 0.1 0.01"),
    "one value, twice": ("--style_weight 1 1.0", "nothing to sweep: give a flag two values or more"),
    "a value out of range": ("--width 4 1", "--width must be at least 2"),
    "no texture": ("--width 4 6 --texture=", "--texture is missing: name the style picture"),
    "no photos": ("--width 4 6 --data_dir=", "--data_dir is missing: name a COCO root or a folder of pictures"),
    "a storage without a search": ("--width 4 6 --storage sqlite:///a.db", "--storage is for --num_trials N: give that too"),
    "a negative number of trials": ("--width 4 6 --num_trials -1", "--num_trials must be 0 (all combinations) or more"),
    "a texture that is not there": ("--width 4 6 --texture no.jpg", "no.jpg: No such file or directory"),
    "no end": ("--width 4 6 --max_steps 0", "training without end: give one of --epochs, --max_steps, --max_minutes"),
    "an unknown criterion": ("--width 4 6 --criterion loss", "--criterion: invalid choice: 'loss'"),
    "a folder of runs": ("--width 4 6 --checkpoint_dir a", "unrecognized arguments: --checkpoint_dir a"),
}


@pytest.mark.parametrize(("flags", "complaint"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_and_leaves_no_folder(
    flags: str,
    complaint: str,
    words: list[str],
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert complaint in mistake([*words, *flags.split()], capsys)
    assert not (here / "sweeps").exists()


@pytest.mark.parametrize(("package", "search"), [("matplotlib", "0"), ("optuna", "2")])
def test_a_package_that_is_missing_is_named_with_its_extra(
    package: str, search: str, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else found(name))
    complaint = mistake([*words, "--style_weight", "1", "30", "--num_trials", search], capsys)
    assert complaint == f"texnet: sweeps need {package}: pip install 'texnet[sweep]'"


def _wait_for(path: Path, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
