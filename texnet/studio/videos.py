"""Videos as jobs of the queue: the command of one, how far it is, and where its result lies."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from texnet.files import exists, read_tail
from texnet.studio.paint_options import PaintOptions
from texnet.studio.store import Job
from texnet.studio.studio import VIDEO, Studio
from texnet.studio.uploads import plain_stem

MASK = "mask.png"  # in a job's folder: those of the page may be deleted at any time
LONGEST_TITLE = 120  # letters
TAIL = 8192  # bytes of a log within which the bar stands
BAR = re.compile(r"(\d+)(?:/\d+ |frame )\[[^\[\]]*?, +([\d.]+)(frame/s|s/frame)\]")  # of tqdm, with a total and without
BEGIN, SKIPPED = "$ texnet ", "skipped in "  # of lines: each start of the command, and what is wrong with a video


def add_video(studio: Studio, video: Path, facts: dict[str, Any], options: PaintOptions, style: str, max_size: int) -> Job:
    """Put a video behind the other jobs; its result is named after it and the style, with the suffix that its facts say."""
    stem = f"{plain_stem(video.name)}_{plain_stem(style)}"
    folder = studio.free_place(studio.places.results, stem)
    if options.mask:
        folder.mkdir(parents=True)
        shutil.copyfile(options.mask, folder / MASK)
        options = replace(options, mask=str(folder / MASK))
    target = folder / f"{stem}{facts['suffix']}"
    command = ["stylize", *options.flags(), f"--max_size={max_size}", f"--output={target}", "--", str(video)]
    settings = {
        "video": str(video),
        "network": options.networks[0],
        "total": facts["num_frames"],
        "seconds": facts["seconds"],
        "result": target.name,
        "factor": options.factor,
        "timed": [list(pair) for pair in options.timed],
    }
    return studio.store.add(VIDEO, f"{video.name} in {style}"[:LONGEST_TITLE], command, settings, str(folder))


def result_of(job: Job) -> Path:
    """The painted video of a job, whether or not it is there."""
    return Path(job.folder) / str(job.settings["result"])


def progress_of(job: Job, log: Path) -> dict[str, Any]:
    """How many frames are painted, how many a second, what was wrong; ``result`` is when what can be played was written."""
    total, done, fps, problems = max(1, int(job.settings.get("total", 1))), 0, 0.0, []
    with suppress(OSError):
        text = read_tail(log, TAIL).decode("utf-8", "replace")
        text = text[text.rfind(BEGIN) + 1 :]  # of an earlier start nothing counts
        if bars := BAR.findall(text):
            count, number, unit = bars[-1]
            done, rate = int(count), float(number)
            fps = rate if unit == "frame/s" else 1 / rate if rate else 0.0
        problems = [line.removeprefix(SKIPPED) for line in text.replace("\r", "\n").splitlines() if line.startswith(SKIPPED)]
    return {
        "share": min(1.0, done / total),
        "done": done,
        "total": total,
        "fps": fps,
        "left": max(0, total - done) / fps if fps else None,
        "problems": problems,
        "result": result_of(job).stat().st_mtime if exists(result_of(job)) else None,
    }
