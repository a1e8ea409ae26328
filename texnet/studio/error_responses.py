"""Errors as answers: a user's mistake becomes one line with the fitting status, as a command would print it."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from texnet.errors import TooLargeError, UnreadablePictureError, UserError


class Json(JSONResponse):
    """JSON in plain letters: names of files that are no text, as Python reads them, have no bytes in UTF-8."""

    def render(self, content: Any) -> bytes:
        """The bytes of plain values."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


class Refusal(UserError):
    """A request that is refused, with the HTTP status that says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def status_of(error: Exception) -> int:
    """The HTTP status that an error stands for."""
    if isinstance(error, Refusal | HTTPException):
        return error.status if isinstance(error, Refusal) else error.status_code
    kinds: tuple[tuple[type[Exception], int], ...] = (
        (TooLargeError, 413),
        (UnreadablePictureError, 415),
        (UserError, 422),
        (FileNotFoundError, 404),
        (PermissionError, 403),
        (OSError, 422),
    )
    return next((status for kind, status in kinds if isinstance(error, kind)), 500)


async def as_answer(request: Request, error: Exception) -> Response:
    """The answer of an error: ``{"error": one line}``."""
    words = error.detail if isinstance(error, HTTPException) else str(error)
    return Json({"error": " ".join(words.split()) or type(error).__name__}, status_of(error))


HANDLERS = {UserError: as_answer, OSError: as_answer, HTTPException: as_answer}
