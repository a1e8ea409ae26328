"""A run's folder and Visdom servers, shared by the tests of this folder."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import torch

from texnet.images import save_image
from texnet.monitoring.base import Record
from texnet.monitoring.jsonl import JsonlMonitor

TIMEOUT = 60  # seconds until a test stops waiting


STOCK_SERVER = """
import sys
sys.modules["torch"] = None  # visdom imports it where it can, which takes seconds
from visdom.server.run_server import start_server
start_server(port=int(sys.argv[1]), base_url="", bind_local=True, env_path=sys.argv[2])
"""


class TrainedRun:
    """A run's folder, written to by the monitor that a trainer has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.monitor = JsonlMonitor(folder)
        (folder / "config.json").write_text(json.dumps({"loss": {"texture": "<b>&.jpg", "style_layers": ["a", "b"]}}))
        save_image(torch.rand(3, 24, 32), folder / "texture.png")
        save_image(torch.rand(3, 64, 16), folder / "photos.png")

    def log(self, *steps: int) -> None:
        """Log steps at which every quantity has a value of its own."""
        for step in steps:
            layers = {"style/relu1_1": 3 / step, "style/relu2_1": 4 / step, "content/relu2_1": 2 / step}
            sums = {"loss": 9.5 / step, "content": 2 / step, "style": 7 / step, "tv": 0.5 / step}
            speed = {"learning_rate": 0.001 * step, "images_per_second": 20.0 + step, "crop_size": 64.0}
            self.monitor.record(Record(step, 0, 0.5 * step, 10.0, {**sums, **layers, **speed}))

    def preview(self, step: int) -> None:
        self.monitor.preview(step, torch.rand(3, 64, 64))


PANES = {
    *("loss", "content", "style", "style per layer", "tv", "learning_rate", "images_per_second"),
    *("texture", "photos", "preview", "settings"),
}  # of a TrainedRun: its only content layer has no pane of its own


class Server:
    """A process that serves Visdom on a free port and can be killed, frozen and started again."""

    def __init__(self, command: Callable[[int], list[str]], **environment: str) -> None:
        self.port = free_port()
        self._command = command(self.port)
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self._environment
        )
        wait_for(self._answers, "the server answers")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ask(self, endpoint: str, **message: Any) -> Any:
        answer = requests.post(f"http://127.0.0.1:{self.port}/{endpoint}", data=json.dumps(message), timeout=10)
        answer.raise_for_status()
        return answer.json()

    def panes(self, env: str) -> dict[str, Any]:
        """All panes of an environment by id; none where there is no such environment."""
        return self.ask("win_data", win=None, eid=env) if env in self.ask("env_state") else {}

    def curve(self, env: str, pane: str, trace: str = "") -> tuple[list[int], list[float]]:
        """Steps and values of a pane's trace, by default of its only one; none where there is no such trace."""
        traces = self.panes(env).get(pane, {"content": {"data": []}})["content"]["data"]
        chosen = [found for found in traces if found["name"] == (trace or pane)]
        return (chosen[0]["x"], chosen[0]["y"]) if chosen else ([], [])

    def _answers(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "the server ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"timeout: {what}"
        time.sleep(0.05)


def free_port() -> int:
    """A random free port below those that systems give to clients, so that parallel tests do not get the same one."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
