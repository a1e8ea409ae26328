"""onnxruntime-web is found in a folder, or npm downloads it once; else the message says what to do."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from texnet.errors import UserError
from texnet.export.runtime import VERSION, WASM_FILES, WEBGPU_FILES, cached_runtime, find_runtime

NPM = """#!/bin/sh
echo "$@" >> {log}
{action}
"""


def make_package(folder: Path) -> Path:
    """A folder like that of the npm package, with files of a few bytes."""
    (folder / "dist").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": "9.8.7"}))
    for name in [*WASM_FILES, *WEBGPU_FILES, "ort.unused.mjs"]:
        (folder / "dist" / name).write_text(name)
    return folder


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program npm that packs such a package, and the file in which it writes how it was called."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    archive = tmp_path / "packed.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(make_package(tmp_path / "made"), "package")
    program(tmp_path, monkeypatch, f'cp {archive} "$5"/{archive.name}')
    return tmp_path / "npm.log"


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    (tmp_path / "bin").mkdir()
    path = tmp_path / "bin" / "npm"
    path.write_text(NPM.format(log=tmp_path / "npm.log", action=action))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{Path(shutil.which('cp') or '/bin/cp').parent}")


def test_a_folder_of_the_package_is_taken_as_it_is(tmp_path: Path) -> None:
    version, files = find_runtime(str(make_package(tmp_path / "package")), webgpu=True)
    assert version == "9.8.7"
    assert {target: path.read_text() for target, path in files.items()} == {
        target: name for name, target in (WASM_FILES | WEBGPU_FILES).items()
    }
    assert set(find_runtime(str(tmp_path / "package"), webgpu=False)[1]) == set(WASM_FILES.values())


def test_npm_downloads_the_package_once(npm: Path) -> None:
    for _ in range(2):
        version, files = find_runtime("", webgpu=True)
        assert version == "9.8.7"
        assert all(cached_runtime() in path.parents and path.is_file() for path in files.values())
    assert [line.split()[:2] for line in npm.read_text().splitlines()] == [["pack", f"onnxruntime-web@{VERSION}"]]
    assert sorted(path.name for path in cached_runtime().iterdir()) == ["dist", "package.json"]


def test_another_folder_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--runtime .*: not the npm package onnxruntime-web.*: no ort\.wasm\.min\.mjs"):
        find_runtime(str(tmp_path), webgpu=False)
    package = make_package(tmp_path / "package")
    (package / "package.json").write_text("{}")
    with pytest.raises(UserError, match=r"no package\.json that names a version"):
        find_runtime(str(package), webgpu=False)


def test_without_npm_the_message_says_both_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"--runtime node_modules/onnxruntime-web, or install npm"):
        find_runtime("", webgpu=False)


def test_a_failure_of_npm_is_passed_on_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    program(tmp_path, monkeypatch, "echo first >&2; echo 'npm error no network' >&2; exit 1")
    with pytest.raises(UserError, match=r"npm could not download .*, npm error no network: name its folder with --runtime"):
        find_runtime("", webgpu=False)
    assert not cached_runtime().exists()


def test_an_archive_without_the_files_leaves_nothing_behind(npm: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "packed.tgz", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("package/package.json"), io.BytesIO())
    with pytest.raises(UserError, match=r"has no ort\.wasm\.min\.mjs"):
        find_runtime("", webgpu=False)
    assert not (cached_runtime() / "dist").exists()
