"""Whatever ends a training, or tries to, all is saved first."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.helpers import with_options
from tests.training.helpers import Diary, fit
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.errors import CollapsedError, NonFiniteError, UserError
from texnet.images import load_picture
from texnet.monitoring.base import Monitor, Record
from texnet.training import Callback, Trainer, saving

OUT_OF_MEMORY = [
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1"),
    RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
    MemoryError(),
]


class At(Callback):
    """Does something after a step."""

    def __init__(self, **actions: Callable[[], object]) -> None:
        self.actions = {int(step.removeprefix("step_")): action for step, action in actions.items()}

    def after_step(self, trainer: Trainer) -> None:
        self.actions.get(trainer.step_count, lambda: None)()


def fail(error: BaseException) -> Callable[[], object]:
    def action() -> None:
        raise error

    return action


def saved_step(folder: Path) -> int:
    return Checkpoint.load(folder / "latest.pt").training.steps


def logged_steps(folder: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("error", [*OUT_OF_MEMORY, RuntimeError("a fault of ours"), OSError("a disk that is gone")], ids=str)
def test_an_error_comes_after_the_last_step_is_saved(error: Exception, tiny_config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises((UserError, RuntimeError, OSError)):
        fit(tiny_config, tmp_path, callbacks=[At(step_3=fail(error))])
    assert saved_step(tmp_path) == 3
    assert logged_steps(tmp_path) == [1, 2, 3]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=str)
def test_memory_that_does_not_suffice_is_one_line_with_the_remedy(
    error: Exception, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"^out of memory at step 3, all is saved; go on with --resume .* --cache_fraction 0"):
        fit(tiny_config, tmp_path, callbacks=[At(step_3=fail(error))])


def test_a_monitor_that_fails_is_left_out_and_training_goes_on(tiny_config: TrainConfig, tmp_path: Path) -> None:
    class Broken(Diary):
        def record(self, record: Record) -> None:
            super().record(record)
            raise KeyError("its own fault")

    broken = Broken()
    assert fit(tiny_config, tmp_path, monitor=broken).done
    assert len(broken.records) == 1
    assert logged_steps(tmp_path) == list(range(1, 9))


def test_the_other_monitors_report_the_one_that_fails(tiny_config: TrainConfig, tmp_path: Path) -> None:
    class BrokenPipe(Monitor):
        def record(self, record: Record) -> None:
            raise BrokenPipeError(32, "Broken pipe")

    from texnet.monitoring import Monitors

    diary = Diary()
    monitors = Monitors([BrokenPipe(), diary])
    for step in (1, 2):
        monitors.record(Record(step, 0, 0.0, 0.0))
    assert [record.step for record in diary.records] == [1, 2]
    assert diary.messages == ["BrokenPipe stops, training goes on: BrokenPipeError: [Errno 32] Broken pipe"]


def limit_files(size: int) -> Callable[[], object]:
    """Files beyond so many bytes cannot be written from then on, as on a full disk."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size if size else hard, hard))


def test_a_full_disk_leaves_the_older_files_whole_and_training_goes_on(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary, sizes = Diary(), []

    def measure() -> None:
        sizes.append((saved_step(tmp_path), len(logged_steps(tmp_path)), len(list(tmp_path.iterdir()))))

    actions = At(step_2=limit_files(400), step_4=measure, step_5=limit_files(0))
    config = with_options(tiny_config, "run", checkpoint_every=1, preview_every=1)
    try:
        assert fit(config, tmp_path, monitor=diary, callbacks=[actions]).done
    finally:
        limit_files(0)()
    assert sizes == [(2, 2, len(list(tmp_path.iterdir())) - 2)]  # epoch-002.pt and style.pt are still to come
    assert logged_steps(tmp_path) == list(range(1, 9))
    complaints = [message for message in diary.messages if "File too large" in message]
    assert any(str(tmp_path / "latest.pt") in message for message in complaints)
    assert any(str(tmp_path / "metrics.jsonl") in message for message in complaints)
    assert all("training goes on" in message for message in complaints)
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_folder_that_is_deleted_is_made_again(tiny_config: TrainConfig, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert fit(tiny_config, folder, callbacks=[At(step_3=lambda: shutil.rmtree(folder))]).done
    assert {path.name for path in folder.iterdir()} >= {"latest.pt", "style.pt", "config.json", "texture.png"}
    assert logged_steps(folder) == list(range(4, 9))


def flatten(trainer: Trainer) -> None:
    """Make the network paint one gray."""
    for network in (trainer.generator, trainer.ema_generator):
        for parameter in network.body.parameters():
            parameter.detach().zero_()


class Flatten(Callback):
    """Makes the network paint one gray from a step on."""

    def __init__(self, first_step: int) -> None:
        self.first_step = first_step

    def after_step(self, trainer: Trainer) -> None:
        if trainer.step_count >= self.first_step:
            flatten(trainer)


@pytest.mark.slow
def test_results_that_become_flat_are_reported_and_the_last_good_state_is_kept(
    tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "FIRST_CHECK", 4)
    diary, config = Diary(), with_options(tiny_config, "run", checkpoint_every=1)
    complaint = (
        r"^step 5: the results have become flat, with less than a tenth of the style picture's contrast; a learning rate of "
        r"0\.004 may be too high, begin again with --learning_rate 0\.0004; last_good\.pt keeps step 4$"
    )
    with pytest.raises(CollapsedError, match=complaint):
        fit(config, tmp_path, monitor=diary, callbacks=[Flatten(4)])
    assert sum("have become flat" in message for message in diary.messages) == 1
    assert Checkpoint.load(tmp_path / "last_good.pt").training.steps == 4
    assert not (tmp_path / "style.pt").exists()
    assert saved_step(tmp_path) == 8


@pytest.mark.slow
def test_a_flat_style_asks_for_flat_results(tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "FIRST_CHECK", 4)
    gray = tmp_path / "gray.png"
    from texnet.images import save_image

    save_image(torch.full((3, 32, 32), 0.5), gray)
    assert fit(with_options(tiny_config, "loss", texture=str(gray)), tmp_path / "run").done
    assert load_picture(tmp_path / "run" / "texture.png").pixels.unique().tolist() == [128]


def test_a_rate_far_too_high_ends_with_the_remedy(tiny_config: TrainConfig, tmp_path: Path) -> None:
    config = with_options(tiny_config, "optim", learning_rate=1e30, warmup_steps=0, max_steps=200, epochs=0)
    with pytest.raises(
        NonFiniteError, match=r"is not finite; .*1e\+30 may be too high, begin again with --learning_rate 1e\+29$"
    ):
        fit(config, tmp_path)
    assert (tmp_path / "latest.pt").is_file()
