"""The password, where others can reach the studio."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.helpers import REPOSITORY
from tests.studio.helpers import StudioServer
from texnet.config import StudioConfig
from texnet.errors import UserError
from texnet.studio.server import names_of

PASSWORD = "correct horse"


@pytest.fixture
def walled(tmp_path: Path) -> Iterator[StudioServer]:
    """A studio that asks for a password, on loopback."""
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    server = StudioServer(tmp_path, "--password_file", "password")
    server.start()
    yield server
    server.stop()


def log_in(server: StudioServer, password: str, **headers: str) -> tuple[int, dict[str, str]]:
    body = urlencode({"password": password}).encode()
    status, _, answered = server.ask("POST", "/login", body, Origin=server.address, **headers)
    return status, answered


def test_nothing_is_shown_before_the_password(walled: StudioServer) -> None:
    assert walled.ask("GET", "/")[0] == 303
    assert walled.ask("GET", "/api/start")[0] == 401
    assert walled.ask("GET", "/static/js/app.js")[0] == 401
    assert walled.ask("GET", "/login")[0] == 200
    assert walled.ask("GET", "/api/start", Cookie="texnet_studio=guess")[0] == 401


def test_the_password_opens_it_until_one_leaves(walled: StudioServer) -> None:
    status, headers = log_in(walled, PASSWORD)
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
    own = cookie.split(";")[0]
    status, _, _ = walled.ask("GET", "/api/start", Cookie=own)
    assert status == 200


def test_wrong_passwords_are_refused_and_soon_no_longer_compared(walled: StudioServer) -> None:
    for _ in range(10):
        status, headers = log_in(walled, "wrong")
        assert (status, headers["location"]) == (303, "/login#wrong")
        assert "set-cookie" not in headers
    assert log_in(walled, PASSWORD)[0] == 429


def test_a_foreign_page_cannot_log_anybody_in(walled: StudioServer) -> None:
    body = urlencode({"password": PASSWORD}).encode()
    assert walled.ask("POST", "/login", body, Origin="http://evil.example")[0] == 403
    assert walled.ask("POST", "/login", body)[0] == 403


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ({"host": "0.0.0.0"}, "--password_file"),
        ({"host": "192.0.2.1", "password_file": "x"}, "--folders"),
        ({"port": 0}, "--port"),
        ({"max_upload": 0}, "--max_upload"),
    ],
)
def test_what_is_not_safe_is_refused(flags: dict[str, object], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        StudioConfig(**flags)  # type: ignore[arg-type]


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("short\n")
    command = [sys.executable, str(REPOSITORY / "scripts" / "studio.py"), "--no-browser", "--password_file", "password"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "8 letters or more" in done.stderr


def test_the_names_of_a_studio_are_exact() -> None:
    assert names_of(StudioConfig()) == {"127.0.0.1:3000", "localhost:3000", "[::1]:3000"}
    behind_a_proxy = StudioConfig(host_names=("Studio.Example.org:443",))
    assert {"studio.example.org:443", "studio.example.org"} <= names_of(behind_a_proxy)
