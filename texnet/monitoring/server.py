"""A Visdom server on this machine alone, whose page works with every tornado and without a network."""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from texnet.monitoring.pages import page_files


def serve(port: int, states: Path, on_ready: Callable[[], None]) -> None:
    """Serve Visdom on 127.0.0.1 until interrupted; ``states`` is the folder in which it keeps saved environments.

    ``on_ready`` is called once it answers.
    ValueError where visdom is missing, its page incomplete, or the port taken.
    """
    try:
        import tornado.ioloop
        import tornado.web
        from visdom.server import app, run_server
    except ImportError as error:
        raise ValueError(install_hint()) from error
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:  # visdom 0.3 would move to another port in silence
            raise ValueError(f"--port {port}: something listens there already, perhaps Visdom; take another")

    class StaticFiles(tornado.web.StaticFileHandler):
        """Tornado 6.6 refuses ``../user/style.css``, which Visdom's page asks for: name it without a version tag."""

        @classmethod
        def make_static_url(cls, settings: dict[str, Any], path: str, include_version: bool = True) -> str:
            if path.startswith("../"):
                return settings.get("static_url_prefix", "/static/") + path
            return str(super().make_static_url(settings, path, include_version))

    static = str(page_files())
    app.tornado_settings.update(static_path=static, template_path=static, static_handler_class=StaticFiles)
    logging.disable(logging.INFO)  # a line for every request otherwise
    states.mkdir(parents=True, exist_ok=True)
    tornado.ioloop.IOLoop.current().add_callback(on_ready)
    with contextlib.redirect_stdout(io.StringIO()):  # its banner names another address
        start: Any = run_server.start_server
        start(port=port, base_url="", bind_local=True, env_path=str(states))


def install_hint() -> str:
    """The command that installs Visdom for this Python."""
    if sys.version_info >= (3, 12):
        return "Visdom is not installed; install it with: pip install 'visdom>=0.2.4' 'tornado>=6.1,<6.6'"
    build = "PIP_CONSTRAINT=build-constraints.txt PIP_BUILD_CONSTRAINT=build-constraints.txt"
    return (
        "Visdom is not installed; on this Python install it with: echo 'setuptools<81' > build-constraints.txt; "
        f"{build} pip install visdom 'tornado>=6.1,<6.6'"
    )
