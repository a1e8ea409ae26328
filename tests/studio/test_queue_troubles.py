"""The queue in trouble: files that cannot be used, commands that do not begin, runs of other hands."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.monitoring.helpers import TrainedRun
from tests.studio.helpers import wait_for
from texnet.config import StudioConfig
from texnet.studio.login import Login
from texnet.studio.queue import Queue
from texnet.studio.store import DONE, FAILED, STOPPED, Job, Store
from texnet.studio.studio import Studio


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "own" / "studio.sqlite")


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def queue(store: Store, tmp_path: Path, problems: list[str]) -> Iterator[Queue]:
    queue = Queue(store, tmp_path / "jobs", problems.append)
    queue.start()
    yield queue
    queue.close()


def add(store: Store, tmp_path: Path) -> Job:
    """A job whose command ends at once."""
    return store.add("stylize", "help", ["--help"], {}, str(tmp_path / "results"))


@pytest.mark.slow
def test_a_file_that_cannot_be_used_for_a_while_ends_no_queue(
    store: Store, queue: Queue, tmp_path: Path, problems: list[str]
) -> None:
    file, aside = tmp_path / "own" / "studio.sqlite", tmp_path / "own" / "aside"
    file.rename(aside)
    file.mkdir()
    wait_for(lambda: bool(problems), "it is reported")
    time.sleep(1)  # several looks later
    file.rmdir()
    aside.rename(file)
    job = add(store, tmp_path)
    wait_for(lambda: store.job(job.id).state == DONE, "the queue goes on")
    assert len(problems) == 1
    assert problems[0].startswith("queue: ")


@pytest.mark.slow
def test_a_job_whose_folder_cannot_be_made_fails_and_the_next_one_runs(store: Store, queue: Queue, tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("no folder")
    job = add(store, tmp_path)
    wait_for(lambda: store.job(job.id).state == FAILED, "it fails")
    assert "jobs" in store.job(job.id).message
    (tmp_path / "jobs").unlink()
    following = add(store, tmp_path)
    wait_for(lambda: store.job(following.id).state == DONE, "the next one runs")


def test_a_command_that_does_not_begin_is_not_started_again_and_again(
    store: Store, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    job = add(store, tmp_path)
    wait_for(lambda: store.job(job.id).state == FAILED, "it fails")
    assert store.job(job.id).message


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """A studio that is not served, beside a run that a command has begun."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checkpoints" / "mosaic").mkdir(parents=True)
    TrainedRun(tmp_path / "checkpoints" / "mosaic").log(1, 10)
    return Studio(StudioConfig(), Login())


def test_a_run_is_recorded_once_however_many_pages_ask(studio: Studio) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = [future.result() for future in [pool.submit(studio.jobs) for _ in range(8)]]
    assert {tuple(job.title for job in jobs) for jobs in found} == {("mosaic",)}


def test_a_run_that_a_command_finishes_is_done_and_one_that_it_extends_is_not(studio: Studio) -> None:
    (job,) = studio.jobs()
    folder = Path(job.folder)
    assert (job.state, studio.state_of(job)) == (STOPPED, STOPPED)
    for name, seconds in (("latest.pt", 1000), ("style.pt", 1001)):
        (folder / name).touch()
        os.utime(folder / name, (seconds, seconds))
    assert studio.state_of(job) == DONE
    os.utime(folder / "latest.pt", (1002, 1002))
    assert studio.state_of(job) == STOPPED


def test_a_run_whose_name_is_no_text_hides_no_others(studio: Studio) -> None:
    odd = os.fsencode(studio.places.runs) + b"/caf\xe9"
    Path(os.fsdecode(odd)).mkdir()
    TrainedRun(Path(os.fsdecode(odd))).log(1, 10)
    assert [job.title for job in studio.jobs()] == ["mosaic"]
