"""What a run's folder tells: how far it is, how long it will take, its losses and its previews.

Read without torch, from the files that every training writes, whoever started it.
"""

from __future__ import annotations

import fcntl
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from texnet.config.address import env_name, page_of_env, parse_address
from texnet.errors import UserError

METRICS, SETTINGS, STYLE, LATEST, LOCK = "metrics.jsonl", "config.json", "style.pt", "latest.pt", ".lock"
CURVES = ("loss", "style", "content", "tv", "luminance", "learning_rate", "images_per_second")
MOST_POINTS = 400  # of a curve


def read_settings(folder: Path) -> dict[str, Any]:
    """A run's settings, empty before they are written and where they are damaged."""
    with suppress(OSError, ValueError):
        content = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    return {}


def read_lines(folder: Path) -> list[dict[str, Any]]:
    """The whole lines of a run's metrics, in order; damaged ones are left out."""
    lines: list[dict[str, Any]] = []
    with suppress(OSError):
        data = (folder / METRICS).read_bytes()
        for line in data[: data.rfind(b"\n") + 1].splitlines():
            with suppress(ValueError):
                parsed = json.loads(line)
                if isinstance(parsed, dict) and isinstance(parsed.get("step"), int):
                    lines.append(parsed)
    return lines


def previews(folder: Path) -> list[int]:
    """The steps of which a run has previews, rising."""
    found = (re.fullmatch(r"step-(\d+)\.png", path.name) for path in (folder / "previews").glob("step-*.png"))
    return sorted(int(match[1]) for match in found if match)


def preview_file(folder: Path, step: int) -> Path:
    """The preview of a step."""
    return folder / "previews" / f"step-{step:06d}.png"


def summary(folder: Path) -> dict[str, Any]:
    """How far a run is, in a few numbers: steps, seconds, the share that is done, the seconds that are left, its previews."""
    lines, settings = read_lines(folder), read_settings(folder)
    last = lines[-1] if lines else {}
    step, seconds = int(last.get("step", 0)), float(last.get("seconds", 0.0))
    share = _share(settings.get("optim", {}), last)
    return {
        "step": step,
        "seconds": seconds,
        "share": share,
        "left": max(0.0, seconds / share - seconds) if share > 0 else None,
        "previews": previews(folder),
        "has_style": (folder / STYLE).is_file(),
        "can_resume": (folder / LATEST).is_file(),
        "factors": _factors(settings.get("generator", {})),
        "visdom": _visdom(settings.get("run", {}), folder.name),
    }


def curves(folder: Path, after: int = 0) -> dict[str, list[float]]:
    """The logged steps and losses behind a step, thinned where there are many."""
    lines = [line for line in read_lines(folder) if line["step"] > after]
    every = max(1, len(lines) // MOST_POINTS)
    kept = [line for index, line in enumerate(lines) if index % every == 0 or index == len(lines) - 1]
    names = [name for name in CURVES if any(isinstance(line.get(name), int | float) for line in kept)]
    return {"step": [line["step"] for line in kept], **{name: [line.get(name) for line in kept] for name in names}}


def is_locked(folder: Path, name: str = LOCK) -> bool:
    """Whether a process holds the lock of a folder at the moment: whoever trains in it, or another of the given name."""
    try:
        with (folder / name).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def is_run(folder: Path) -> bool:
    """Whether a folder has what a training leaves."""
    return (folder / SETTINGS).is_file() and ((folder / METRICS).is_file() or (folder / STYLE).is_file())


def is_done(folder: Path) -> bool:
    """Whether a run has come to its end: its network was written last, behind all that it would go on from."""
    with suppress(OSError):
        written = (folder / STYLE).stat().st_mtime_ns
        with suppress(FileNotFoundError):
            return written >= (folder / LATEST).stat().st_mtime_ns
        return True
    return False


def steps_per_minute(folders: list[Path]) -> float | None:
    """How fast this machine trains, from the most recent runs that are long enough to tell."""
    for folder in folders:
        lines = read_lines(folder)
        if len(lines) >= 3 and lines[-1].get("seconds", 0) > 20:
            return 60.0 * float(lines[-1]["step"]) / float(lines[-1]["seconds"])
    return None


def _visdom(settings: dict[str, Any], name: str) -> str:
    """The page on which Visdom shows a run, which was asked for by --viz; empty where it was not."""
    if not settings.get("viz"):
        return ""
    with suppress(UserError, AttributeError):
        address = parse_address(settings.get("viz_server", ""), settings.get("viz_port"))
        return page_of_env(address, env_name(settings.get("viz_env") or name))
    return ""


def _share(limits: dict[str, Any], last: dict[str, Any]) -> float:
    """Share of a training that is done, by the nearest of its limits; epochs count as steps of their own."""
    done = [
        float(last.get(now, 0)) / limit
        for now, limit in (
            ("step", limits.get("max_steps") or 0),
            ("seconds", 60 * (limits.get("max_minutes") or 0)),
            ("epoch", limits.get("epochs") or 0),
        )
        if limit
    ]
    return min(1.0, max(done, default=0.0))


def _factors(generator: dict[str, Any]) -> list[float]:
    """The noise factors of a preview's columns; none of a texture's samples."""
    if generator.get("no_content"):
        return []
    fixed = generator.get("fixed_noise_factor") or 0.0
    return [0.0, fixed] if fixed else [0.0, 0.25, 0.5, 1.0]
