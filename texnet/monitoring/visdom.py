"""Visdom as a view of a run's folder: curves, previews, texture and settings in the browser.

A thread of its own reads what the trainer writes to the folder anyway and sends whole windows. Hence the trainer never
waits for the server, nothing is lost while the server is away, and when it is back it gets the whole curves.
"""

from __future__ import annotations

import html
import importlib
import importlib.util
import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from texnet.images import limit_size, load_picture
from texnet.monitoring.base import Monitor
from texnet.monitoring.curves import Curves
from texnet.monitoring.folder import METRICS, MetricsTail, latest_preview
from texnet.monitoring.server import install_hint

CONNECT_TIMEOUT, ANSWER_TIMEOUT = 2.0, 5.0  # seconds
SHORTEST_PAUSE = 2.0  # seconds between refreshes
PAUSE_PER_EFFORT = 60  # a refresh that took a second is followed by a minute's pause: at most 1.6 % of the time
LONGEST_RETRY = 30.0  # seconds between attempts to reach a server that is away
LARGEST_PICTURE = 1024  # pixels


class VisdomMonitor(Monitor):
    """Show a run's folder in Visdom until :meth:`close`, which sends what is missing if the server answers."""

    def __init__(self, folder: Path, *, server: str, port: int, env: str, tell: Callable[[str], None]) -> None:
        if importlib.util.find_spec("visdom") is None:
            raise ValueError(f"--viz: {install_hint()}")
        self._view = RunView(folder, server=server, port=port, env=env)
        self._tell = tell
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="visdom", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(CONNECT_TIMEOUT + ANSWER_TIMEOUT + 1)

    def _work(self) -> None:
        reachable, retry = True, SHORTEST_PAUSE
        while True:
            closing = self._closing.is_set()
            begin = time.perf_counter()
            try:
                self._view.refresh()
                if not reachable:
                    self._tell(f"Visdom is back at {self._view.url}; it has the whole run")
                reachable, retry = True, SHORTEST_PAUSE
                pause = max(SHORTEST_PAUSE, PAUSE_PER_EFFORT * (time.perf_counter() - begin))
            except Exception as error:  # whatever happens to a view must not reach the training
                if reachable:
                    self._tell(f"Visdom does not answer at {self._view.url} ({_brief(error)}); start it with: texnet monitor")
                reachable, pause = False, retry
                retry = min(2 * retry, LONGEST_RETRY)
                self._view.forget()
            if closing:
                return
            self._closing.wait(pause)


class RunView:
    """A run's folder as Visdom windows, each replaced when what it shows has changed, never piled up."""

    def __init__(self, folder: Path, *, server: str, port: int, env: str) -> None:
        self.folder = folder
        self.env = env
        self.url = f"http://{server}:{port}/env/{env}"
        self._address = (server, port)
        self._client: Any = None
        self._tail = MetricsTail(folder / METRICS)
        self._curves = Curves()
        self._sent: dict[str, Any] = {}

    def forget(self) -> None:
        """Assume that the server knows nothing: the next refresh sends everything."""
        self._client = None
        self._sent.clear()

    def refresh(self) -> None:
        """Send what has changed; raises when the server does not take it."""
        if self._client is None:
            self._client = _connect(*self._address, self.env)
        if not self._client.win_exists(next(iter(self._sent), "settings")):
            self._sent.clear()  # a server that was restarted
        self._send_settings()
        self._send_curves()
        self._send_pictures()

    def _send_settings(self) -> None:
        path = self.folder / "config.json"
        if path.exists() and self._is_new("settings", path.stat().st_mtime_ns):
            config = json.loads(path.read_text(encoding="utf-8"))
            rows = (
                f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>"
                for group in config.values()
                for name, value in group.items()
            )
            self._client.text(f"<table>{''.join(rows)}</table>", win="settings", opts={"title": "settings"})

    def _send_curves(self) -> None:
        new = self._tail.read()
        if self._tail.restarted:
            self._curves = Curves()
        self._curves.extend(new)
        for name, (steps, traces) in self._curves.windows().items():
            if not self._is_new(name, (steps[-1], len(steps))):
                continue
            options = {"title": name.replace("_", " "), "xlabel": "step", "legend": list(traces)}
            values = list(zip(*traces.values(), strict=True)) if len(traces) > 1 else next(iter(traces.values()))
            self._client.line(values, steps, win=name, opts=options)

    def _send_pictures(self) -> None:
        pictures = {"texture": self.folder / "texture.png", "photos": self.folder / "photos.png"}
        preview = latest_preview(self.folder)
        if preview is not None:
            pictures["preview"] = preview
        for name, path in pictures.items():
            if path.exists() and self._is_new(name, (path.name, path.stat().st_mtime_ns)):
                image = limit_size(load_picture(path).image, LARGEST_PICTURE)[0]
                title = name if name != "preview" else f"{path.stem}, noise factor 0, 0.25, 0.5, 1"
                height, width = image.shape[1:]
                scale = min(1.0, 512 / max(height, width))
                options = {"title": title, "width": int(width * scale) + 20, "height": int(height * scale) + 40}
                self._client.image(image.numpy(), win=name, opts=options)

    def _is_new(self, name: str, state: Any) -> bool:
        """Whether a window must be sent; from then on it counts as sent, or else ``forget`` undoes it."""
        if self._sent.get(name) == state:
            return False
        self._sent[name] = state
        return True


def _connect(server: str, port: int, env: str) -> Any:
    """A Visdom client whose every call ends within the timeouts and raises when it fails."""
    visdom: Any = importlib.import_module("visdom")

    class Client(visdom.Visdom):  # type: ignore[misc]
        def _handle_post(self, url: str, data: Any = None) -> str:
            answer = self.session.post(url, data=data or {}, timeout=(CONNECT_TIMEOUT, ANSWER_TIMEOUT))
            answer.raise_for_status()
            return str(answer.text)

    logging.getLogger("visdom").setLevel(logging.CRITICAL)  # it logs a traceback for each call that fails
    address = server if "://" in server else f"http://{server}"
    return Client(server=address, port=port, env=env, raise_exceptions=True, use_incoming_socket=False)


def _brief(error: Exception) -> str:
    return type(error).__name__
