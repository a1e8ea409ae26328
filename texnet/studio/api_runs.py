"""The queue, the history, and the run that somebody watches."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from texnet.files import read_tail
from texnet.studio import runs
from texnet.studio.api_guide import as_plain
from texnet.studio.endpoints import HOUR, attachment, file_answer, get, number_of, post, text_of
from texnet.studio.error_responses import Refusal
from texnet.studio.report import run_report
from texnet.studio.store import FAILED, PAUSED, RUNNING, STOPPED, WAITING, Job
from texnet.studio.studio import BATCH, SWEEP, TRAIN, VIDEO, Studio
from texnet.studio.videos import progress_of

LONGEST_TITLE = 120  # letters
TAIL = 16_384  # bytes of a log that a page shows
MOST_SELECTED = 500


class RunsApi:
    """Endpoints of the pages Runs and Watch."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def routes(self) -> list[BaseRoute]:
        """Paths below /api."""
        return [
            get("/jobs", self.jobs),
            post("/jobs", self.change_many),
            get("/queue", self.queue),
            post("/queue", self.hold),
            get("/jobs/{id}", self.job),
            post("/jobs/{id}", self.change),
            post("/jobs/{id}/stop", self.stop),
            post("/jobs/{id}/pause", self.pause),
            post("/jobs/{id}/resume", self.resume),
            get("/jobs/{id}/curves", self.curves),
            get("/jobs/{id}/log", self.log),
            get("/jobs/{id}/preview/{step:int}", self.preview),
            get("/jobs/{id}/report", self.report),
        ]

    def jobs(self, request: Request) -> Any:
        """All jobs, the newest first."""
        return [self._listed(job) for job in self.studio.jobs()]

    def queue(self, request: Request) -> Any:
        """What runs and what waits, for the page's edge."""
        running, waiting = self.studio.store.in_state(RUNNING), self.studio.store.in_state(WAITING)
        shown = [{**as_plain(job), "share": self._share(job)} for job in running]
        return {"running": shown, "waiting": [as_plain(job) for job in waiting], "paused": self.studio.queue.paused}

    def hold(self, request: Request, data: dict[str, Any]) -> Any:
        """Start no further job, or go on."""
        self.studio.queue.paused = data.get("paused") is True
        return self.queue(request)

    def job(self, request: Request) -> Any:
        """One job with all that its folder tells."""
        job = self._job(request)
        return {**as_plain(job), "state": self.studio.state_of(job), "now": time.time(), "run": self._summary(job)}

    def change(self, request: Request, data: dict[str, Any]) -> Any:
        """Rename, star, or put into the bin and take out again."""
        job = self._job(request)
        changes: dict[str, str | int] = {}
        if "title" in data:
            changes["title"] = text_of(data, "title").strip()[:LONGEST_TITLE] or job.title
        for name in ("starred", "binned"):
            if name in data:
                changes[name] = int(data[name] is True)
        if changes.get("binned") and self.studio.state_of(job) == RUNNING:
            raise Refusal(409, "stop it first")
        self.studio.store.change(job.id, **changes)
        return as_plain(self.studio.job(job.id))

    def change_many(self, request: Request, data: dict[str, Any]) -> Any:
        """Bin, take out or erase several jobs at once; those that run are left alone."""
        numbers, action = data.get("ids"), text_of(data, "action")
        if not isinstance(numbers, list) or len(numbers) > MOST_SELECTED or action not in ("bin", "restore", "erase"):
            raise Refusal(400, "name ids, and what to do: bin, restore or erase")
        done = 0
        for number in numbers:
            job = self.studio.job(str(number))
            if self.studio.state_of(job) == RUNNING:
                continue
            if action == "erase":
                self.studio.erase(job)
            else:
                self.studio.store.change(job.id, binned=int(action == "bin"))
            done += 1
        return {"done": done}

    def stop(self, request: Request, data: dict[str, Any]) -> Any:
        """Save and stop."""
        job = self._job(request)
        if job.state != RUNNING and self.studio.state_of(job) == RUNNING:
            raise Refusal(409, "a command outside the studio trains it: stop it there")
        self.studio.queue.stop(job)
        return as_plain(self.studio.job(job.id))

    def pause(self, request: Request, data: dict[str, Any]) -> Any:
        """Save and stop a running training or video, to go on later before all that wait."""
        job = self._job(request)
        if job.kind not in (TRAIN, VIDEO) or job.state != RUNNING:
            raise Refusal(409, "only a training or a video that runs in the queue can be paused")
        self.studio.queue.stop(job, for_a_while=True)
        return as_plain(self.studio.job(job.id))

    def resume(self, request: Request, data: dict[str, Any]) -> Any:
        """Put a stopped or failed job behind the others again, a paused one before them.

        A training continues where it was saved, a video behind the frames that are done.
        """
        job = self._job(request)
        if self.studio.state_of(job) in (WAITING, RUNNING):
            raise Refusal(409, "it waits or runs already")
        command = job.command
        if job.kind == TRAIN and (Path(job.folder) / runs.LATEST).is_file():
            minutes = data.get("max_minutes")
            more = [f"--max_minutes={number_of(minutes, 'max_minutes', 0.1, 1e5):g}"] if minutes is not None else []
            command = ["train", f"--resume={job.folder}", "--verbose", *more]
        elif job.state not in (STOPPED, PAUSED, FAILED) or not command:
            raise Refusal(409, "there is nothing to go on from")
        created = job.created if job.state == PAUSED else time.time()  # the oldest comes first
        self.studio.store.change(job.id, state=WAITING, command=command, created=created, message="", binned=0)
        return as_plain(self.studio.job(job.id))

    def curves(self, request: Request) -> Any:
        """Losses behind a step."""
        after = int(number_of(request.query_params.get("after", "0"), "after", 0, 1e12))
        return runs.curves(Path(self._job(request).folder), after)

    def log(self, request: Request) -> Response:
        """The end of what the command printed."""
        path = self.studio.queue.log_of(self._job(request))
        text = read_tail(path, TAIL).decode("utf-8", "replace") if path.is_file() else ""
        return Response(text, media_type="text/plain; charset=utf-8")

    def preview(self, request: Request) -> Response:
        """The preview of a step, as the training wrote it."""
        return file_answer(
            runs.preview_file(Path(self._job(request).folder), request.path_params["step"]), "image/png", cache=HOUR
        )

    def report(self, request: Request) -> Response:
        """The run as one HTML file, to save and to send."""
        job = self._job(request)
        page = run_report(job, self.studio.cache)
        headers = {"content-disposition": attachment(f"{Path(job.folder).name or 'run'}.html")}
        return Response(page, media_type="text/html; charset=utf-8", headers=headers)

    def _job(self, request: Request) -> Job:
        return self.studio.job(request.path_params["id"])

    def _listed(self, job: Job) -> dict[str, Any]:
        plain = {**as_plain(job), "state": self.studio.state_of(job)}
        if job.kind == TRAIN:
            steps = runs.previews(Path(job.folder))
            plain["preview"] = steps[-1] if steps else None
        return plain | ({"share": self._share(job)} if plain["state"] == RUNNING else {})

    def _share(self, job: Job) -> float:
        return float(self._summary(job).get("share", 0.0))

    def _summary(self, job: Job) -> dict[str, Any]:
        folder = Path(job.folder)
        if job.kind == TRAIN:
            return runs.summary(folder)
        if job.kind == VIDEO:
            return progress_of(job, self.studio.queue.log_of(job))
        total = max(1, int(job.settings.get("total", 1)))
        if job.kind == BATCH:
            done = sum(path.is_file() for path in folder.rglob("*.png"))
            return {"share": min(1.0, done / total), "done": done, "total": total}
        done = len(list(folder.glob("*/status.json"))) if job.kind == SWEEP else 0
        return {"share": min(1.0, done / total), "done": done, "total": total}
