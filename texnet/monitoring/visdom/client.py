"""Reports in Visdom: the curves, previews, texture and settings of a run's folder.

A thread reads what the JSONL monitor writes into the folder and sends whole panes. So the trainer never waits for the server,
and a server that was absent gets the complete curves when it is back.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import json
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import thread_time
from typing import Any

from texnet.config.address import Address, env_name, page_of_env, parse_address
from texnet.errors import UserError
from texnet.files import read_json
from texnet.images import load_picture
from texnet.monitoring.base import Monitor
from texnet.monitoring.curves import Curves
from texnet.monitoring.jsonl import METRICS, MetricsTail, latest_preview
from texnet.monitoring.visdom.connection import NotVisdomError, connect
from texnet.monitoring.visdom.panes import ORDER, draw_picture, draw_plot, settings_table, write_text
from texnet.monitoring.visdom.server import install_hint

CONNECT_TIMEOUT, ANSWER_TIMEOUT = 2.0, 4.0  # seconds
CLOSE_TIMEOUT = 5.0  # seconds that the end of training waits for the last refresh
SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 20.0  # seconds between refreshes
PAUSE_PER_CPU_SECOND = 600  # seconds of pause: curves take 0.2 % of a core, and 3 % with a browser on the same machine
LONGEST_RETRY = 10.0  # seconds between attempts to reach an absent server
LOCAL_HOSTS = ("localhost", "127.0.0.1")

Pane = tuple[Any, Callable[[Any], None]]  # a state that differs when the content has changed, and what sends the content


class VisdomMonitor(Monitor):
    """Shows a run's folder in Visdom until :meth:`close`, which sends what is missing if the server answers.

    ``log`` gets a line when the run is shown first, when the server stops answering, and when it is back.
    """

    def __init__(self, folder: Path, *, server: str, port: int | None = None, env: str, log: Callable[[str], None]) -> None:
        if importlib.util.find_spec("visdom") is None:
            raise UserError(f"--viz: {install_hint()}")
        self._view = RunView(folder, server=server, port=port, env=env, log=log)
        self._log = log
        self._failure: type[Exception] | None = None  # the kind that was reported last
        self._url = ""  # that was reported last
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
            if self._failure is not _kind(error):
                self._log(_explain(error, self._view))
            self._failure = _kind(error)
            return None
        if self._failure is not None or self._url != self._view.url:
            what = "is back, with the whole run" if self._failure is not None else "shows the run"
            self._log(f"Visdom {what}: {self._view.url}{self._view.remark}")
        self._failure, self._url = None, self._view.url
        return cpu_seconds


class RunView:
    """A run's folder as Visdom panes, each replaced when its content has changed.

    ``env`` is the environment that it would like to have: it gets a number where that shows another run. ``log`` gets a line
    for a file of the run that cannot be shown.
    """

    def __init__(
        self, folder: Path, *, server: str, port: int | None = None, env: str, log: Callable[[str], None] = lambda text: None
    ) -> None:
        self.folder = folder
        self.env = self._wanted = env_name(env)
        self.address = parse_address(server, port)
        self._log = log
        self._client: Any = None
        self._tail = MetricsTail(folder / METRICS)
        self._curves = Curves()
        self._identity = ""  # of the run: empty before its first log step
        self._sent: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """The page of the run."""
        return page_of_env(self.address, self.env)

    @property
    def remark(self) -> str:
        """Why the environment has not the name that was asked for; empty where it has."""
        return "" if self.env == self._wanted else f"  ({self._wanted} shows another run)"

    def disconnect(self) -> None:
        """Close the connection; the next refresh sends everything."""
        if self._client is not None:
            self._client.session.close()
        self._sent.clear()

    def refresh(self) -> float:
        """Send the panes that have changed, nothing before the first log step; the CPU seconds that the curves took.

        ConnectionError when the server does not answer, NotVisdomError when something else does.
        """
        if self._client is None:
            self._client = connect(self.address, (CONNECT_TIMEOUT, ANSWER_TIMEOUT))
        known = self._client.environments()
        self._read_metrics()
        plots = self._plots()
        self._choose_env(known, plots)
        if not any(self._client.shows(name) for name in self._sent):
            self._sent.clear()  # a server that was restarted
        panes = {**plots, **self._pictures(), **self._settings()} if plots else {}
        cpu_seconds = 0.0
        for name in sorted(panes, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER)):
            state, draw = panes[name]
            if self._sent.get(name) != state:
                start = thread_time()
                try:
                    draw(self._client)
                except (
                    UserError,
                    FileNotFoundError,
                    PermissionError,
                ) as error:  # a damaged file, or one that is gone: the rest is shown
                    self._log(f"Visdom does not show {name}: {error}")
                self._sent[name] = state
                cpu_seconds += thread_time() - start if name in plots else 0.0
        return cpu_seconds

    def _read_metrics(self) -> None:
        new = self._tail.read()
        damaged = next((line for line in new if not _is_record(line)), None)
        if damaged is not None:
            raise UserError(f"{self._tail.path}: a damaged line, remove it: {json.dumps(damaged)[:60]}")
        if self._tail.restarted:
            self._curves = Curves()
            self._identity = ""
            self._sent.clear()
        if new and not self._identity:  # the first line has the speed in it: no other run has the same
            own = json.dumps([self.folder.resolve().name, new[0]], sort_keys=True)
            self._identity = hashlib.sha256(own.encode()).hexdigest()[:16]
        self._curves.extend(new)

    def _choose_env(self, known: set[str], plots: Iterable[str]) -> None:
        """Take the first environment, its own, the wanted one or that with a number, that shows this run or none."""
        numbered = (f"{self._wanted}-{number}" for number in itertools.count(2))
        names = list(dict.fromkeys(["loss", *plots]))
        for env in itertools.chain([self.env, self._wanted], numbered):
            if env not in known or self._client.owner(env, names) in (None, self._identity or None):
                break
        if env != self.env:
            self._sent.clear()
        self.env = env
        self._client.use(env, known)

    def _plots(self) -> dict[str, Pane]:
        plots = self._curves.plots()
        return {
            name: (plot.steps[-1], partial(draw_plot, name=name, plot=plot, run=self._identity)) for name, plot in plots.items()
        }

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
    settings = read_json(path)
    if not isinstance(settings, dict) or not all(isinstance(section, dict) for section in settings.values()):
        raise UserError(f"{path}: damaged, no table of settings; restore or delete it")
    write_text(client, "settings", settings_table(settings))


def _is_record(line: Any) -> bool:
    return isinstance(line, dict) and "step" in line and all(isinstance(value, int | float) for value in line.values())


def _kind(error: Exception) -> type[Exception]:
    return next((kind for kind in (ConnectionError, NotVisdomError) if isinstance(error, kind)), Exception)


def _explain(error: Exception, view: RunView) -> str:
    if isinstance(error, NotVisdomError):
        return f"{view.address} is not Visdom, training goes on: {error} (--viz_server and --viz_port name the server)"
    if isinstance(error, ConnectionError):
        reason = type(error.__context__ or error).__name__
        own = view.address == Address("http", view.address.host, view.address.port) and view.address.host in LOCAL_HOSTS
        remedy = f"start it with: texnet monitor --port {view.address.port}" if own else "start it there"
        return f"Visdom does not answer at {view.url} ({reason}), training goes on; {remedy}"
    return f"Visdom cannot show the run, training goes on: {type(error).__name__}: {error}"
