"""A connection to a Visdom server that fails within seconds, and notices when another program answers there."""

from __future__ import annotations

import importlib
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from texnet.config.address import Address

LONGEST_ANSWER = 64 * 2**20  # bytes
QUOTED = 60  # characters of an answer
REDIRECTS = range(300, 400)
RUN_KEY = "texnet_run"  # in a plot's layout.meta, which Plotly keeps and does not show


class NotVisdomError(Exception):
    """Something else than Visdom answers; the message says what."""


class _Calls:
    """What is added to Visdom's client: calls that raise, and that check the answers."""

    env: str
    session: Any
    timeouts: tuple[float, float]
    _send: Callable[..., Any]

    def _handle_post(self, url: str, data: Any = None) -> str:
        self.session.trust_env = False  # a proxy does not reach this machine
        try:
            started = self.session.post(url, data=data or {}, timeout=self.timeouts, stream=True, allow_redirects=False)
        except OSError as error:  # of requests, which hides in it what came
            if "BadStatusLine" in repr(error):
                raise NotVisdomError("it does not speak HTTP") from error
            raise
        with started as answer:
            text = _content(answer)
        if answer.status_code in REDIRECTS:
            raise NotVisdomError(f"it leads to {answer.headers.get('Location')}; give that as --viz_server")
        if answer.status_code != 200:
            raise NotVisdomError(f"it answers {answer.status_code} {answer.reason}{_login(answer.status_code, text)}")
        return text

    def ask(self, endpoint: str, **message: Any) -> Any:
        """The JSON that the server answers."""
        text = self._send(message, endpoint=endpoint, quiet=True)
        try:
            return json.loads(text)
        except ValueError:
            raise NotVisdomError(f"it answers {text[:QUOTED]!r}") from None

    def environments(self) -> set[str]:
        """The names of all environments."""
        names = self.ask("env_state")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise NotVisdomError(f"it answers {json.dumps(names)[:QUOTED]!r}")
        return set(names)

    def use(self, env: str, known: set[str]) -> None:
        """Send to this environment from now on, made where it is not among the known ones."""
        self.env = env
        if env not in known:
            self._send({"eid": env}, endpoint=f"env/{quote(env)}")
            if env not in self.environments():
                raise NotVisdomError("it does not keep what it is sent")

    def shows(self, pane: str, env: str = "") -> bool:
        """As win_exists, which prints when there is no answer."""
        return self.ask("win_exists", win=pane, eid=env or self.env) is True

    def owner(self, env: str, plots: Iterable[str]) -> str | None:
        """The identity of the run that an environment shows, by the first of these plots that is there.

        None where there is none, empty where the plot is not texnet's.
        """
        first = next((name for name in plots if self.shows(name, env)), None)
        return None if first is None else _run_of(self.ask("win_data", win=first, eid=env))


def connect(address: Address, timeouts: tuple[float, float]) -> Any:
    """A Visdom client. Nothing is sent yet; each call ends within the timeouts, to connect and to be answered, in seconds.

    Calls raise ConnectionError when there is no answer, and NotVisdomError when it is none of Visdom.
    """
    visdom: Any = importlib.import_module("visdom")
    logging.getLogger("visdom").setLevel(logging.CRITICAL)  # it logs a traceback for each call that fails
    client_type: Any = type("Client", (_Calls, visdom.Visdom), {"timeouts": timeouts})
    place = {"server": address.origin, "port": address.port, "base_url": address.path or "/"}
    client = client_type(**place, send=False, use_incoming_socket=False, raise_exceptions=True)
    client.send = True  # not before: Visdom's constructor would connect, and keep an open session where that fails
    return client


def _content(answer: Any) -> str:
    content = b""
    for part in answer.iter_content(2**16):
        content += part
        if len(content) > LONGEST_ANSWER:
            raise NotVisdomError("its answer does not end")
    return content.decode(errors="replace")


def _run_of(pane: Any) -> str:
    for key in ("content", "layout", "meta", RUN_KEY):
        pane = pane.get(key) if isinstance(pane, dict) else None
    return pane if isinstance(pane, str) else ""


def _login(status: int, text: str) -> str:
    """Visdom answers so, with nothing more, to who has not logged in."""
    return ", as a Visdom does that wants a login; start it without one" if status == 400 and not text else ""
