"""Reports in the terminal: a progress bar with time left, speed and losses, or a line per log step."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

from texnet.monitoring.base import Monitor, Record

SHOWN_VALUES = ("loss", "content", "style", "luminance", "tv", "diversity", "steady")


class MessageMonitor(Monitor):
    """Writes messages to stderr and ignores the rest: for processes beside the main one."""

    def message(self, text: str) -> None:
        _write(text)


class ConsoleMonitor(Monitor):
    """Writes to stderr: a tqdm bar over the whole training, or with ``verbose`` a line per log step."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._bar: Any = None
        if not verbose:
            layout = "{desc} {percentage:3.0f}%|{bar}| {postfix}"
            self._bar = tqdm(total=1.0, desc="training", bar_format=layout, file=sys.stderr, dynamic_ncols=True)

    def record(self, record: Record) -> None:
        numbers = " ".join(f"{name} {record.values[name]:.3f}" for name in SHOWN_VALUES if name in record.values)
        left = _clock(record.remaining_seconds)
        speed = f"{record.values['images_per_second']:.1f} pictures/s"
        if self._bar is None:
            clock = _clock(record.seconds)
            print(f"step {record.step} epoch {record.epoch} {clock} left {left} {speed} {numbers}", file=sys.stderr)
            return
        whole = record.seconds + record.remaining_seconds
        self._bar.n = record.seconds / whole if 0 < whole < float("inf") else 0.0
        self._bar.set_postfix_str(f"step {record.step}, {_clock(record.seconds)}<{left}, {speed}, {numbers}")

    def message(self, text: str) -> None:
        _write(text)

    def progress(self, task: str, share: float) -> None:
        if self._bar is None:
            print(f"{task} {share:.0%}", file=sys.stderr)
            return
        self._bar.n = share
        self._bar.set_description_str(task, refresh=False)
        self._bar.set_postfix_str("")

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _write(text: str) -> None:
    tqdm.write(text, file=sys.stderr)  # above the bar


def _clock(seconds: float) -> str:
    return "?" if seconds == float("inf") else tqdm.format_interval(seconds)
