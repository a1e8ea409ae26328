"""Visdom's page as a browser shows it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY, find_chromium
from tests.monitoring.helpers import PANES, Server, TrainedRun, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUIET = ("quic", "background-networking", "component-update", "sync", "gpu", "default-apps")
CURVES = {
    *("sum of all terms", "style", "content", "style per layer"),
    *("total variation", "learning rate", "pictures per second"),
}


@pytest.fixture
def shown(run: TrainedRun, cache: Path, tmp_path: Path) -> Iterator[Server]:
    """``texnet monitor`` on a run of some steps."""
    run.log(1, 10, 20)
    run.preview(20)
    command = [sys.executable, str(REPOSITORY / "scripts" / "monitor.py"), str(run.folder)]
    states = str(tmp_path / "states")
    server = Server(lambda port: [*command, "--port", str(port), "--env_dir", states], XDG_CACHE_HOME=str(cache))
    server.start()
    wait_for(lambda: set(server.panes(run.folder.name)) == PANES, "the run is shown")
    yield server
    server.kill()


@pytest.fixture
def chromium(tmp_path: Path) -> list[str]:
    """The command of a headless browser with an empty profile."""
    flags = ["--headless", "--no-sandbox", "--no-first-run", "--window-size=1600,1400", "--enable-logging=stderr"]
    return [find_chromium(), *flags, *(f"--disable-{what}" for what in QUIET), f"--user-data-dir={tmp_path / 'browser'}"]


def test_the_page_shows_curves_pictures_and_settings_without_an_error(
    shown: Server, run: TrainedRun, chromium: list[str]
) -> None:
    address = f"http://127.0.0.1:{shown.port}/env/{run.folder.name}"
    command = [*chromium, "--virtual-time-budget=10000", "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    page = done.stdout

    headings = re.findall(r'class="annotation-text"[^>]*>(?:<tspan[^>]*>)?([^<]+)<', page)
    assert sorted(headings) == sorted(CURVES)
    lines = re.findall(r'class="js-line" d="(M[^"]+)"', page)
    assert sum("L" in line for line in lines) == len(CURVES) + 1, "the layers are two curves in one pane"

    assert re.findall(r'class="legendtext"[^>]*>([^<]+)<', page) == ["relu1_1", "relu2_1"], "a single curve needs no legend"

    pictures = re.findall(r'<img[^>]+content-image[^>]+src="data:image/jpeg;base64,[^"]{100,}"[^>]+width="(\d+)px"', page)
    assert sorted(map(int, pictures)) == pytest.approx([170, 360, 680], abs=25)
    assert "&lt;b&gt;&amp;.jpg" in page, "the settings"
    assert [line for line in done.stderr.splitlines() if ":CONSOLE" in line] == []
