"""Files: what is written is whole or as it was, and an error names it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from texnet.errors import UserError
from texnet.files import link_atomically, numbered, read_json, read_tail, write_atomically


@given(data=st.binary(max_size=100))
@settings(max_examples=15, deadline=None)
def test_a_file_holds_what_was_written(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "whole"
    write_atomically(path, data)
    assert path.read_bytes() == data


def test_writing_replaces_the_old_file_and_leaves_no_other(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"old and longer")
    write_atomically(tmp_path / "file", b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"new"}


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_atomically(tmp_path / "one" / "two" / "file", b"data")
    assert (tmp_path / "one" / "two" / "file").read_bytes() == b"data"


def test_a_path_may_be_a_string(tmp_path: Path) -> None:
    write_atomically(str(tmp_path / "file"), b"data")
    assert (tmp_path / "file").read_bytes() == b"data"


def test_everybody_may_read_the_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"data")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_a_name_as_long_as_names_may_be_can_be_written(tmp_path: Path) -> None:
    longest = "n" * os.pathconf(tmp_path, "PC_NAME_MAX")
    write_atomically(tmp_path / longest, b"data")
    assert [path.name for path in tmp_path.iterdir()] == [longest]


def test_the_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"old")
    with pytest.raises(TypeError):
        write_atomically(tmp_path / "file", "no bytes")  # type: ignore[arg-type]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"old"}


def test_no_temporary_file_stays_when_the_name_is_taken_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_atomically(tmp_path / "folder", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        write_atomically(tmp_path / "file" / "inner", b"data")


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1', b"\xff\xfe\x00"], ids=["empty", "open", "cut off", "no text"])
def test_a_damaged_json_file_is_a_users_error_that_names_it(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sweep.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"^{path}: damaged, not JSON \(.*\); restore or delete it$"):
        read_json(path)


def test_a_linked_file_has_two_names_until_one_is_written_anew(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"one")
    second.write_bytes(b"old")
    link_atomically(first, second)
    assert second.samefile(first)
    write_atomically(second, b"two")
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


def test_without_hard_links_a_linked_file_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "first").write_bytes(b"one")
    link_atomically(tmp_path / "first", tmp_path / "second")
    assert (tmp_path / "second").read_bytes() == b"one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_files_permissions_are_those_of_any_new_file(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "file", b"data")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("name", ["chmod", "fchmod"])
def test_no_permission_is_changed_which_some_file_systems_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(os, name, failing(errno.EPERM))
    write_atomically(tmp_path / "file", b"data")
    assert (tmp_path / "file").read_bytes() == b"data"


def failing(number: int) -> Callable[..., Any]:
    """A call of the system that answers with an error."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("name", ["write", "fsync", "close", "replace", "open"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_failure_names_the_file_and_leaves_the_old_one_whole(tmp_path: Path, name: str, number: int) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.MonkeyPatch.context() as patched, pytest.raises(OSError) as caught:
        patched.setattr(os, name, failing(number))
        write_atomically(path, b"new")
    assert (caught.value.errno, caught.value.filename) == (number, str(path))
    assert {found.name: found.read_bytes() for found in tmp_path.iterdir()} == {"file": b"old"}


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_that_cannot_sync_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fsync", failing(number))
    write_atomically(tmp_path / "file", b"data")
    assert (tmp_path / "file").read_bytes() == b"data"


def test_a_file_system_that_cannot_rename_is_written_to_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", failing(errno.ENOSYS))
    write_atomically(tmp_path / "file", b"data")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"data"}


def test_an_error_of_who_makes_the_data_keeps_its_own_file(tmp_path: Path) -> None:
    def data() -> Iterator[bytes]:
        yield b"begun"
        raise FileNotFoundError(errno.ENOENT, "No such file", "texture.png")

    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "file", data())
    assert caught.value.filename == "texture.png"
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_linked_to_itself_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / "first").write_bytes(b"one")
    for _ in range(2):
        link_atomically(tmp_path / "first", tmp_path / "second")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


def test_names_are_numbered_from_the_second_on() -> None:
    assert list(islice(numbered("wave", ".png"), 3)) == ["wave.png", "wave-2.png", "wave-3.png"]


@pytest.mark.parametrize(("size", "expected"), [(0, b""), (3, b"789"), (100, b"0123456789")])
def test_the_end_of_a_file_is_read(tmp_path: Path, size: int, expected: bytes) -> None:
    (tmp_path / "log").write_bytes(b"0123456789")
    assert read_tail(tmp_path / "log", size) == expected
