"""The files of Visdom's page, in the cache folder."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY
from texnet.monitoring.visdom.assets import missing_files, visdom_assets

visdom = pytest.importorskip("visdom", reason="visdom is not installed")


def test_the_subpackage_of_texnet_does_not_shadow_the_installed_visdom() -> None:
    spec = importlib.util.find_spec("visdom")
    assert spec is not None and spec.origin is not None
    assert not Path(spec.origin).is_relative_to(REPOSITORY / "texnet")
    assert hasattr(visdom, "Visdom")


def test_files_that_a_page_refers_to_and_that_do_not_exist_are_missing(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "style.css").touch()
    (tmp_path / "index.html").write_text(
        """<link href={{ static_url("css/style.css") }}> <script src={{static_url('js/a.js')}}></script>
        <link href={{ static_url("../user/style.css") }}> <script src="js/of-the-template.js"></script>"""
    )
    assert missing_files(tmp_path) == ["js/a.js"]


def test_of_a_folder_without_a_page_the_page_is_missing(tmp_path: Path) -> None:
    assert missing_files(tmp_path) == ["index.html"]


@pytest.mark.slow
def test_the_page_is_complete_and_in_the_cache_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    static = visdom_assets()
    assert static == cache / "texnet" / f"visdom-{visdom.__version__}" / "static"
    assert missing_files(static) == []


@pytest.mark.slow
def test_a_complete_page_is_not_downloaded_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("PATH", "")
    messages: list[str] = []
    before = {path: path.stat().st_mtime_ns for path in visdom_assets(messages.append).rglob("*")}
    assert {path: path.stat().st_mtime_ns for path in visdom_assets(messages.append).rglob("*")} == before
    assert messages == []


@pytest.mark.slow
def test_the_program_files_of_visdom_are_not_changed(cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = Path(visdom.__file__).parent / "static"
    before = sorted(package.rglob("*"))
    shutil.copytree(cache / "texnet", tmp_path / "texnet")
    for name in ("index.html", "js/main.js"):
        (tmp_path / "texnet" / f"visdom-{visdom.__version__}" / "static" / name).unlink()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert missing_files(visdom_assets()) == []
    assert sorted(package.rglob("*")) == before


@pytest.mark.slow
def test_without_a_network_the_error_names_the_missing_files_and_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not missing_files(Path(visdom.__file__).parent / "static"):
        pytest.skip("this visdom has all files already: its own server has downloaded them")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("PATH", str(tmp_path))  # without npm
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    messages: list[str] = []
    static = tmp_path / "texnet" / f"visdom-{visdom.__version__}" / "static"
    with pytest.raises(ValueError, match=rf"lacks \d+ files, such as \S+\.css, .*connect once, or copy them to {static}"):
        visdom_assets(messages.append)
    assert len(messages) == 1 and str(static) in messages[0]
