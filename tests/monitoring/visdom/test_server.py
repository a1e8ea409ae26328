"""The command monitor: a Visdom server for this machine alone, and a run in it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.helpers import REPOSITORY
from tests.monitoring.helpers import PANES, Server, TrainedRun, wait_for

SCRIPT = str(REPOSITORY / "scripts" / "monitor.py")
HTML = {"Accept": "text/html"}
slow = pytest.mark.slow  # the page has to be downloaded


@pytest.fixture(scope="module")
def monitor(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """``texnet monitor`` on a past run."""
    folder = tmp_path_factory.mktemp("checkpoints") / "past run"
    folder.mkdir()
    run = TrainedRun(folder)
    run.log(1, 10, 20)
    run.preview(20)
    run.monitor.close()
    states = tmp_path_factory.mktemp("states")
    server = Server(
        lambda port: [sys.executable, SCRIPT, str(folder), "--port", str(port), "--env_dir", str(states)],
        XDG_CACHE_HOME=str(cache),
    )
    server.start()
    yield server
    server.kill()


def environments(monitor: Server) -> list[str]:
    names: list[str] = monitor.ask("env_state")
    return names


@slow
def test_a_past_run_is_shown_under_its_folders_name(monitor: Server) -> None:
    wait_for(lambda: set(monitor.panes("past_run")) == PANES, "the run is shown")
    assert monitor.curve("past_run", "loss") == ([1, 10, 20], [9.5, 0.95, 0.475])


@slow
def test_every_file_of_the_page_is_served(monitor: Server) -> None:
    address = f"http://127.0.0.1:{monitor.port}"
    page = requests.get(address, timeout=10)
    assert page.status_code == 200
    files = re.findall(r"(?:src|href)=[\"']?(/[^\"' >]+)", page.text)
    assert len(files) > 10
    assert {name: requests.get(address + name, timeout=10).status_code for name in files} == dict.fromkeys(files, 200)


@slow
def test_only_this_machine_can_reach_it(monitor: Server) -> None:
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.2", monitor.port)) != 0, "a server for all addresses answers at this one too"


@slow
def test_a_page_that_is_opened_before_its_run_starts_waits_for_it(monitor: Server) -> None:
    page = requests.get(f"http://127.0.0.1:{monitor.port}/env/later", headers=HTML, timeout=10)
    assert page.status_code == 200
    assert "later" in environments(monitor)


@slow
def test_the_icon_of_the_page_and_a_comparison_are_no_environments(monitor: Server) -> None:
    icon = requests.get(f"http://127.0.0.1:{monitor.port}/env/favicon.png", headers={"Accept": "image/*"}, timeout=10)
    assert (icon.status_code, icon.content) == (204, b"")
    requests.get(f"http://127.0.0.1:{monitor.port}/env/one+two", headers=HTML, timeout=10)
    assert not {"favicon.png", "one+two"} & set(environments(monitor))


@slow
def test_a_port_that_is_taken_is_a_mistake_in_one_line(cache: Path, monitor: Server) -> None:
    command = [sys.executable, SCRIPT, "--port", str(monitor.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"texnet: --port {monitor.port}: something listens there already, perhaps Visdom; take another"
    ]
