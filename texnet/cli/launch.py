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
from texnet.errors import DivergedError, UserError

if TYPE_CHECKING:
    from texnet.checkpoint import Checkpoint
    from texnet.training import FitResult

WHAT_NEXT = {
    "stylize": "stylize with: texnet stylize --ckpt {ckpt} photo.jpg",
    "synthesize": "synthesize with: texnet synthesize --ckpt {ckpt} --size 2048x1024",
}
STOPPED = 130  # the shell's code for a command ended by Ctrl-C


def run_training(config: TrainConfig, folder: Path | None, checkpoint: Checkpoint | None) -> int:
    """Train as the config says, a new run or one continued from its checkpoint; the exit code.

    That is 0, 1 where pictures could not be read, and 130 for a training that was stopped, with everything saved.
    """
    tune_malloc()
    from texnet.devices import choose_device
    from texnet.monitoring import build_console
    from texnet.training.distributed import MainProcessError, choose_card, process_group, read_context
    from texnet.training.fit import fit
    from texnet.training.run_folder import new_folder, release_if_empty

    context, device = choose_card(read_context(), choose_device(config.run.device.name))
    if context.world_size > 1 and device.type not in ("cuda", "cpu"):
        raise UserError(f"torchrun: several processes train on cuda or cpu, not on {device.type}; give --device cpu")
    if folder is None and context.is_main:
        folder = new_folder(Path(config.run.checkpoint_dir), config.run.run_name, config.loss.texture)
    folder = folder or Path(config.run.checkpoint_dir)  # of the other processes, which write nothing
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
        except (MainProcessError, DivergedError):
            if context.is_main:
                raise
            return 2  # the main process reports the same
        finally:
            if context.is_main:
                release_if_empty(folder)
    if context.is_main:
        _report(result, folder, "synthesize" if config.generator.no_content else "stylize")
    return STOPPED if not result.done else 1 if result.unreadable else 0


def _report(result: FitResult, folder: Path, use: str) -> None:
    if result.unreadable:
        print(f"{len(result.unreadable)} pictures could not be read, named above", file=sys.stderr)
    if result.done:
        print(f"{result.steps} steps; {WHAT_NEXT[use].format(ckpt=folder / 'style.pt')}")
    else:
        print(f"stopped at step {result.steps}, saved; continue with: texnet train --resume {folder}")


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Ctrl-C, SIGTERM and SIGHUP request a stop after the current step; a second one ends the process at once.

    What the process was started to ignore, as by nohup, stays ignored.
    """
    stop = threading.Event()

    def request(number: int, frame: Any) -> None:
        stop.set()
        signal.signal(number, before[number])

    handlers: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    before = {number: handler for number, handler in handlers.items() if handler != signal.SIG_IGN}
    for number in before:
        signal.signal(number, request)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
