"""A real studio in a process of its own, and ways to ask it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.helpers import REPOSITORY

SERIOUS = {"serious", "critical"}  # of axe-core
TIMEOUT = 150.0  # seconds until a test stops waiting: a machine may be busy


class StudioServer:
    """``texnet studio`` in a folder, on a free port; it can be killed and started again."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self.flags = flags
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.address = f"http://{self.host}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; the seconds until its page is there."""
        began = time.perf_counter()
        command = [sys.executable, str(REPOSITORY / "scripts" / "studio.py"), "--port", str(self.port), "--no-browser"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--folders", str(self.folder), *self.flags], cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        wait_for(self.answers, "the studio answers", period=0.02)
        return time.perf_counter() - began

    def answers(self) -> bool:
        """Whether a page comes."""
        try:
            return self.ask("GET", "/login")[0] == 200
        except OSError:
            return False

    def kill(self) -> None:
        """End it at once, as kill -9 does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ctrl-C."""
        self._end(signal.SIGINT)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """A request with these headers alone, and Host; status, body, headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def raw(self, data: bytes) -> int:
        """The status of an answer to these very bytes; 0 where the connection is closed without one."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return int(answer.split()[1]) if answer else 0

    def get(self, path: str) -> Any:
        """What a path of the API says."""
        status, body, _ = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def post(self, path: str, data: Any = None, body: bytes | None = None) -> tuple[int, Any]:
        """What a change gives, sent as the page sends it: status and answer."""
        sent = body if body is not None else json.dumps(data or {}).encode()
        status, answer, _ = self.ask("POST", path, sent, **self.own())
        return status, json.loads(answer)

    def own(self) -> dict[str, str]:
        """The headers that the page's changes carry."""
        return {"Origin": self.address, "X-Texnet-Studio": self.get("/api/start")["token"]}

    def job(self, number: str) -> Any:
        """A job as the page sees it."""
        return self.get(f"/api/jobs/{number}")

    def wait_for_state(self, number: str, *states: str, timeout: float = TIMEOUT) -> Any:
        """Wait until a job is in one of some states; the job."""
        wait_for(lambda: self.job(number)["state"] in states, f"the job is {' or '.join(states)}", timeout)
        return self.job(number)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(TIMEOUT)
            self._process = None


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], what: str, timeout: float = TIMEOUT, period: float = 0.1) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout:g} s: {what}"
        time.sleep(period)


def accessibility_problems(page: Any, axe: str) -> list[str]:
    """What the script of axe-core finds serious on a page."""
    page.evaluate(axe)
    answer = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{problem['id']}: {json.dumps(problem['nodes'][0]['target'])}"
        for problem in answer["violations"]
        if problem["impact"] in SERIOUS
    ]
