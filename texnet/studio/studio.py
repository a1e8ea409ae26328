"""What the parts of the studio share: settings, folders, queue, helpers. It outlives no server, but all it knows is on disk."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import texnet
from texnet.config import StudioConfig
from texnet.files import numbered
from texnet.shipped import shipped_styles
from texnet.studio import runs
from texnet.studio.cache import PictureCache
from texnet.studio.error_responses import Refusal
from texnet.studio.folders import Folders, default_roots
from texnet.studio.helper import FULL_SIZE, Helper
from texnet.studio.login import Login
from texnet.studio.queue import Queue
from texnet.studio.store import DONE, PAUSED, RUNNING, STOPPED, Job, Store

TRAIN, BATCH, SWEEP = "train", "stylize", "sweep"  # kinds of jobs, and their commands
VIDEO = "video"  # of texnet stylize, too


@dataclass(frozen=True)
class Places:
    """The folders that the studio writes into, all absolute."""

    runs: Path
    sweeps: Path
    own: Path

    @property
    def uploads(self) -> Path:
        """Pictures, videos and networks that a page sent."""
        return self.own / "uploads"

    @property
    def results(self) -> Path:
        """Pictures painted at full size, and videos."""
        return self.own / "results"

    @property
    def exports(self) -> Path:
        """Networks as files for other programs."""
        return self.own / "exports"

    @property
    def pages(self) -> Path:
        """Networks as pages that paint by themselves, a folder each."""
        return self.own / "pages"

    @property
    def cache(self) -> Path:
        """Thumbnails and masks, which may be deleted at any time."""
        return self.own / "cache"


class Studio:
    """A studio in its folder; ``report`` gets what hinders its queue. OSError where the folder cannot be written."""

    def __init__(self, config: StudioConfig, login: Login, report: Callable[[str], object] = lambda problem: None) -> None:
        self.config = config
        self.login = login
        self.token = secrets.token_urlsafe(32)
        self.places = Places(
            *(Path(os.path.realpath(path)) for path in (config.checkpoint_dir, config.sweep_dir, config.studio_dir))
        )
        for place in (self.places.runs, self.places.own, self.places.uploads):
            place.mkdir(parents=True, exist_ok=True)
        self.store = Store(self.places.own / "studio.sqlite")
        self.queue = Queue(self.store, self.places.own / "jobs", report)
        self._adopting = threading.Lock()
        log = self.places.own / "helpers.log"
        self.pictures, self.paint, self.full = Helper("pictures", log), Helper("paint", log), Helper("paint", log, FULL_SIZE)
        self.cache = PictureCache(self.places.cache, self.pictures)
        own = (self.places.runs, self.places.sweeps, self.places.own, self.drawn_textures())
        shipped = {path.parent for path in shipped_styles().values()}
        self.folders = Folders([*default_roots(config.folders), *own, *shipped])

    def start(self) -> None:
        """Look after the queue, and let the helpers load torch."""
        self.queue.start()
        self.pictures.warm()
        self.paint.warm()

    def close(self) -> None:
        """End the helpers; a running job goes on."""
        self.queue.close()
        for helper in (self.pictures, self.paint, self.full):
            helper.close()

    def drawn_textures(self) -> Path:
        """Where the style pictures are that come with texnet: those of a clone, else a folder to draw them into."""
        assert texnet.__file__
        of_clone = Path(texnet.__file__).parents[1] / "textures"
        return of_clone if of_clone.is_dir() else self.places.own / "textures"

    def job(self, number: str) -> Job:
        """A job; Refusal 404 where there is none."""
        try:
            return self.store.job(number)
        except KeyError:
            raise Refusal(404, "there is no such run") from None

    def jobs(self) -> list[Job]:
        """All jobs, the newest first, with the runs that commands have left in the folder of runs."""
        with self._adopting:  # or two pages that ask at once would record a run twice
            known = {job.folder for job in self.store.jobs()}
            for folder in self.places.runs.iterdir():
                is_nameable = str(folder).isprintable()  # else no page could ask for it
                if str(folder) not in known and runs.is_run(folder) and is_nameable:
                    self._adopt(folder)
        return self.store.jobs()

    def state_of(self, job: Job) -> str:
        """A job's state; of a run that a command has trained, or trains, outside the queue, what its folder tells."""
        if job.kind != TRAIN or job.state not in (DONE, STOPPED, PAUSED):
            return job.state
        if runs.is_locked(Path(job.folder)):
            return RUNNING
        return DONE if runs.is_done(Path(job.folder)) else job.state

    def free_place(self, parent: Path, stem: str) -> Path:
        """A folder for a job's results in another, which neither exists nor belongs to a job that waits."""
        taken = {job.folder for job in self.store.jobs()}
        places = (parent / name for name in numbered(stem))
        return next(place for place in places if str(place) not in taken and not place.exists())

    def erase(self, job: Job) -> None:
        """Delete a job for good, with its folder where that is one of the studio's own."""
        if self.state_of(job) == RUNNING:
            raise Refusal(409, "stop it first")
        folder = Path(job.folder)
        own = (self.places.runs, self.places.sweeps, self.places.results)
        if job.folder and folder.parent in own and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        shutil.rmtree(self.places.own / "jobs" / job.id, ignore_errors=True)
        self.store.remove(job.id)

    def _adopt(self, folder: Path) -> None:
        """Record a run that the studio did not start."""
        settings = runs.read_settings(folder)
        flat = {
            name: value for part in ("data", "generator", "loss", "optim") for name, value in settings.get(part, {}).items()
        }
        written = (folder / runs.SETTINGS).stat().st_mtime
        state = DONE if runs.is_done(folder) else STOPPED
        ended = max((path.stat().st_mtime for path in folder.glob("*.pt")), default=time.time())
        self.store.add(TRAIN, folder.name, [], flat, str(folder), state, created=written, started=written, ended=ended)
