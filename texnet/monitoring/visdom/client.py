"""Reports in Visdom: the curves, previews, texture and settings of a run's folder.

A thread reads what the JSONL monitor writes into the folder and sends whole panes. So the trainer never waits for the server,
and a server that was absent gets the complete curves when it is back.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from texnet.errors import UserError
from texnet.files import read_json
from texnet.images import load_picture
from texnet.monitoring.base import Monitor
from texnet.monitoring.curves import Curves
from texnet.monitoring.jsonl import METRICS, MetricsTail, latest_preview
from texnet.monitoring.visdom.panes import ORDER, draw_picture, draw_plot, settings_table, write_text
from texnet.monitoring.visdom.server import install_hint

CONNECT_TIMEOUT, ANSWER_TIMEOUT = 2.0, 4.0  # seconds
CLOSE_TIMEOUT = 5.0  # seconds that the end of training waits for the last refresh
SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 20.0  # seconds between refreshes
PAUSE_PER_CPU_SECOND = 600  # seconds of pause: curves take 0.2 % of a core, and 3 % with a browser on the same machine
LONGEST_RETRY = 10.0  # seconds between attempts to reach an absent server

Pane = tuple[Any, Callable[[Any], None]]  # a state that differs when the content has changed, and what sends the content


class VisdomMonitor(Monitor):
    """Shows a run's folder in Visdom until :meth:`close`, which sends what is missing if the server answers.

    ``log`` gets a line when the run is shown first, when the server stops answering, and when it is back.
    """

    def __init__(self, folder: Path, *, server: str, port: int, env: str, log: Callable[[str], None]) -> None:
        if importlib.util.find_spec("visdom") is None:
            raise UserError(f"--viz: {install_hint()}")
        self._view = RunView(folder, server=server, port=port, env=env)
        self._log = log
        self._shown: bool | None = None  # None until the first attempt
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="visdom", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(CLOSE_TIMEOUT)

    def _work(self) -> None:
        retry = SHORTEST_PAUSE
        closing = False
        while not closing:
            closing = self._closing.is_set()
            cpu_seconds = self._refresh()
            if cpu_seconds is not None:
                pause, retry = min(max(SHORTEST_PAUSE, PAUSE_PER_CPU_SECOND * cpu_seconds), LONGEST_PAUSE), SHORTEST_PAUSE
            else:
                pause, retry = retry, min(2 * retry, LONGEST_RETRY)
            self._closing.wait(pause)
        self._view.disconnect()

    def _refresh(self) -> float | None:
        """Send what is new; CPU seconds of the curves, None on failure. Logs when the server starts or stops answering."""
        try:
            cpu_seconds = self._view.refresh()
        except Exception as error:  # no error of the view may stop the training
            self._view.disconnect()
            if self._shown is not False:
                self._log(_explain(error, self._view))
            self._shown = False
            return None
        if not self._shown:
            self._log(f"Visdom {'shows the run' if self._shown is None else 'is back, with the whole run'}: {self._view.url}")
        self._shown = True
        return cpu_seconds


class RunView:
    """A run's folder as Visdom panes, each replaced when its content has changed."""

    def __init__(self, folder: Path, *, server: str, port: int, env: str) -> None:
        self.folder = folder
        self.env = re.sub(r"[^\w.-]", "_", env)  # slash and plus have a meaning in the page's address
        self.port = port
        self._server = server if "://" in server else f"http://{server}"
        self.url = f"{self._server}:{port}/env/{self.env}"
        self._client: Any = None
        self._tail = MetricsTail(folder / METRICS)
        self._curves = Curves()
        self._sent: dict[str, Any] = {}

    def disconnect(self) -> None:
        """Close the connection; the next refresh sends everything."""
        if self._client is not None:
            self._client.session.close()
        self._client = None
        self._sent.clear()

    def refresh(self) -> float:
        """Send the panes that have changed, nothing before the first log step; the CPU seconds that the curves took.

        ConnectionError when the server does not answer.
        """
        if self._client is None:
            self._client = _connect(self._server, self.port, self.env)
        if not any(self._client.shows(name) for name in self._sent):
            self._sent.clear()  # a server that was restarted
        new = self._tail.read()
        if self._tail.restarted:
            self._curves = Curves()
            self._sent.clear()
        self._curves.extend(new)
        plots = self._plots()
        panes = {**plots, **self._pictures(), **self._settings()} if plots else {}
        cpu_seconds = 0.0
        for name in sorted(panes, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER)):
            state, draw = panes[name]
            if self._sent.get(name) != state:
                start = time.thread_time()
                draw(self._client)
                self._sent[name] = state
                cpu_seconds += time.thread_time() - start if name in plots else 0.0
        return cpu_seconds

    def _plots(self) -> dict[str, Pane]:
        plots = self._curves.plots()
        return {name: (plot.steps[-1], partial(draw_plot, name=name, plot=plot)) for name, plot in plots.items()}

    def _pictures(self) -> dict[str, Pane]:
        preview = latest_preview(self.folder)
        places = {"texture": self.folder / "texture.png", "photos": self.folder / "photos.png", "preview": preview}
        columns = "noise factor rises to the right" if (self.folder / "photos.png").exists() else "four seeds"
        panes: dict[str, Pane] = {"preview": ("none", partial(write_text, name="preview", text="no preview yet"))}
        for name, path in places.items():
            if path is not None and path.exists():
                title = name if name != "preview" else f"preview, {path.stem}: {columns}"
                state = (path.name, path.stat().st_mtime_ns)
                panes[name] = (state, partial(_draw_file, name=name, path=path, title=title))
        return panes

    def _settings(self) -> dict[str, Pane]:
        path = self.folder / "config.json"
        return {"settings": (path.stat().st_mtime_ns, partial(_write_settings, path=path))} if path.exists() else {}


def _draw_file(client: Any, name: str, path: Path, title: str) -> None:
    draw_picture(client, name, load_picture(path), title)


def _write_settings(client: Any, path: Path) -> None:
    write_text(client, "settings", settings_table(read_json(path)))


def _connect(server: str, port: int, env: str) -> Any:
    """A Visdom client whose every call ends within the timeouts and raises ConnectionError when it fails."""
    visdom: Any = importlib.import_module("visdom")

    class Client(visdom.Visdom):  # type: ignore[misc]
        def _handle_post(self, url: str, data: Any = None) -> str:
            self.session.trust_env = False  # a proxy does not reach this machine
            answer = self.session.post(url, data=data or {}, timeout=(CONNECT_TIMEOUT, ANSWER_TIMEOUT))
            answer.raise_for_status()
            return str(answer.text)

        def shows(self, pane: str) -> bool:
            """As win_exists, which prints when there is no answer."""
            return bool(self._send({"win": pane, "eid": self.env}, endpoint="win_exists", quiet=True) == "true")

    logging.getLogger("visdom").setLevel(logging.CRITICAL)  # it logs a traceback for each call that fails
    return Client(server=server, port=port, env=env, raise_exceptions=True, use_incoming_socket=False)


def _explain(error: Exception, view: RunView) -> str:
    if isinstance(error, ConnectionError):
        reason, remedy = type(error.__context__ or error).__name__, f"texnet monitor --port {view.port}"
        return f"Visdom does not answer at {view.url} ({reason}), training goes on; start it with: {remedy}"
    return f"Visdom cannot show the run, training goes on: {type(error).__name__}: {error}"
