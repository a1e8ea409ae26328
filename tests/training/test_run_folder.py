"""The folder of a run: whose it is, what it is called, and how it is found again."""

from __future__ import annotations

import errno
import fcntl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY
from texnet.checkpoint.validation import MAX_NAME
from texnet.errors import UserError
from texnet.training.resume import find_checkpoint
from texnet.training.run_folder import locked, new_folder, release_if_empty


def test_a_run_without_a_name_is_called_after_its_texture(tmp_path: Path) -> None:
    assert new_folder(tmp_path, "", "art/mosaic.jpg") == tmp_path / "mosaic"


def test_a_second_run_of_a_texture_is_numbered(tmp_path: Path) -> None:
    for name in ("mosaic", "mosaic-2"):
        (tmp_path / name).mkdir()
    assert new_folder(tmp_path, "", "art/mosaic.jpg") == tmp_path / "mosaic-3"


def test_a_run_is_called_as_the_user_says(tmp_path: Path) -> None:
    assert new_folder(tmp_path, "first try", "art/mosaic.jpg") == tmp_path / "first try"


def test_a_name_that_is_taken_is_refused_with_the_way_to_continue(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "latest.pt").touch()
    remedy = f"take another name, or continue that run with --resume {tmp_path}/mine"
    with pytest.raises(UserError, match=rf"^--run_name mine: {tmp_path}/mine exists; {remedy}$"):
        new_folder(tmp_path, "mine", "art/mosaic.jpg")


@pytest.mark.parametrize("left", ["", "metrics.jsonl", "notes.txt"])
def test_a_name_is_taken_whatever_is_left_in_its_folder(left: str, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    if left:
        (tmp_path / "mine" / left).touch()
    with pytest.raises(UserError, match=r"mine exists; take another name, or delete what is left there$"):
        new_folder(tmp_path, "mine", "art/mosaic.jpg")


def test_trainings_that_start_together_get_a_folder_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        folders = list(pool.map(lambda _: new_folder(tmp_path / "checkpoints", "", "mosaic.jpg"), range(32)))
    assert len(set(folders)) == 32


@pytest.mark.parametrize(("texture", "name"), [("art/a\nb.png", "a_b"), ("..", "_"), ("x" * 300 + ".png", "x" * MAX_NAME)])
def test_a_folders_name_is_a_plain_one(texture: str, name: str, tmp_path: Path) -> None:
    assert new_folder(tmp_path, "", texture).name == name


def test_a_folder_is_locked_while_a_training_writes_into_it(tmp_path: Path) -> None:
    refused = pytest.raises(UserError, match=f"^{tmp_path}/run: another process trains in it")
    with locked(tmp_path / "run"), refused, locked(tmp_path / "run"):
        pass
    with locked(tmp_path / "run"):
        pass


@pytest.mark.slow
def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from texnet.training.run_folder import locked\n"
        "with locked(Path(sys.argv[1])): print(flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=REPOSITORY)
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(UserError, match="another process trains in it"), locked(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with locked(tmp_path):
        pass


def test_where_there_are_no_locks_a_training_goes_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with locked(tmp_path / "run"):
        assert (tmp_path / "run").is_dir()


def test_a_folder_in_which_nothing_was_left_is_removed(tmp_path: Path) -> None:
    with locked(tmp_path / "empty"), locked(tmp_path / "used"):
        (tmp_path / "used" / "latest.pt").touch()
    for name in ("empty", "used"):
        release_if_empty(tmp_path / name)
    assert sorted(tmp_path.iterdir()) == [tmp_path / "used"]


def test_a_run_is_continued_from_the_latest_checkpoint_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "latest.pt").touch()
    assert find_checkpoint(tmp_path) == tmp_path / "latest.pt"


def test_a_run_is_continued_from_the_checkpoint_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "epoch-001.pt").touch()
    assert find_checkpoint(tmp_path / "epoch-001.pt") == tmp_path / "epoch-001.pt"


def test_a_folder_without_a_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"^--resume {tmp_path}: no latest\.pt in it$"):
        find_checkpoint(tmp_path)


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"^--resume {tmp_path}/none: no such file$"):
        find_checkpoint(tmp_path / "none")
