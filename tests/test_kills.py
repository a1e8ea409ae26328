"""Commands that are killed at random moments: what was saved stays whole, and what is left to do is done exactly."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.cli.helpers import NOT_SWEPT
from tests.processes import flags, losses, script, start, wait_for
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.images import load_picture

KILLS = int(os.environ.get("TEXNET_TEST_KILLS", "4"))  # of training and of stylizing each; a sweep takes half

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180 + 30 * KILLS)]

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE)  # the last stands for a reader that is gone
STEPS_PER_KILL = 6


def stop(command: subprocess.Popen[bytes], number: signal.Signals) -> int:
    """End a process as a signal does, or by closing the pipe that its log goes into; its exit code."""
    if number == signal.SIGPIPE:
        assert command.stderr is not None
        command.stderr.close()
        time.sleep(0.1)
        command.send_signal(signal.SIGTERM)
    else:
        command.send_signal(number)
    return command.wait(60)


def interrupt(name: str, words: list[str], cwd: Path, random: Random, written: Callable[[], object]) -> int:
    """Start a script and stop it in a random way, at a random moment after it has written something; its exit code."""
    number = random.choice(SIGNALS)
    before = written()
    stderr = subprocess.PIPE if number == signal.SIGPIPE else subprocess.DEVNULL
    with start(name, *words, cwd=cwd, stderr=stderr) as command:
        try:
            wait_for(lambda: written() != before or command.poll() is not None)
            time.sleep(random.uniform(0, 0.3))
            code = stop(command, number)
        finally:
            command.kill()
    assert code in (0, 130, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP), (name, number, code)
    return code


def newest_change(folder: Path) -> int:
    """When something in a folder was written last, while a command writes there and renames its temporary files."""
    newest = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.name != ".lock":
                newest = max(newest, path.stat().st_mtime_ns)
    return newest


def test_a_training_resumes_to_the_losses_of_an_uninterrupted_one(tiny_config: TrainConfig, tmp_path: Path) -> None:
    steps = STEPS_PER_KILL * (KILLS + 1)
    runs = Path(tiny_config.run.checkpoint_dir)
    script("train", *flags(tiny_config, epochs=0, max_steps=steps, run_name="whole"), cwd=tmp_path)
    run, random = runs / "killed", Random(0)
    first = flags(tiny_config, epochs=0, max_steps=steps, run_name="killed", checkpoint_every=1)
    for _ in range(KILLS):
        if not (run / "latest.pt").exists():
            shutil.rmtree(run, ignore_errors=True)
        saved = Checkpoint.load(run / "latest.pt").training.steps if run.exists() else 0
        words = ["--resume", str(run)] if run.exists() else first
        interrupt("train", words, tmp_path, random, lambda: newest_change(run))
        if saved:
            assert Checkpoint.load(run / "latest.pt").training.steps >= saved
    script("train", *(["--resume", str(run)] if (run / "latest.pt").exists() else first), cwd=tmp_path)
    assert losses(run) == losses(runs / "whole")


def test_a_folder_of_pictures_is_stylized_to_the_same_files(
    tiny_config: TrainConfig, photo_folder: Path, tmp_path: Path
) -> None:
    script("train", *flags(tiny_config, epochs=0, max_steps=1, run_name="net"), cwd=tmp_path)
    photos = tmp_path / "photos"
    for copy in range(8):
        shutil.copytree(photo_folder, photos / str(copy))
    words = [str(photos), "--ckpt", str(Path(tiny_config.run.checkpoint_dir, "net", "style.pt")), "--device", "cpu", "--output"]
    script("stylize", *words, "whole", cwd=tmp_path)
    random, results = Random(1), tmp_path / "results"
    for _ in range(KILLS):
        interrupt("stylize", [*words, "results", "--overwrite"], tmp_path, random, lambda: newest_change(results))
        for path in results.rglob("*.png"):
            if not path.name.startswith("."):
                load_picture(path)  # UnreadablePictureError where it is not whole
    script("stylize", *words, "results", "--overwrite", cwd=tmp_path)
    whole = {path.relative_to(tmp_path / "whole"): path.read_bytes() for path in (tmp_path / "whole").rglob("*.png")}
    assert len(whole) == 64
    assert all((results / name).read_bytes() == content for name, content in whole.items())


def test_a_sweep_goes_on_to_the_table_of_an_uninterrupted_one(tiny_config: TrainConfig, tmp_path: Path) -> None:
    words = flags(tiny_config, epochs=0, max_steps=8, checkpoint_every=1, style_weight=["1", "5", "20"], **NOT_SWEPT)
    script("sweep", *words, "--sweep_dir", "whole", cwd=tmp_path)
    random, folder = Random(2), tmp_path / "killed"
    for _ in range((KILLS + 1) // 2):
        interrupt("sweep", [*words, "--sweep_dir", "killed"], tmp_path, random, lambda: newest_change(folder))
    script("sweep", *words, "--sweep_dir", "killed", cwd=tmp_path)
    runs = {path.parent.name: losses(path.parent) for path in (tmp_path / "whole").glob("*/metrics.jsonl")}
    assert len(runs) == 3
    assert {path.parent.name: losses(path.parent) for path in folder.glob("*/metrics.jsonl")} == runs
