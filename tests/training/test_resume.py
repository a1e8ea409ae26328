"""A run can be moved, continued from anywhere, and forked; what it needs is in its checkpoint."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.helpers import exit_code
from tests.helpers import with_options
from tests.training.helpers import Diary, fit
from texnet.checkpoint import Checkpoint
from texnet.cli.train import main
from texnet.config import TrainConfig
from texnet.errors import UserError
from texnet.images import load_picture, save_image
from texnet.training.run_folder import locked


@pytest.fixture
def stopped(tiny_config: TrainConfig, tmp_path: Path) -> Path:
    """A run of five steps, and what belongs to it, in a place of its own."""
    run = tmp_path / "checkpoints" / "stripes"
    fit(with_options(tiny_config, "optim", epochs=0, max_steps=5), run)
    (run / "style.pt").unlink()
    return run


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def steps_of(run: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (run / "metrics.jsonl").read_text().splitlines()]


def resume(*words: object) -> object:
    return exit_code(main, ["--resume", *words, "--max_steps", "7", "--device", "cpu"])


def test_a_run_that_was_moved_continues_without_its_style_picture(
    stopped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Path(shutil.move(stopped, tmp_path / "moved elsewhere"))
    settings = json.loads((moved / "config.json").read_text())
    settings["loss"]["texture"] = "gone.png"
    (moved / "texture.png").unlink()
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert resume("../moved elsewhere") == 0
    assert steps_of(moved) == list(range(1, 8))
    assert (moved / "texture.png").is_file()


@pytest.mark.slow
def test_a_style_picture_of_another_name_is_the_same_picture(
    stopped: Path, tiny_config: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    renamed = shutil.copy(tiny_config.loss.texture, tmp_path / "renamed.png")
    assert resume(stopped, "--texture", renamed) == 0
    assert Checkpoint.load(stopped / "style.pt").styles == ("stripes",)
    other = load_picture(renamed).image.flip(1)
    save_image(other, tmp_path / "other.png")
    assert resume(stopped, "--texture", tmp_path / "other.png") == 2
    assert "other.png: another picture than this run began with" in capsys.readouterr().err


def test_a_name_with_resume_makes_a_fork_and_leaves_the_run_alone(stopped: Path) -> None:
    before = contents(stopped)
    assert resume(stopped, "--run_name", "fork") == 0
    assert contents(stopped) == before
    assert steps_of(stopped.with_name("fork")) == list(range(1, 8))


@pytest.mark.slow
def test_another_folder_with_resume_makes_a_fork(stopped: Path, tmp_path: Path) -> None:
    before = contents(stopped)
    assert resume(stopped, "--checkpoint_dir", tmp_path / "forks") == 0
    assert contents(stopped) == before
    assert steps_of(tmp_path / "forks" / "stripes") == list(range(1, 8))


def test_a_name_with_resume_that_is_the_runs_own_continues_it(stopped: Path) -> None:
    assert resume(stopped, "--run_name", "stripes") == 0
    assert steps_of(stopped) == list(range(1, 8))


@pytest.mark.slow
def test_an_older_checkpoint_of_a_run_is_continued_in_a_folder_of_its_own(tiny_config: TrainConfig, tmp_path: Path) -> None:
    run = tmp_path / "checkpoints" / "stripes"
    fit(with_options(tiny_config, "run", snapshot_every=0), run)
    older = run / "epoch-001.pt"
    fit(with_options(tiny_config, "optim", epochs=0, max_steps=4), tmp_path / "short")
    shutil.copy(tmp_path / "short" / "latest.pt", older)
    before = contents(run)
    assert resume(older) == 0
    assert contents(run) == before
    assert steps_of(run.with_name("stripes-2")) == list(range(1, 8))


def test_a_checkpoint_in_another_place_is_continued_without_a_trace_beside_it(
    stopped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "downloads"
    (place / "previews").mkdir(parents=True)
    for name in ("config.json", "texture.png", "previews/step-000100.png"):
        (place / name).write_text("precious")
    shutil.copy(stopped / "latest.pt", place / "theirs.pt")
    before = contents(place)
    monkeypatch.chdir(tmp_path / "checkpoints")
    assert resume(place / "theirs.pt") == 0
    assert contents(place) == before
    assert (tmp_path / "stripes" / "style.pt").is_file()


def test_a_run_that_is_in_training_is_not_continued_a_second_time(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(stopped)
    with locked(stopped):
        assert resume(stopped) == 2
    assert contents(stopped) == before
    assert "another process trains in it" in capsys.readouterr().err


@pytest.mark.slow
def test_with_other_photos_epochs_go_on_counting_and_it_is_said(tiny_config: TrainConfig, tmp_path: Path) -> None:
    """Four steps an epoch before, and three after two photos are removed."""
    photos = Path(shutil.copytree(tiny_config.data.data_dir, tmp_path / "photos"))
    config = with_options(tiny_config, "data", data_dir=str(photos))
    fit(with_options(config, "optim", epochs=0, max_steps=5), tmp_path / "run")
    for photo in sorted(photos.iterdir())[:2]:
        photo.unlink()
    diary = Diary()
    fit(with_options(config, "optim", epochs=3), tmp_path / "run", monitor=diary, resume_from=tmp_path / "run" / "latest.pt")
    assert "other photos than before: 6 to train on, then 8; epoch 1 begins again" in diary.messages
    assert [(record.step, record.epoch) for record in diary.records] == [(6, 1), (7, 1), (8, 2), (9, 2), (10, 2), (11, 3)]


def test_what_is_shared_cannot_be_trained_on(stopped: Path, tiny_config: TrainConfig, tmp_path: Path) -> None:
    Checkpoint.load(stopped / "latest.pt").to_share().save(tmp_path / "style.pt")
    with pytest.raises(UserError, match=r"a style to share, which cannot be trained on; name a run's latest\.pt"):
        fit(tiny_config, tmp_path / "run", resume_from=tmp_path / "style.pt")
