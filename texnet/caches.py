"""Folders that outlast a command: the user's caches, or a temporary folder where there is no home or it cannot be written."""

from __future__ import annotations

import atexit
import getpass
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from texnet.errors import UserError

Log = Callable[[str], object]


def settle_home() -> None:
    """Give libraries a home and a user's name where this process has none, as in a container with an unknown user.

    Matplotlib and Visdom end in errors without them, and torch makes a folder of the name ``~``.
    """
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = str(temporary_folder("home"))
    try:
        getpass.getuser()
    except (KeyError, OSError, ImportError):
        os.environ["LOGNAME"] = f"uid-{os.getuid()}"
    home = Path.home()
    xdg = (("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache"))
    own = [Path(os.environ.get(variable) or home / name, "matplotlib") for variable, name in xdg]
    wanted = [Path(os.environ["MPLCONFIGDIR"])] if os.environ.get("MPLCONFIGDIR") else own
    if not all(map(_can_write, wanted)):  # else it prints two lines about it
        os.environ["MPLCONFIGDIR"] = str(temporary_folder("matplotlib"))


def cache_folder() -> Path:
    """texnet's folder in the user's caches, which may not exist yet; a temporary one where the user has no home."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(named) if named else Path.home() / ".cache") / "texnet"
    except RuntimeError:
        return temporary_folder("cache")


def writable_folder(folder: Path, what: str, log: Log) -> Path:
    """The folder, made where it is missing; or a temporary one where that cannot be written, and then ``log`` gets a line.

    ``what`` is not kept then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        say_not_kept(what, error, log)
        return temporary_folder(what)
    if is_temporary(folder):
        log(f"{what} are not kept: this user has no home folder")
    return folder


def say_not_kept(what: str, error: OSError, log: Log) -> None:
    """A line about a folder that cannot be written."""
    log(f"{what} are not kept: {error.filename}: {error.strerror}")


def user_folder(words: str, flag: str) -> Path:
    """A folder as the user wrote it, ``~`` for the home. UserError for the home of a user who is not known."""
    try:
        return Path(words).expanduser()
    except RuntimeError as error:
        raise UserError(f"{flag} {words}: {error}") from error


def exists(path: Path) -> bool:
    """Whether there is such a file or folder, False too where it cannot be looked for."""
    return os.path.exists(path)  # noqa: PTH110 - that of pathlib raises where a folder above cannot be read


def is_temporary(folder: Path) -> bool:
    """Whether a folder is gone when this process ends."""
    return _all_temporary() in folder.parents if _all_temporary.cache_info().currsize else False


def _can_write(folder: Path) -> bool:
    """Whether a folder, or else the nearest one above it that exists, can be written."""
    there = next((place for place in (folder, *folder.parents) if exists(place)), folder)
    try:
        with tempfile.TemporaryFile(dir=there):
            return True
    except OSError:
        return False


@cache
def temporary_folder(name: str) -> Path:
    """A folder of this process alone, removed at its end."""
    return Path(tempfile.mkdtemp(prefix="".join(c if c.isalnum() else "-" for c in name) + "-", dir=_all_temporary()))


@cache
def _all_temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="texnet-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
