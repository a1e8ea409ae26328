"""A run's report as one HTML file that opens without a server: pictures inside, no script, no request."""

from __future__ import annotations

import re
import shlex
import time
from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Any

import texnet
from texnet.studio import runs
from texnet.studio.cache import PictureCache
from texnet.studio.store import Job

MOST_PREVIEWS = 8
PICTURE_SIZE = 1280  # pixels of a preview's long side
CHART = (640, 180)
CHARTS = {"loss": "sum of all terms", "style": "style loss", "content": "content loss"}
STYLE = Path(__file__).parent / "static" / "css" / "report.css"


def run_report(job: Job, pictures: PictureCache) -> str:
    """The report of a training: its style picture, its previews, losses, settings and command line. FileNotFoundError before
    the run has begun."""
    folder = Path(job.folder)
    settings = runs.read_settings(folder)
    if not settings:
        raise FileNotFoundError(f"{job.title}: has not begun yet")
    summary = runs.summary(folder)
    parts = [
        f"<h1>{escape(job.title)}</h1><p>{_headline(job, summary)}</p>",
        _previews(folder, summary, pictures),
        _charts(folder),
        _command(job),
        _settings(settings),
        f"<p>Made by texnet {escape(texnet.__version__)}.</p>",
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(job.title)}</title>'
    style = STYLE.read_text(encoding="utf-8")
    return f'<!doctype html><html lang="en"><head>{head}<style>{style}</style></head><body>{"".join(parts)}</body></html>'


def _headline(job: Job, summary: dict[str, Any]) -> str:
    when = time.strftime("%d %B %Y", time.localtime(job.started or job.created))
    return f"{when} · {summary['step']:,} steps · {summary['seconds'] / 60:.1f} minutes · {escape(job.state)}"


def _previews(folder: Path, summary: dict[str, Any], pictures: PictureCache) -> str:
    steps = summary["previews"]
    every = max(1, -(-len(steps) // MOST_PREVIEWS))
    chosen = list(dict.fromkeys([*steps[:1], *steps[every - 1 :: every], *steps[-1:]]))
    factors = ", ".join(f"{factor:g}" for factor in summary["factors"])
    caption = f" · noise factors {factors}, from left to right" if factors else ""
    texture = folder / "texture.png"
    shown = f"<figure>{_picture(texture, 384, pictures, 'The style picture')}</figure>" if texture.is_file() else ""
    figures = [
        f"<figure>{_picture(runs.preview_file(folder, step), PICTURE_SIZE, pictures, f'Preview of step {step}')}"
        f"<figcaption>Step {step:,}{caption}</figcaption></figure>"
        for step in reversed(chosen)
    ]
    return f'<h2>Style</h2>{shown}<h2>Pictures</h2><div class="row">{"".join(figures)}</div>'


def _picture(path: Path, size: int, pictures: PictureCache, words: str) -> str:
    data = b64encode(pictures.thumbnail(path, size)).decode()
    return f'<img alt="{escape(words)}" src="data:image/jpeg;base64,{data}">'


def _charts(folder: Path) -> str:
    curves = runs.curves(folder)
    drawn = list(
        filter(None, (_chart(curves["step"], curves[name], title) for name, title in CHARTS.items() if name in curves))
    )
    return f'<h2>Losses</h2><div class="row">{"".join(drawn)}</div>' if drawn else ""


def _chart(steps: list[float], values: list[float], title: str) -> str:
    points = [(step, value) for step, value in zip(steps, values, strict=True) if isinstance(value, int | float)]
    if len(points) < 2:
        return ""
    width, height = CHART
    left, bottom, high = 40, height - 24, max(value for _, value in points) or 1.0
    first, last = points[0][0], points[-1][0]
    across, up = (width - left - 10) / (last - first), (bottom - 20) / high
    line = " ".join(f"{left + (step - first) * across:.1f},{bottom - value * up:.1f}" for step, value in points)
    parts = [
        f'<line x1="{left}" y1="{bottom}" x2="{width}" y2="{bottom}"/><polyline points="{line}"/>',
        f'<text x="{left}" y="12">{escape(title)}</text><text x="0" y="28">{high:.3g}</text>',
        f'<text x="{left}" y="{height - 8}">{first:g}</text><text x="{width - 60}" y="{height - 8}">step {last:g}</text>',
    ]
    label = f"{title} from {points[0][1]:.3g} to {points[-1][1]:.3g}"
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def _command(job: Job) -> str:
    """The command line, of whose paths only the last part is told: a report is meant to be sent."""
    words = [re.sub(r"(?<==)/.*/(?=[^/]+$)", "", word) for word in job.command]
    return f"<h2>Command</h2><code>texnet {escape(shlex.join(words))}</code>" if words else ""


def _settings(settings: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(_shown(name, value))}</td></tr>"
        for part in ("data", "generator", "loss", "optim")
        for name, value in settings.get(part, {}).items()
        if value not in (None, "", [])
    )
    return f"<h2>Settings</h2><table>{rows}</table>"


def _shown(name: str, value: Any) -> str:
    """A setting in words; of a path its last part, as a report is meant to be sent."""
    if name in ("data_dir", "texture", "vgg_weights", "init"):
        return Path(str(value)).name
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
