"""A studio that the tests of this folder share, with photos and a style picture below its folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.studio.helpers import StudioServer


@pytest.fixture(scope="session")
def studio_folder(tmp_path_factory: pytest.TempPathFactory, photo_folder: Path, style_path: Path) -> Path:
    """A folder with ``photos/`` and ``stripes.png``, in which a studio may work."""
    folder = tmp_path_factory.mktemp("studio")
    shutil.copytree(photo_folder, folder / "photos")
    shutil.copy(style_path, folder / "stripes.png")
    return folder


@pytest.fixture(scope="session")
def studio(studio_folder: Path) -> Iterator[StudioServer]:
    """A running studio with the shared folder, whose uploads end at one megabyte."""
    server = StudioServer(studio_folder, "--max_upload", "1")
    server.start()
    yield server
    server.stop()
