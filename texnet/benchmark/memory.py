"""Peak memory of stylizing one picture, in a process of its own, which nothing else has filled."""

from __future__ import annotations

import resource
import signal
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from texnet.benchmark.adapters import build_network
from texnet.benchmark.setup import BenchmarkSetup, random_pictures
from texnet.devices import check_memory
from texnet.errors import TooLargeError

WARM_UP_SIZE = 64  # pixels: what the libraries need for themselves is there before the picture


def peak_bytes(network: str, setup: BenchmarkSetup, height: int, width: int) -> int | None:
    """Bytes that painting a picture needs above the idle process, the picture included; None where it does not fit.

    Of the card's memory on CUDA, else of the machine's.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_peak, args=(sender, network, setup, height, width), daemon=True)
    process.start()
    sender.close()
    try:
        peak: int | None = receiver.recv()
    except EOFError:
        peak = None
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):  # SIGKILL: the system ran out of memory
        raise RuntimeError(f"measuring the memory of {network} at {width}x{height} ended with code {process.exitcode}")
    return peak


def _send_peak(sender: Connection, network: str, setup: BenchmarkSetup, height: int, width: int) -> None:
    try:
        sender.send(_measure_peak(network, setup, height, width))
    except (TooLargeError, torch.OutOfMemoryError):
        sender.send(None)


def _measure_peak(network: str, setup: BenchmarkSetup, height: int, width: int) -> int:
    built = build_network(network, setup)
    check_memory((height, width), built.bytes_per_pixel, setup.device, "--sizes")
    built.paint(random_pictures(1, WARM_UP_SIZE, WARM_UP_SIZE))
    before = _peak_so_far(setup.device)
    built.paint(random_pictures(1, height, width))
    return _peak_so_far(setup.device) - before


def _peak_so_far(device: torch.device) -> int:
    card: Any = getattr(torch, device.type, None)
    if hasattr(card, "max_memory_allocated"):
        return card.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.exists():  # Linux' ru_maxrss begins at the peak of the process that started this one
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
