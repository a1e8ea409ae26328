"""A training from the terminal: device, processes, signals; used by train, demo and sweep."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from texnet.cli.runtime import keep_memory
from texnet.config import TrainConfig

WHAT_NEXT = {
    "stylize": "stylise with: texnet stylize --ckpt {ckpt} photo.jpg",
    "synthesize": "synthesise with: texnet synthesize --ckpt {ckpt} --size 2048x1024",
}
STOPPED = 130  # the shell's code for a command ended by Ctrl-C


def run_training(config: TrainConfig, folder: Path | None, content: dict[str, Any] | None) -> int:
    """Train as the config says, a new run or one continued from a checkpoint's content; the exit code."""
    keep_memory()
    from texnet.devices import choose_device
    from texnet.training.distributed import current_process, process_group
    from texnet.training.run import new_folder
    from texnet.training.watched import fit_watched

    process = current_process()
    device = choose_device(config.run.device, cuda=config.run.cuda)
    if device.type == "cuda" and process.world_size > 1:
        device = choose_device(f"cuda:{process.local_rank}")
    if process.world_size > 1 and device.type not in ("cuda", "cpu"):
        raise ValueError(f"torchrun: several processes train on cuda or cpu, not on {device.type}; give --device cpu")
    folder = folder or new_folder(Path(config.run.checkpoint_dir), config.run.run_name, config.loss.texture)
    with process_group(process, device), stop_on_signals() as stop:
        training, done = fit_watched(
            config, folder, device=device, stop_requested=stop.is_set, process=process, resume_from=content
        )
    if process.is_main:
        _report(folder, training.photos.unreadable, done, training.trainer.step_count, config)
    return 0 if done else STOPPED


def _report(folder: Path, unreadable: dict[Path, str], done: bool, steps: int, config: TrainConfig) -> None:
    generator = config.generator
    how = f" --noise_factor {generator.only_factor:g}" if generator.only_factor else ""
    use = "synthesize" if generator.no_content else "stylize"
    if unreadable:
        print(f"{len(unreadable)} pictures could not be used, named above", file=sys.stderr)
    if done:
        print(f"{steps} steps; {WHAT_NEXT[use].format(ckpt=folder / 'style.pt')}{how}")
    else:
        print(f"stopped at step {steps}, saved; go on with: texnet train --resume {folder}")


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM ask for a stop after the current step; a second one ends at once."""
    stop = threading.Event()

    def ask(number: int, frame: Any) -> None:
        stop.set()
        signal.signal(number, before[number])

    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
