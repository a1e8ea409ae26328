"""Serving the studio: address, names, and the line that says where it is."""

from __future__ import annotations

import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable

import uvicorn

from texnet.config import StudioConfig
from texnet.errors import UserError
from texnet.studio.app import build_app
from texnet.studio.login import Login, read_password
from texnet.studio.queue import claim
from texnet.studio.studio import Studio

WILDCARDS = {"0.0.0.0", "::", ""}
GRACE = 2  # seconds that open requests get at the end
LARGEST_HEADERS = 32_768  # bytes of a request's line and headers


def serve(config: StudioConfig, *, log: Callable[[str], None]) -> None:
    """Serve until interrupted; a running training goes on, and is found again at the next start.

    ``log`` gets the address once the page answers, and what hinders the queue. UserError where the port is taken, or another
    studio has the folder.
    """
    login = Login(read_password(config.password_file) if config.password_file else "")
    listener = _listen(config)
    try:
        studio = Studio(config, login, log)
        claim(studio.places.own)
    except BlockingIOError:
        raise UserError(
            f"--studio_dir {config.studio_dir}: another studio runs there; use its page, or name another folder"
        ) from None
    app = build_app(studio, names_of(config))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            loop="asyncio",
            log_level="warning",
            server_header=False,
            h11_max_incomplete_event_size=LARGEST_HEADERS,
            timeout_graceful_shutdown=GRACE,
        )
    )
    address = f"http://{_shown(config)}:{config.port}"
    log(f"texnet studio: {address}  (Ctrl-C ends it; a training goes on)")
    if config.browser and _has_screen():
        threading.Timer(0.5, webbrowser.open, [address]).start()
    server.run(sockets=[listener])


def names_of(config: StudioConfig) -> frozenset[str]:
    """The values of Host under which the studio answers: this machine's own names, where it listens, and those given."""
    hosts = {"127.0.0.1", "localhost", "[::1]"}
    if config.host in WILDCARDS:
        hosts.add(socket.gethostname())
    else:
        hosts.add(f"[{config.host}]" if ":" in config.host else config.host)
    named = {name if ":" in name else f"{name}:{config.port}" for name in config.host_names}
    every = {f"{host}:{config.port}" for host in hosts} | named
    without_port = {name.rpartition(":")[0] for name in every if name.endswith((":80", ":443"))}
    return frozenset(name.lower() for name in every | without_port)


def _listen(config: StudioConfig) -> socket.socket:
    """A socket that listens, so that a port that is taken is known before anything is begun."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        listener.close()
        raise UserError(f"--port {config.port} on {config.host}: {error.strerror or error}; take another") from error
    return listener


def _shown(config: StudioConfig) -> str:
    if config.host in WILDCARDS:
        return socket.gethostname()
    return f"[{config.host}]" if ":" in config.host else config.host


def _has_screen() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
