"""A studio that the tests of this folder share, with photos and a style picture below its folder."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import find_chromium, moved_generator
from tests.studio.helpers import StudioServer
from tests.video.helpers import pan, write_clip
from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig

CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # one that needs no permission
HOSTS = f"--host-resolver-rules=MAP {socket.gethostname()} 127.0.0.1"  # as other devices know this machine


@pytest.fixture(scope="session")
def studio_folder(tmp_path_factory: pytest.TempPathFactory, photo_folder: Path, style_path: Path) -> Path:
    """A folder with ``photos/`` and ``stripes.png``, in which a studio may work."""
    folder = tmp_path_factory.mktemp("studio")
    shutil.copytree(photo_folder, folder / "photos")
    shutil.copy(style_path, folder / "stripes.png")
    return folder


@pytest.fixture(scope="session")
def studio(studio_folder: Path) -> Iterator[StudioServer]:
    """A running studio with the shared folder, whose uploads end at one megabyte, and videos at two."""
    server = StudioServer(studio_folder, "--max_upload", "1", "--max_video", "2")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def network(studio_folder: Path) -> Path:
    """A small network in the folder of runs."""
    config = GeneratorConfig(width=4, num_blocks=1)
    path = studio_folder / "checkpoints" / "film" / "style.pt"
    Checkpoint(config, moved_generator(config).state_dict(), ("waves",)).save(path)
    return path


@pytest.fixture(scope="session")
def fixed(studio_folder: Path) -> Path:
    """A network of one strength alone."""
    config = GeneratorConfig(width=4, num_blocks=1, fixed_noise_factor=1.0)
    path = studio_folder / "checkpoints" / "fixed" / "style.pt"
    Checkpoint(config, moved_generator(config).state_dict(), ("fixed",)).save(path)
    return path


@pytest.fixture(scope="session")
def clip(studio_folder: Path) -> Path:
    """A second of a pan, with sound."""
    pytest.importorskip("av", reason="needs PyAV: pip install 'texnet[video]'")
    (studio_folder / "clips").mkdir()
    return write_clip(studio_folder / "clips" / "clip.mp4", pan(25), sound=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium of this machine; playwright downloads none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", HOSTS, *CAMERA])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The accessibility checker axe-core, from npm, which the repository does not carry."""
    if shutil.which("npm") is None:
        pytest.skip("no npm here")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(["npm", "pack", "axe-core", "--silent"], cwd=folder, capture_output=True, timeout=120, check=False)
    found = list(folder.glob("*.tgz"))
    if done.returncode or not found:
        pytest.skip("npm gives no axe-core here")
    with tarfile.open(found[0]) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()
