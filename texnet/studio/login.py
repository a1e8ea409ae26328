"""The password, where the studio is open to others: a form, a constant-time comparison, a cookie that no script can read."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import deque
from pathlib import Path
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from texnet.config import require
from texnet.studio.error_responses import Refusal
from texnet.studio.guard import App, Message, Receive, Send
from texnet.studio.uploads import read_body

COOKIE = "texnet_studio"
DAYS = 30  # that a browser stays logged in
SHORTEST_PASSWORD = 8  # letters
ATTEMPTS, WINDOW = 10, 60.0  # wrong passwords within so many seconds, from whomever; then nobody's are compared
OPEN = frozenset({"/login", "/static/css/base.css", "/static/css/login.css", "/static/icon.svg"})
LARGEST_FORM = 4096  # bytes


class Login:
    """Who may use the studio: everybody who reaches it where no password is set, else those who gave it."""

    def __init__(self, password: str = "") -> None:
        self._digest = _digest(password) if password else b""
        self._sessions: dict[str, float] = {}  # cookie -> when it ends
        self._failures: deque[float] = deque(maxlen=ATTEMPTS)

    def admits(self, cookie: str) -> bool:
        """Whether a cookie's value belongs to somebody who gave the password, or none is needed."""
        return not self._digest or self._sessions.get(cookie, 0.0) > time.time()

    def enter(self, password: str) -> str | None:
        """A new cookie's value for the right password, else None. Refusal after too many wrong ones."""
        now = time.monotonic()
        if len(self._failures) == ATTEMPTS and now - self._failures[0] < WINDOW:
            raise Refusal(429, "too many wrong passwords: wait a minute")
        if not secrets.compare_digest(_digest(password), self._digest):
            self._failures.append(now)
            return None
        cookie = secrets.token_urlsafe(32)
        self._sessions[cookie] = time.time() + DAYS * 86400
        return cookie

    def leave(self, cookie: str) -> None:
        """Forget a cookie."""
        self._sessions.pop(cookie, None)

    async def answer(self, request: Request) -> Response:
        """The form's answer: to the page with a cookie, or back to the form."""
        body = await read_body(request, LARGEST_FORM)
        given = parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]
        cookie = await run_in_threadpool(self.enter, given)
        if cookie is None:
            return RedirectResponse("/login#wrong", status_code=303)
        response = RedirectResponse("/", status_code=303)
        is_https = request.headers.get("origin", "").startswith("https:")
        response.set_cookie(COOKIE, cookie, max_age=DAYS * 86400, httponly=True, samesite="strict", secure=is_https)
        return response


class LoginWall:
    """An ASGI application around another: only those whom the login admits get through, others to its form."""

    def __init__(self, app: App, *, login: Login) -> None:
        self.app = app
        self.login = login

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN or self.login.admits(Request(scope).cookies.get(COOKIE, "")):
            await self.app(scope, receive, send)
            return
        is_page = scope["path"] == "/" and scope["method"] == "GET"
        refused = JSONResponse({"error": "log in first"}, 401)
        await (RedirectResponse("/login", 303) if is_page else refused)(scope, receive, send)


def read_password(path: str) -> str:
    """The first line of a file. UserError where it is too short, OSError where there is no such file."""
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    password = lines[0] if lines else ""
    short = f"--password_file {path}: its first line is the password, and needs {SHORTEST_PASSWORD} letters or more"
    require(len(password) >= SHORTEST_PASSWORD, short)
    return password


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode("utf-8", "surrogateescape")).digest()
