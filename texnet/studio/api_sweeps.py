"""Sweeps: one training at several values of a setting, and what became of each."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from texnet.studio import runs
from texnet.studio.api_guide import as_plain
from texnet.studio.endpoints import file_answer, get, post, text_of
from texnet.studio.error_responses import Refusal
from texnet.studio.flags import as_flags, dry_run, swept_flags
from texnet.studio.store import Job
from texnet.studio.studio import SWEEP, Studio
from texnet.studio.uploads import plain_stem

MOST_RUNS = 64
STATUS = "status.json"


class SweepsApi:
    """Endpoints of the page Sweep."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def routes(self) -> list[BaseRoute]:
        """Paths below /api."""
        return [
            post("/sweeps", self.sweep),
            get("/sweeps/{id}", self.grid),
            get("/sweeps/{id}/preview/{run}/{step:int}", self.preview),
        ]

    def sweep(self, request: Request, data: dict[str, Any]) -> Any:
        """Put a sweep behind the other jobs."""
        settings, axes = data.get("settings"), data.get("axes")
        if not isinstance(settings, dict) or not isinstance(axes, dict) or not axes:
            raise Refusal(400, "name settings, and the values of one or two")
        fixed = {name: value for name, value in settings.items() if name not in axes}
        words = as_flags(fixed, self.studio.folders.resolve)
        swept = swept_flags(axes, self.studio.folders.resolve)
        total = math.prod(len(values) for values in axes.values())
        if total > MOST_RUNS:
            raise Refusal(422, f"{total} trainings: take {MOST_RUNS} at most")
        config = dry_run([*words, *as_flags({name: values[0] for name, values in axes.items()}, self.studio.folders.resolve)])
        if not config["loss"]["texture"] or not config["data"]["data_dir"]:
            raise Refusal(422, "choose photos and a style picture first")
        stem = plain_stem(Path(config["loss"]["texture"]).name)
        folder = self.studio.free_place(self.studio.places.sweeps, f"{stem}_{'_'.join(axes)}")
        title = text_of(data, "title", "") or f"{stem}: {' and '.join(axes)}"
        command = ["sweep", f"--sweep_dir={folder}", "--verbose", *words, *swept]
        kept = {**settings, "texture": config["loss"]["texture"], "axes": axes, "total": total}
        return as_plain(self.studio.store.add(SWEEP, title[:120], command, kept, str(folder)))

    def grid(self, request: Request) -> Any:
        """The trainings of a sweep so far: their values, losses, times and latest pictures."""
        job = self._job(request)
        found = [_entry(folder, job) for folder in sorted(Path(job.folder).glob("*/")) if runs.is_run(folder)]
        axes = job.settings.get("axes", {})
        found.sort(key=lambda entry: [_place(values, entry["values"].get(name)) for name, values in axes.items()])
        done = [entry for entry in found if entry["criterion"] is not None]
        best = min(done, key=lambda entry: entry["criterion"])["name"] if done else None
        plain = {**as_plain(job), "state": self.studio.state_of(job)}
        return {
            "job": plain,
            "axes": job.settings.get("axes", {}),
            "runs": found,
            "best": best,
            "total": job.settings.get("total", 0),
        }

    def preview(self, request: Request) -> Response:
        """The preview of one of a sweep's trainings."""
        name = request.path_params["run"]
        folder = Path(self._job(request).folder) / name
        if Path(name).name != name:
            raise FileNotFoundError(f"{name}: no such training")
        return file_answer(runs.preview_file(folder, request.path_params["step"]), "image/png")

    def _job(self, request: Request) -> Job:
        job = self.studio.job(request.path_params["id"])
        if job.kind != SWEEP:
            raise Refusal(404, "that is no sweep")
        return job


def _place(values: list[Any], value: Any) -> int:
    """Where a value stands in the order in which it was asked for."""
    return values.index(value) if value in values else len(values)


def _entry(folder: Path, job: Job) -> dict[str, Any]:
    settings, summary = runs.read_settings(folder), runs.summary(folder)
    flat = {name: value for part in ("data", "generator", "loss", "optim") for name, value in settings.get(part, {}).items()}
    status: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        status = json.loads((folder / STATUS).read_text())
    criterion = status.get("criterion", {}).get("total") if status.get("state") == "done" else None
    return {
        "name": folder.name,
        "values": {name: flat.get(name) for name in job.settings.get("axes", {})},
        "state": status.get("state", "running" if runs.is_locked(folder) else "unfinished"),
        "criterion": criterion,
        "network": str(folder / runs.STYLE) if summary["has_style"] else None,
        **{name: summary[name] for name in ("step", "seconds", "share", "previews", "factors")},
    }
