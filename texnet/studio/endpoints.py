"""Endpoints from plain functions: what they give becomes JSON, and they run in threads, where waiting holds nobody up."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from texnet.studio.error_responses import Json, Refusal
from texnet.studio.uploads import read_body

LARGEST_MESSAGE = 2**20  # bytes of JSON
HOUR = "private, max-age=3600"

Endpoint = Callable[[Request], Awaitable[Response]]


def get(path: str, function: Callable[[Request], Any]) -> Route:
    """A route that reads: the function takes the request, and gives a response or plain values."""

    async def answer(request: Request) -> Response:
        return _response(await run_in_threadpool(function, request))

    return Route(path, answer, methods=["GET"])


def post(path: str, function: Callable[[Request, dict[str, Any]], Any], methods: tuple[str, ...] = ("POST",)) -> Route:
    """A route that changes something: the function also takes the object that the page sent as JSON."""

    async def answer(request: Request) -> Response:
        body = await read_body(request, LARGEST_MESSAGE)
        return _response(await run_in_threadpool(function, request, _parse(body)))

    return Route(path, answer, methods=list(methods))


def file_answer(path: Path, media_type: str, *, name: str = "", cache: str = "no-store") -> Response:
    """A file's bytes; with a ``name`` the browser saves it under that. FileNotFoundError where it is not there."""
    if not path.is_file():
        raise FileNotFoundError(f"{path.name}: not there")
    named = {"content-disposition": attachment(name)} if name else {}
    return FileResponse(path, media_type=media_type, headers={"cache-control": cache, **named})


def attachment(name: str) -> str:
    """The value of Content-Disposition with which a browser saves an answer under a name, of any letters (RFC 6266)."""
    plain = re.sub(r'[^ -~]|["\\]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=utf-8''{quote(name, safe='', errors='replace')}"


def text_of(data: dict[str, Any], name: str, default: str | None = None) -> str:
    """A text in what the page sent; Refusal 400 where it is missing or no text."""
    value = data.get(name, default)
    if not isinstance(value, str):
        raise Refusal(400, f"{name} is missing")
    return value


def number_of(words: Any, name: str, low: float, high: float) -> float:
    """A number within a range; Refusal 400 for anything else."""
    try:
        value = float(words)
    except (TypeError, ValueError):
        raise Refusal(400, f"{name} is not a number") from None
    if not low <= value <= high:
        raise Refusal(400, f"{name} must be between {low:g} and {high:g}")
    return value


def _parse(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refusal(400, "not JSON") from None
    if not isinstance(data, dict):
        raise Refusal(400, "not a JSON object")
    return data


def _response(value: Any) -> Response:
    return value if isinstance(value, Response) else Json(value)
