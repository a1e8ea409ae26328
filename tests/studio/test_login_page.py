"""The login in a browser, at the name by which other devices reach the studio."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.studio.helpers import StudioServer

pytestmark = pytest.mark.browser
PASSWORD = "correct horse"


@pytest.fixture
def open_to_others(tmp_path: Path) -> Iterator[StudioServer]:
    """A studio that listens on every address, and asks for a password."""
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    server = StudioServer(tmp_path, "--host", "0.0.0.0", "--password_file", "password")
    server.start()
    yield server
    server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["127.0.0.1", socket.gethostname()])
def test_a_browser_logs_in_and_is_told_of_a_wrong_password(browser: Any, open_to_others: StudioServer, name: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://{name}:{open_to_others.port}/")
    message = page.get_by_role("alert")
    assert page.url.endswith("/login")
    assert message.is_hidden()
    for password, address in (("wrong horse", "/login#wrong"), (PASSWORD, "/")):
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"**{address}*")
        if password != PASSWORD:
            assert message.inner_text() == "That is not the password."
    page.get_by_role("heading", name="Teach a network a style").wait_for()
    context.close()
