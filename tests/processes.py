"""The real scripts in processes of their own, for the tests that run or stop them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.helpers import REPOSITORY
from texnet.config import TrainConfig, to_dict


def environment() -> dict[str, str]:
    """Of this test, without the variables and weights of the person who runs it; one thread."""
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def script(name: str, *arguments: str, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a script of the repository to its end, in a folder of its own."""
    command = [sys.executable, str(REPOSITORY / "scripts" / f"{name}.py"), *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=150)
    assert not check or done.returncode == 0, done.stderr
    return done


def flags(config: TrainConfig, **changes: object) -> list[str]:
    """The command line that stands for a config."""
    words: list[str] = []
    parts = to_dict(config)
    values = {name: value for part in (*parts.values(), parts["run"].pop("device")) for name, value in part.items()}
    for name, value in {**values, **changes}.items():
        if isinstance(value, bool):
            if name == "progressive_crops":
                words.append(f"--{name}" if value else f"--no-{name}")
            elif value:
                words.append(f"--{name}")
        elif isinstance(value, list):
            words += [f"--{name}", *value] if value else []
        elif value not in ("", None):
            words += [f"--{name}", str(value)]
    return words


def losses(run: Path) -> dict[int, float]:
    return {line["step"]: line["loss"] for line in map(json.loads, (run / "metrics.jsonl").read_text().splitlines())}


def start(name: str, *arguments: str, cwd: Path, **streams: object) -> subprocess.Popen[bytes]:
    """Start a script of the repository, silent unless streams are given."""
    command = [sys.executable, str(REPOSITORY / "scripts" / f"{name}.py"), *arguments]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    settings = {**silent, **streams, "preexec_fn": _notice_signals}
    return subprocess.Popen(command, cwd=cwd, env=environment(), **settings)  # type: ignore[call-overload, no-any-return]


def _notice_signals() -> None:
    """Undo what the tests were started to ignore, as under nohup, which their children would inherit."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something holds; an AssertionError after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
