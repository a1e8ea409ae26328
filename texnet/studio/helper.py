"""A process beside the server that has torch loaded: it reads pictures and paints, and takes no page down when it dies.

Requests are lines of JSON on its standard input; an answer is a line of JSON and as many bytes as that says. Lines about the
share that is done may come before it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import texnet
from texnet import errors
from texnet.errors import UserError

PATIENCE = 300.0  # seconds until a call is given up and the process is ended
FULL_SIZE = 3600.0  # of one that paints at full size
KINDS: dict[str, type[Exception]] = {
    **{kind.__name__: kind for kind in (errors.UserError, errors.UnreadablePictureError, errors.TooLargeError)},
    "FileNotFoundError": FileNotFoundError,
}


class Helper:
    """A helper process, started when it is needed and started again when it has died. Calls wait for each other.

    ``room`` names what it does, see :mod:`texnet.studio.helper_main`; its messages go into ``log``. A call that takes longer
    than ``patience``, in seconds, ends the process.
    """

    def __init__(self, room: str, log: Path, patience: float = PATIENCE) -> None:
        self._room = room
        self._log = log
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def call(self, name: str, tell: Callable[[float], object] = lambda share: None, **arguments: Any) -> tuple[Any, bytes]:
        """What a function of the helper's room gives: plain values and bytes. Its mistakes are raised here again.

        ``tell`` gets the share that is done, of functions that know it.
        """
        with self._lock:
            process = self._running()
            timer = threading.Timer(self._patience, process.kill)
            timer.start()
            try:
                answer, data = _ask(process, {"call": name, "arguments": arguments}, tell)
            except (OSError, ValueError) as error:
                _end(process)
                raise UserError(f"the process that handles pictures has ended; try again, see {self._log}") from error
            finally:
                timer.cancel()
        if "error" in answer:
            raise KINDS.get(answer["kind"], RuntimeError)(answer["error"])
        return answer["value"], data

    def warm(self) -> None:
        """Start the process and let it load torch, without waiting for it."""
        threading.Thread(target=self._warm, daemon=True).start()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            _end(self._process)

    def _warm(self) -> None:
        time.sleep(0.3)  # the page comes first
        self.call("ready")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "texnet.studio.helper_main", self._room],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env={
                        "OMP_WAIT_POLICY": "passive",
                        **environment(),
                    },  # threads that spin starve each other beside a training
                    start_new_session=True,  # Ctrl-C is the server's
                )
        return self._process


def environment() -> dict[str, str]:
    """The server's, in which processes find texnet also in a plain clone."""
    assert texnet.__file__
    places = [str(Path(texnet.__file__).parents[1]), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(places))}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not sent yet has nobody to go to
            if pipe is not None:
                pipe.close()


def _ask(
    process: subprocess.Popen[bytes], question: dict[str, Any], tell: Callable[[float], object]
) -> tuple[dict[str, Any], bytes]:
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(question).encode() + b"\n")
    process.stdin.flush()
    while "share" in (answer := json.loads(process.stdout.readline())):
        tell(answer["share"])
    data = process.stdout.read(answer["size"])
    if len(data) != answer["size"]:
        raise ValueError("cut short")
    return answer, data
