"""Launch a training from the terminal: device, processes, signals; used by train, demo and sweep."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from texnet.cli.allocator import tune_malloc
from texnet.config import TrainConfig
from texnet.errors import UserError

WHAT_NEXT = {
    "stylize": "stylize with: texnet stylize --ckpt {ckpt} photo.jpg",
    "synthesize": "synthesize with: texnet synthesize --ckpt {ckpt} --size 2048x1024",
}
STOPPED = 130  # the shell's code for a command ended by Ctrl-C


def run_training(config: TrainConfig, folder: Path | None, content: dict[str, Any] | None) -> int:
    """Train as the config says, a new run or one continued from a checkpoint's content; the exit code."""
    tune_malloc()
    from texnet.devices import choose_device
    from texnet.training.distributed import process_group, read_context
    from texnet.training.fit import fit_watched
    from texnet.training.run_dir import new_folder

    context = read_context()
    device = choose_device(config.run.device.name)
    if device.type == "cuda" and context.world_size > 1:
        device = choose_device(f"cuda:{context.local_rank}")
    if context.world_size > 1 and device.type not in ("cuda", "cpu"):
        raise UserError(f"torchrun: several processes train on cuda or cpu, not on {device.type}; give --device cpu")
    folder = folder or new_folder(Path(config.run.checkpoint_dir), config.run.run_name, config.loss.texture)
    with process_group(context, device), stop_on_signals() as stop:
        training, done = fit_watched(
            config, folder, device=device, stop_requested=stop.is_set, context=context, resume_from=content
        )
    if context.is_main:
        _report(folder, training.photos.unreadable, done, training.trainer.step_count, config)
    return 0 if done else STOPPED


def _report(folder: Path, unreadable: dict[Path, str], done: bool, steps: int, config: TrainConfig) -> None:
    generator = config.generator
    how = f" --noise_factor {generator.fixed_noise_factor:g}" if generator.fixed_noise_factor else ""
    use = "synthesize" if generator.no_content else "stylize"
    if unreadable:
        print(f"{len(unreadable)} pictures could not be read, named above", file=sys.stderr)
    if done:
        print(f"{steps} steps; {WHAT_NEXT[use].format(ckpt=folder / 'style.pt')}{how}")
    else:
        print(f"stopped at step {steps}, saved; continue with: texnet train --resume {folder}")


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
