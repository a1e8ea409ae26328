"""Training from the terminal: device, processes, signals; used by train, demo and sweep."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texnet.cli.allocator import tune_malloc
from texnet.config import TrainConfig
from texnet.errors import NonFiniteError, UserError

if TYPE_CHECKING:
    from texnet.checkpoint import Checkpoint
    from texnet.training import FitResult

WHAT_NEXT = {
    "stylize": "stylize with: texnet stylize --ckpt {ckpt} photo.jpg",
    "synthesize": "synthesize with: texnet synthesize --ckpt {ckpt} --size 2048x1024",
}
STOPPED = 130  # the shell's code for a command ended by Ctrl-C


def run_training(config: TrainConfig, folder: Path | None, checkpoint: Checkpoint | None) -> int:
    """Train as the config says, a new run or one continued from its checkpoint; the exit code."""
    tune_malloc()
    from texnet.devices import choose_device
    from texnet.monitoring import build_console
    from texnet.training.distributed import MainProcessError, process_group, read_context
    from texnet.training.fit import fit
    from texnet.training.run_dir import new_folder

    context = read_context()
    device = choose_device(config.run.device.name)
    if device.type == "cuda" and context.world_size > 1:
        device = choose_device(f"cuda:{context.local_rank}")
    if context.world_size > 1 and device.type not in ("cuda", "cpu"):
        raise UserError(f"torchrun: several processes train on cuda or cpu, not on {device.type}; give --device cpu")
    folder = folder or new_folder(Path(config.run.checkpoint_dir), config.run.run_name, config.loss.texture)
    with process_group(context, device), stop_on_signals() as stop:
        try:
            result = fit(
                config,
                folder,
                device=device,
                monitor=build_console(config.run, context.is_main),
                context=context,
                stop_requested=stop.is_set,
                resume_from=checkpoint,
            )
        except (MainProcessError, NonFiniteError):
            if context.is_main:
                raise
            return 2  # the main process reports the same
    if context.is_main:
        _report(result, folder, "synthesize" if config.generator.no_content else "stylize")
    return 0 if result.done else STOPPED


def _report(result: FitResult, folder: Path, use: str) -> None:
    if result.unreadable:
        print(f"{len(result.unreadable)} pictures could not be read, named above", file=sys.stderr)
    if result.done:
        print(f"{result.steps} steps; {WHAT_NEXT[use].format(ckpt=folder / 'style.pt')}")
    else:
        print(f"stopped at step {result.steps}, saved; continue with: texnet train --resume {folder}")


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM request a stop after the current step; a second one ends the process at once."""
    stop = threading.Event()

    def request(number: int, frame: Any) -> None:
        stop.set()
        signal.signal(number, before[number])

    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, request)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
