"""A Visdom server for this machine alone, which works without a network."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from texnet.caches import writable_folder
from texnet.errors import UserError
from texnet.monitoring.visdom.assets import visdom_assets

PAGE_DELAY = 0.5  # seconds; panes that arrive before the page knows its width are laid out for 1280 pixels by Visdom 0.3


def serve(port: int, env_dir: Path, *, log: Callable[[str], None], on_ready: Callable[[], None]) -> None:
    """Serve Visdom on 127.0.0.1 until interrupted; ``env_dir`` is where it saves environments.

    ``log`` gets a line when something takes time. ``on_ready`` is called once the server answers. UserError where Visdom is
    not installed, files of its page are missing, or the port is taken.
    """
    try:
        import tornado.ioloop
        from visdom.server import app, run_server

        visdom: Any = app  # its annotations are incomplete
    except ImportError as error:
        raise UserError(install_hint()) from error
    _check_free(port)
    static = str(visdom_assets(log))
    visdom.tornado_settings.update(static_path=static, template_path=static, static_handler_class=_static_files())
    visdom.tornado_settings["autoreload"] = False  # a restart, when a module's file changes, forgets all runs
    visdom.EnvHandler = _environments(visdom.EnvHandler)
    logging.disable(logging.INFO)  # of every request
    env_dir = writable_folder(env_dir, "environments that are saved in the page", log)
    tornado.ioloop.IOLoop.current().add_callback(on_ready)
    with contextlib.redirect_stdout(io.StringIO()):  # its banner, which names another address
        start: Any = run_server.start_server
        start(port=port, base_url="", bind_local=True, env_path=str(env_dir))


def install_hint() -> str:
    """The command that installs Visdom for this Python."""
    if sys.version_info >= (3, 12):
        return "Visdom is not installed; install it with: pip install 'visdom>=0.2.4' 'tornado>=6.1,<6.6'"
    build = "PIP_CONSTRAINT=build-constraints.txt PIP_BUILD_CONSTRAINT=build-constraints.txt"
    return (
        "Visdom is not installed; on this Python install it with: echo 'setuptools<81' > build-constraints.txt; "
        f"{build} pip install visdom 'tornado>=6.1,<6.6'"
    )


def _check_free(port: int) -> None:
    """UserError for a port that is taken: Visdom 0.3 would use another one without a message."""
    taken = UserError(f"--port {port}: something listens there already, perhaps Visdom; take another")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise taken
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as tornado does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UserError(f"--port {port}: {error.strerror}; take another") from error


def _static_files() -> Any:
    import tornado.web

    class StaticFiles(tornado.web.StaticFileHandler):
        """Serves ``../user/style.css``, which Visdom's page asks for, without a version tag, which tornado 6.6 refuses."""

        @classmethod
        def make_static_url(cls, settings: dict[str, Any], path: str, include_version: bool = True) -> str:
            if path.startswith("../"):
                return settings.get("static_url_prefix", "/static/") + path
            return str(super().make_static_url(settings, path, include_version))

    return StaticFiles


def _environments(handler: Any) -> Any:
    """Visdom's handler of a run's page, extended to runs that have not started yet.

    Without it, a page opened before its run starts shows another run or an error, and does not change later.
    """

    class Environments(handler):  # type: ignore[misc]
        def get(self, eid: str) -> None:
            accepted = self.request.headers.get("Accept", "")
            if accepted.startswith("image/"):  # the page's icon, which Visdom lacks
                self.set_status(204)
                return
            if "text/html" in accepted and eid and "+" not in eid:  # a plus joins compared runs
                self.state.setdefault(eid, {"jsons": {}, "reload": {}})
            super().get(eid)

        async def post(self, eid: str) -> None:
            if b'"sid"' in self.request.body:  # a page asks for its panes
                await asyncio.sleep(PAGE_DELAY)
            super().post(eid)

    return Environments
