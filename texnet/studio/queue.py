"""The queue: one job at a time, each a process of its own that outlives the server, found again when the server is back.

A job holds a lock on its folder through a file that it inherits. So a new server knows what still runs, also after kill -9,
and no process number is ever taken for another's.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from texnet.files import read_tail, write_atomically
from texnet.studio.helper import environment
from texnet.studio.job_runner import EXIT, LOCK, LOG, PID
from texnet.studio.runs import is_locked
from texnet.studio.store import DONE, FAILED, PAUSED, RUNNING, STOPPED, WAITING, Job, Store

PERIOD = 0.25  # seconds between looks at the running job
STOPPED_CODES = {130, -signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP}
SECONDS_TO_KILL = 60.0  # a job that was told to stop, and has saved nothing by then, is ended
HELD = "paused"  # name of the kept value that starts no further job
TAIL = 4096  # bytes of a log that are looked at for the reason of a failure


class Queue:
    """Starts the jobs of a store one after the other, in folders below ``folder``; ``report`` gets what hinders it."""

    def __init__(self, store: Store, folder: Path, report: Callable[[str], object] = lambda problem: None) -> None:
        self._store = store
        self._folder = folder
        self._report = report
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stops: dict[str, float] = {}  # job -> when it was told to stop
        self._pauses: set[str] = set()  # jobs that were told to stop for a while
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue", daemon=True)

    @property
    def paused(self) -> bool:
        """Whether no further job is started."""
        return self._store.value(HELD) == "1"

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._store.keep(HELD, "1" if paused else "")

    def start(self) -> None:
        """Look after jobs until :meth:`close`, which leaves the running one alone."""
        self._thread.start()

    def close(self) -> None:
        """Start no further job."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def stop(self, job: Job, *, for_a_while: bool = False) -> None:
        """Take a waiting job out of the queue, or tell a running one to save and stop; ``for_a_while`` it is paused then."""
        if job.state == WAITING:
            self._store.change(job.id, state=STOPPED, ended=time.time(), message="taken out of the queue")
        elif job.state == RUNNING and self._is_alive(job):
            self._stops.setdefault(job.id, time.monotonic())
            if for_a_while:
                self._pauses.add(job.id)
            self._signal(job, signal.SIGTERM)

    def log_of(self, job: Job) -> Path:
        """Where a job's command prints to."""
        return self._folder / job.id / LOG

    def step(self) -> None:
        """Look after the running job once, and start the next one where none runs."""
        for job in self._store.in_state(RUNNING):
            child = self._children.get(job.id)
            if child is not None:
                child.poll()
            if not self._is_alive(job):
                self._finish(job)
            elif time.monotonic() - self._stops.get(job.id, time.monotonic()) > SECONDS_TO_KILL:
                self._signal(job, signal.SIGKILL)
        if not self.paused:
            following = self._store.claim_next()
            if following is not None:
                self._launch(following)

    def _run(self) -> None:
        problem = ""
        while not self._closing.wait(PERIOD):
            before, problem = problem, ""
            try:
                self.step()
            except (OSError, sqlite3.Error) as error:  # a full disk, a file that another program holds: the next look may pass
                problem = f"queue: {error}"
                if problem != before:
                    self._report(problem)

    def _launch(self, job: Job) -> None:
        try:
            self._children[job.id] = self._begin(job)
        except OSError as error:
            self._store.change(job.id, state=FAILED, ended=time.time(), message=str(error))

    def _begin(self, job: Job) -> subprocess.Popen[bytes]:
        """Start a job's process, with its lock, its log, and none of an earlier time's results."""
        place = self._folder / job.id
        place.mkdir(parents=True, exist_ok=True)
        for name in (EXIT, PID):
            (place / name).unlink(missing_ok=True)
        with (place / LOCK).open("ab") as lock, (place / LOG).open("ab") as log:
            fcntl.flock(lock, fcntl.LOCK_EX)
            log.write(f"$ texnet {' '.join(job.command)}\n".encode())
            log.flush()
            words = [sys.executable, "-m", "texnet", *job.command]
            attended = [sys.executable, "-m", "texnet.studio.job_runner", str(place), str(lock.fileno()), *words]
            return subprocess.Popen(
                attended,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**environment(), "PYTHONUNBUFFERED": "1"},
                pass_fds=(lock.fileno(),),
                start_new_session=True,
            )

    def _signal(self, job: Job, number: int) -> None:
        """Send a signal to all processes of a job that is alive."""
        with suppress(OSError, ValueError):
            os.killpg(int((self._folder / job.id / PID).read_text()), number)

    def _is_alive(self, job: Job) -> bool:
        """Whether somebody holds the lock of a job's folder: the job itself, as only it inherited that."""
        return is_locked(self._folder / job.id, LOCK)

    def _finish(self, job: Job) -> None:
        place = self._folder / job.id
        if job.id not in self._children and not (place / PID).exists():  # the server ended before the job began
            self._store.change(job.id, state=WAITING, started=None)
            return
        try:
            code = int((place / EXIT).read_text())
        except (OSError, ValueError):
            code = -signal.SIGKILL  # ended by force, by a power failure, or before it began
        was_stopped = code in STOPPED_CODES or (code != 0 and job.id in self._stops)
        message = "" if code in (0, 1) or was_stopped else _reason(self.log_of(job), code)
        ended = PAUSED if job.id in self._pauses else STOPPED
        state = ended if was_stopped else DONE if code in (0, 1) else FAILED
        self._store.change(job.id, state=state, ended=time.time(), exit_code=code, message=message)
        self._stops.pop(job.id, None)
        self._pauses.discard(job.id)
        child = self._children.pop(job.id, None)
        if child is not None:
            child.wait()


def claim(folder: Path) -> int:
    """A handle that holds a studio's folder for this server alone, and no child; BlockingIOError where another has it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    write_atomically(folder / "server.pid", str(os.getpid()).encode())
    return handle


def _reason(log: Path, code: int) -> str:
    """The last line that a command printed as its mistake, else the code."""
    with suppress(OSError):
        lines = read_tail(log, TAIL).decode("utf-8", "replace").replace("\r", "\n").splitlines()
        told = [line.removeprefix("texnet: ") for line in lines if line.startswith("texnet: ")]
        if told:
            return told[-1]
        if code > 0 and lines:
            return lines[-1].strip()
    return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
