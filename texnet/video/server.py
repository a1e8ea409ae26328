"""The page of a live session, for this machine alone: moving pictures (MJPEG), what is set, and how to set it.

It listens on 127.0.0.1 and answers only to the names of this machine, so that no page of another site reaches it by a name of
its own that leads here, and only takes what the page itself sends.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any

from texnet.errors import UserError
from texnet.video.live import LiveSession

ADDRESS = "127.0.0.1"
HTTP_PORT = 80
LARGEST_REQUEST = 4096  # bytes
BOUNDARY = "texnet-picture"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; connect-src 'self'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
KINDS: dict[str, tuple[type, ...]] = {"style": (int,), "noise_factor": (int, float), "recording": (bool,)}


def build_server(session: LiveSession, port: int) -> ThreadingHTTPServer:
    """A server of a session's page on 127.0.0.1; port 0 takes a free one. UserError where the port is taken."""
    try:
        server = ThreadingHTTPServer((ADDRESS, port), type("Handler", (_Handler,), {"session": session}))
    except OSError as error:
        raise UserError(f"--port {port}: {error.strerror}; take another") from error
    server.daemon_threads = True
    return server


def own_hosts(port: int) -> frozenset[str]:
    """The values of Host that are this machine's own; browsers leave out the port of http itself."""
    names = (ADDRESS, "localhost")
    return frozenset({f"{name}:{port}" for name in names} | ({*names} if port == HTTP_PORT else set()))


def parse_settings(body: bytes) -> dict[str, Any]:
    """What a page wants to set, out of JSON; UserError for anything else."""
    try:
        settings = json.loads(body)
    except ValueError as error:
        raise UserError("not JSON") from error
    if not isinstance(settings, dict) or not set(settings) <= set(KINDS):
        raise UserError(f"give an object with some of {', '.join(KINDS)}")
    for name, value in settings.items():
        if not isinstance(value, KINDS[name]) or (isinstance(value, bool) and bool not in KINDS[name]):
            raise UserError(f"{name}: of the wrong type")
    return settings


class _Handler(BaseHTTPRequestHandler):
    """Answers a request by the session."""

    session: LiveSession

    server_version, sys_version = "texnet", ""

    def do_GET(self) -> None:
        if not self._is_ours():
            return
        if self.path == "/":
            self._answer(200, "text/html; charset=utf-8", files("texnet.video").joinpath("live.html").read_bytes())
        elif self.path == "/state":
            self._answer(200, "application/json", json.dumps(asdict(self.session.state)).encode())
        elif self.path == "/pictures":
            with suppress(ConnectionError):
                self._stream()
        else:
            self._answer(404, "text/plain", b"nothing here")

    def do_POST(self) -> None:
        if not self._is_ours() or not self._comes_from_the_page():
            return
        length = self.headers.get("Content-Length", "")
        if self.path != "/state" or not length.isdecimal() or int(length) > LARGEST_REQUEST:
            return self._answer(400, "text/plain", b"a short JSON text for /state")
        try:
            self.session.set(**parse_settings(self.rfile.read(int(length))))
        except (UserError, OSError) as error:
            return self._answer(400, "text/plain; charset=utf-8", str(error).encode())
        self._answer(200, "application/json", json.dumps(asdict(self.session.state)).encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: only commands print."""

    def _is_ours(self) -> bool:
        port = self.server.server_port  # type: ignore[attr-defined]
        if self.headers.get("Host", "") in own_hosts(port):
            return True
        self._answer(403, "text/plain", b"this page is for this machine alone")
        return False

    def _comes_from_the_page(self) -> bool:
        is_json = self.headers.get("Content-Type", "").partition(";")[0].strip() == "application/json"
        if is_json and self.headers.get("Origin") in (None, f"http://{self.headers['Host']}"):
            return True
        self._answer(403, "text/plain", b"only the page itself may set anything")
        return False

    def _stream(self) -> None:
        self.send_response(200)
        self._send_headers(f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        number = 0
        while not self.session.is_over:
            number, jpeg = self.session.picture(number)
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg + b"\r\n")

    def _answer(self, code: int, kind: str, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self._send_headers(kind)
        self.wfile.write(body)

    def _send_headers(self, kind: str) -> None:
        self.send_header("Content-Type", kind)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
