"""A run's folder as a trainer writes it, real Visdom servers, and the files of Visdom's page."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitoring.helpers import STOCK_SERVER, Server, TrainedRun
from texnet.monitoring.visdom.assets import visdom_assets


@pytest.fixture
def run(tmp_path: Path) -> Iterator[TrainedRun]:
    """A run before its first step, with settings, texture and photos."""
    folder = tmp_path / "stripes"
    folder.mkdir()
    run = TrainedRun(folder)
    yield run
    run.monitor.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Visdom's own server, not started yet; it answers clients without the files of its page."""
    pytest.importorskip("visdom", reason="visdom is not installed")
    server = Server(lambda port: [sys.executable, "-c", STOCK_SERVER, str(port), str(tmp_path / "states")])
    yield server
    server.kill()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the files of Visdom's page: copied from the user's where they are, else downloaded once."""
    visdom = pytest.importorskip("visdom", reason="visdom is not installed")
    cache = tmp_path_factory.mktemp("cache")
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "texnet", f"visdom-{visdom.__version__}")
    if own.is_dir():
        shutil.copytree(own, cache / "texnet" / own.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        try:
            visdom_assets()
        except ValueError as error:
            pytest.skip(f"Visdom's page is missing: {error}")
    return cache
