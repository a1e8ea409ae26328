"""Standard output and error that outlast their readers: a closed pipe, terminal or full disk never ends a command."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class LastingStream:
    """A text stream that goes silent where writing fails, for the rest of the process; else the stream itself.

    None, as Python has it for a stream that was closed before its start, is silent from the start.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream or io.StringIO()

    def write(self, text: str) -> int:
        """Write, or do nothing once nobody reads."""
        try:
            self._stream.write(text)
        except (OSError, ValueError):  # ValueError: closed
            self._silence()
        return len(text)

    def flush(self) -> None:
        """Flush, or do nothing once nobody reads."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._silence()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _silence(self) -> None:
        """Send what is still buffered, and all that follows, nowhere: Python flushes once more at its end."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def lasting_streams() -> Iterator[None]:
    """For the length of a block, stdout and stderr last, and escape what their encoding lacks, as in names of files."""
    before = sys.stdout, sys.stderr
    for stream in before:
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # of files and terminals
    sys.stdout, sys.stderr = LastingStream(before[0]), LastingStream(before[1])  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
