"""The process behind :class:`texnet.studio.helper.Helper`: ``python -m texnet.studio.helper_main pictures`` or ``paint``."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, BinaryIO

from texnet.errors import UserError

TELLING = {"full"}  # functions that get ``tell``, for the share that is done
ROOMS = {"pictures": ("pictures",), "paint": ("paint", "camera")}  # the modules whose functions each has


def main(room: str) -> None:
    """Answer until the server is gone: its end of the pipe closes then, however it ended."""
    warnings.filterwarnings("ignore", module=r"PIL\.")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints goes into the log
    functions: dict[str, Callable[..., Any]] = {}
    for name in ROOMS[room]:
        functions |= import_module(f"texnet.studio.{name}").FUNCTIONS
    for line in sys.stdin.buffer:
        question = json.loads(line)
        if question["call"] in TELLING:
            question["arguments"]["tell"] = lambda share: _write(answers, {"share": share})
        try:
            _reply(answers, *_attempt(functions, question))
        except BrokenPipeError:
            return


def _attempt(functions: Mapping[str, Callable[..., Any]], question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        value, data = functions[question["call"]](**question["arguments"])
        return {"value": value}, data
    except (UserError, OSError) as error:
        return {"error": str(error), "kind": type(error).__name__}, b""
    except Exception as error:
        from texnet.devices import is_out_of_memory

        if is_out_of_memory(error):
            return {"error": "the memory does not suffice for this picture", "kind": "TooLargeError"}, b""
        print(f"{question['call']}: {error!r}", file=sys.stderr, flush=True)
        return {"error": f"{type(error).__name__}: {error}", "kind": "RuntimeError"}, b""


def _reply(answers: BinaryIO, answer: dict[str, Any], data: bytes) -> None:
    _write(answers, {**answer, "size": len(data)}, data)


def _write(answers: BinaryIO, line: dict[str, Any], data: bytes = b"") -> None:
    answers.write(json.dumps(line).encode() + b"\n" + data)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
