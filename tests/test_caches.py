"""Users without a home, and homes and caches that cannot be written."""

from __future__ import annotations

import getpass
import os
import pwd
from pathlib import Path

import pytest

from texnet.caches import cache_folder, exists, is_temporary, settle_home, user_folder, writable_folder
from texnet.errors import UserError
from texnet.losses.weights import find_vgg_weights
from texnet.monitoring.visdom.assets import missing_files

HOMES = [os.devnull, "/proc/self/fd", "/proc/self/no"]  # where nothing can be written, by root neither


def nobody(uid: int) -> pwd.struct_passwd:
    raise KeyError(uid)


@pytest.fixture
def unknown_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without an entry, a name and a home, as in ``docker run --user 12345``."""
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME", "XDG_CACHE_HOME", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, "")  # so that it is restored
        monkeypatch.delenv(name)


@pytest.fixture
def home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that cannot be written."""
    monkeypatch.setenv("HOME", request.param)
    monkeypatch.setenv("MPLCONFIGDIR", "")
    monkeypatch.delenv("TEXNET_VGG_WEIGHTS", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("TORCH_HOME", raising=False)
    return Path(request.param)


def test_an_unknown_user_gets_a_temporary_home_and_a_name(unknown_user: None) -> None:
    assert is_temporary(cache_folder())
    settle_home()
    assert is_temporary(Path.home())
    assert getpass.getuser() == f"uid-{os.getuid()}"
    assert is_temporary(cache_folder())


def test_what_an_unknown_user_does_not_keep_is_said(unknown_user: None) -> None:
    lines: list[str] = []
    folder = writable_folder(cache_folder(), "results", lines.append)
    (folder / "a").touch()
    assert lines == ["results are not kept: this user has no home folder"]


@pytest.mark.parametrize("home", HOMES, indirect=True)
def test_a_cache_that_cannot_be_written_is_replaced_by_a_temporary_one_in_a_line(home: Path) -> None:
    lines: list[str] = []
    folder = writable_folder(cache_folder() / "references", "results", lines.append)
    (folder / "a").touch()
    assert is_temporary(folder)
    assert len(lines) == 1
    assert lines[0].startswith(f"results are not kept: {home}")


@pytest.mark.parametrize("home", HOMES, indirect=True)
def test_matplotlib_and_torch_do_not_mind_such_a_home(home: Path) -> None:
    settle_home()
    assert is_temporary(Path(os.environ["MPLCONFIGDIR"]))
    assert find_vgg_weights("vgg19") is None
    assert missing_files(home / "static") == ["index.html"]


def test_a_cache_that_can_be_written_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    lines: list[str] = []
    assert writable_folder(cache_folder(), "results", lines.append) == tmp_path / "texnet"
    assert lines == []


def test_the_home_of_an_unknown_user_is_a_mistake_that_names_the_flag(unknown_user: None) -> None:
    with pytest.raises(UserError, match=r"--env_dir ~/x: .*home"):
        user_folder("~/x", "--env_dir")
    assert not exists(Path("~/x"))
