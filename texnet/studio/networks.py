"""The trained networks that the studio can paint with: of runs and sweeps, uploaded ones, and those that come with texnet."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from texnet.errors import UserError
from texnet.shipped import shipped_styles
from texnet.studio import runs
from texnet.studio.paint_options import UNTRAINED
from texnet.studio.store import Job
from texnet.studio.studio import TRAIN, Studio


def find_networks(studio: Studio) -> list[dict[str, Any]]:
    """Every network with its name and where it comes from.

    Starred ones come first, then the user's others, the newest before older ones, then those that come with texnet, by name.
    Files that are damaged, or whose networks repaint no photos, are left out.
    """
    jobs = {job.folder: job for job in studio.jobs() if job.kind == TRAIN}
    binned = {folder for folder, job in jobs.items() if job.binned}
    files = [path for path in _files(studio) if str(path.parent) not in binned]
    found = [_described(path, jobs.get(str(path.parent)), studio) for path in files]
    return sorted(filter(None, found), key=_place)


def network_words(studio: Studio, words: str) -> str:
    """A network as the painting process takes it: a checkpoint's path, or a style picture's for an untrained preview."""
    if words.startswith(UNTRAINED):
        return UNTRAINED + str(studio.folders.file(words.removeprefix(UNTRAINED)))
    return str(studio.folders.file(words))


def _place(network: dict[str, Any]) -> tuple[Any, ...]:
    is_shipped = network["source"] == "shipped"
    return (not network["starred"], is_shipped, network["name"] if is_shipped else -network["written"])


def _files(studio: Studio) -> list[Path]:
    of_runs = studio.places.runs.glob(f"*/{runs.STYLE}")
    of_sweeps = studio.places.sweeps.glob(f"*/*/{runs.STYLE}")
    sent = (path for path in studio.places.uploads.glob("*") if path.suffix in (".pt", ".pth"))
    return [*(path.resolve() for path in (*of_runs, *of_sweeps, *sent)), *shipped_styles().values()]


def _described(path: Path, job: Job | None, studio: Studio) -> dict[str, Any] | None:
    try:
        facts, picture = studio.cache.network(path)
        written = path.stat().st_mtime
    except (UserError, OSError):
        return None
    if facts["no_content"]:
        return None
    of_sweep = path.parent.parent.parent == studio.places.sweeps
    is_shipped = path in shipped_styles().values()
    source = "sweep" if of_sweep else "shipped" if is_shipped else "upload" if path.parent == studio.places.uploads else "run"
    name = f"{path.parent.parent.name}: {path.parent.name}" if of_sweep else path.parent.name if source == "run" else path.stem
    return {
        "path": str(path),
        "name": job.title if job else name,
        "source": source,
        "job": job.id if job else None,
        "starred": bool(job and job.starred),
        "written": written,
        "when": time.strftime("%d %b %Y", time.localtime(written)),
        "has_picture": bool(picture),
        **{
            name: facts[name]
            for name in ("style", "generator", "max_noise_factor", "fixed_noise_factor", "license", "training")
        },
    }
