"""Which requests the studio answers: its own page's, under its own name. Everything else is refused with a reason.

A server on loopback is reached by every page that its user visits. Against DNS rebinding the Host must be one of the studio's
own names; against forged requests Origin and Sec-Fetch-Site must be its own, and whatever changes something carries a header
that no foreign page can set, with a secret that no foreign page can read.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

TOKEN_HEADER = "x-texnet-studio"
READING, CHANGING = frozenset({"GET", "HEAD"}), frozenset({"POST", "DELETE"})
WITHOUT_TOKEN = frozenset({"/login"})  # a plain form, which carries the password instead
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
UNUSED = ("accelerometer", "display-capture", "geolocation", "gyroscope", "hid", "microphone", "midi", "payment")
PERMISSIONS = ", ".join(["camera=(self)", *(f"{name}=()" for name in (*UNUSED, "serial", "usb"))])
HEADERS = {
    "content-security-policy": POLICY,
    "permissions-policy": PERMISSIONS,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer a form would send Origin: null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Guard:
    """An ASGI application around another: refuses foreign requests, and adds the headers that restrict the page.

    ``names`` are the values of Host that are the studio's own, in lower case; ``token`` is the secret of every change.
    """

    def __init__(self, app: App, *, names: frozenset[str], token: str) -> None:
        self.app = app
        self.names = names
        self.token = token.encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = (403, "no web sockets here") if scope["type"] != "http" else self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await _answer(*refusal, _with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Message) -> tuple[int, str] | None:
        """Status and reason where a request is not the studio's own."""
        given: dict[str, list[bytes]] = {}
        for name, value in scope["headers"]:
            given.setdefault(name.decode("latin-1").lower(), []).append(value)
        method, hosts = scope["method"], given.get("host", [])
        if len(hosts) != 1:
            return 400, "give one Host"
        host = hosts[0].decode("latin-1").lower()
        if host not in self.names:
            return 421, "not a name of this studio; name it with --host_names if it is"
        if method not in READING | CHANGING:
            return 405, "this method does nothing here"
        if _is_odd(scope):
            return 400, "not a path"
        origins = [origin.decode("latin-1").lower() for origin in given.get("origin", [])]
        if any(origin not in (f"http://{host}", f"https://{host}") for origin in origins):
            return 403, "the request comes from another page"
        sites = [site.decode("latin-1") for site in given.get("sec-fetch-site", [])]
        if any(site not in ("same-origin", "none") for site in sites):
            return 403, "the request comes from another site"
        if method in READING:
            return None
        if len(origins) != 1:
            return 403, "a change names its Origin"
        tokens = given.get(TOKEN_HEADER, [])
        is_known = len(tokens) == 1 and secrets.compare_digest(tokens[0], self.token)
        return None if is_known or scope["path"] in WITHOUT_TOKEN else (403, "the token is missing or old: reload the page")


def _is_odd(scope: Message) -> bool:
    """Whether a path climbs, or has letters that no page of the studio sends in it, encoded or not."""
    path = scope["path"]
    return ".." in path.split("/") or "\\" in path or not path.isprintable()


def _with_headers(send: Send) -> Send:
    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            known = {name.lower() for name, _ in headers}
            extra = {**HEADERS, "cache-control": "no-store"}
            headers += [(name.encode(), value.encode()) for name, value in extra.items() if name.encode() not in known]
            message = {**message, "headers": headers}
        await send(message)

    return send_guarded


async def _answer(status: int, reason: str, send: Send) -> None:
    body = json.dumps({"error": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
