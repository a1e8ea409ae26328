"""What a sweep leaves in its folder: tables, curves.png, sheet.png, and the best model as best.pt."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, zip_longest

import torch
from torch import Tensor

from texnet.data import PhotoDataset
from texnet.files import write_atomically
from texnet.images import save_image
from texnet.reporting.contact_sheet import contact_sheet
from texnet.reporting.plots import Line, Panel, save_panels, spread_colors
from texnet.shipped import STYLE_FILE
from texnet.stylize import Stylizer
from texnet.sweep.criterion import photos_of
from texnet.sweep.settings import Setting, Sweep, show
from texnet.sweep.table import RunResult, collect, ranked, whole_lines, write_tables
from texnet.training.previews import choose_photos

BEST = "best.pt"

PANELS = {"loss": "total loss", "style": "style loss", "content": "content loss"}
X_LABEL = "step (curves are smoothed; each term is times the weight that its own run gives it)"
GRAY = "0.8"
MAX_COLORS = 10  # more curves than these cannot be told apart: the best are colored, the others gray
SMOOTHING_WINDOW = 1 / 15  # of a curve's length
LOG_FROM = 8.0  # ratio of the largest to the smallest value that is shown

NUM_PHOTOS, CELL = 5, 256  # of the contact sheet: rows, pixels
MAX_COLUMNS = 32


def write_report(sweep: Sweep) -> list[RunResult]:
    """Tables, curves and the best model of the runs so far; the runs, as trained."""
    results = collect(sweep)
    write_tables(results, sweep)
    draw_curves(results, sweep)
    for best in ranked(results, sweep.criterion)[:1]:
        write_atomically(sweep.folder / BEST, (best.setting.folder / STYLE_FILE).read_bytes())
    return results


def write_sheet(sweep: Sweep, device: torch.device) -> None:
    """The contact sheet of the runs so far, once one is done."""
    results = collect(sweep)
    if ranked(results, sweep.criterion):
        draw_sheet(results, sweep, device)


def draw_curves(results: Sequence[RunResult], sweep: Sweep) -> None:
    """Write curves.png: total, style and content loss of every run, smoothed; each term times its own run's weight.

    Of too many runs to tell apart the best are colored, and all others gray behind them.
    """
    colored = list(results) if len(results) <= MAX_COLORS else ranked(results, sweep.criterion)[:MAX_COLORS]
    others = [result for result in results if result not in colored]
    lines = [whole_lines(result.setting)[0] for result in [*colored, *others]]
    labels = [label_of(result.setting, sweep) for result in colored]
    panels = [_panel(title, list(_curves(lines, name, labels))) for name, title in PANELS.items()]
    heading = next(iter(sweep.axes)) if len(sweep.axes) == 1 else ""
    save_panels(panels, sweep.folder / "curves.png", size=(16, 5.2), x_label=X_LABEL, legend_title=heading)


def draw_sheet(results: Sequence[RunResult], sweep: Sweep, device: torch.device) -> None:
    """Write sheet.png: a row per held-out photo, and beside it the output of every model at noise factor 1.

    Models come as trained, of a search the best first; of more than MAX_COLUMNS the best.
    """
    order = ranked(results, sweep.criterion)
    shown = order[:MAX_COLUMNS]
    if not sweep.num_trials:
        shown = [result for result in results if result in shown]
    photos = sheet_photos(sweep, shown[0])
    columns = [photos, *(_stylize(result, photos, device) for result in shown)]
    captions = ["photo", *(_caption(result, sweep, is_best=result is order[0]) for result in shown)]
    rows = [[column[i : i + 1] for column in columns] for i in range(len(photos))]
    save_image(contact_sheet(rows, captions, highlighted=[1 + shown.index(order[0])]), sweep.folder / "sheet.png")


def label_of(setting: Setting, sweep: Sweep, separator: str = ", ") -> str:
    """The values of a run in words; of a single axis the value alone, of a search with the trial's number."""
    values = [show(value, 3) if len(sweep.axes) == 1 else f"{name} {show(value, 3)}" for name, value in setting.values.items()]
    trial = [f"#{int(setting.name.removeprefix('trial-'))}"] if sweep.num_trials else []
    return separator.join([*trial, *values])


def smooth(values: Sequence[float]) -> list[float]:
    """An exponential running mean over a small share of the curve; it begins with the first value."""
    share = 1 / max(1.0, SMOOTHING_WINDOW * len(values))
    return list(accumulate(values, lambda mean, value: mean + share * (value - mean)))


def sheet_photos(sweep: Sweep, result: RunResult) -> Tensor:
    """Middles of held-out photos: (N, 3, CELL, CELL)."""
    trained_on, held_out = photos_of(sweep, result.setting)
    photos = PhotoDataset(held_out.paths, CELL, substitute=PhotoDataset(trained_on.paths, CELL))
    return choose_photos(photos, min(NUM_PHOTOS, len(photos)), sweep.base.optim.seed, "sheet")


def _curves(runs: Sequence[Sequence[dict[str, float]]], name: str, labels: Sequence[str]) -> Iterator[Line]:
    """One loss of all runs, from their lines of metrics.jsonl; those with a label in color, the others in gray."""
    colors = spread_colors(len(labels))
    for i, (lines, label) in enumerate(zip_longest(runs, labels)):
        points = [(line["step"], line[name]) for line in lines if math.isfinite(line[name])]
        color = GRAY if label is None else colors[i]
        look = {"color": color, "linewidth": 1.0 if label is None else 1.8, "zorder": 2 if label is None else 3}
        text = label or ("others" if i == len(labels) else "")
        yield Line([step for step, _ in points], smooth([value for _, value in points]), text, look)


def _panel(title: str, lines: Sequence[Line]) -> Panel:
    positive = [value for line in lines for value in line.y if value > 0]
    is_log = bool(positive) and max(positive) / min(positive) >= LOG_FROM
    return Panel(title, lines, log=is_log, from_zero=True)


def _stylize(result: RunResult, photos: Tensor, device: torch.device) -> Tensor:
    stylizer = Stylizer.load(result.setting.folder / STYLE_FILE, device)
    return torch.cat([stylizer(photo[None]) for photo in photos])


def _caption(result: RunResult, sweep: Sweep, *, is_best: bool) -> str:
    criterion = f"criterion {result.status.scores[sweep.criterion]:.3f}{', the best' if is_best else ''}"
    return f"{label_of(result.setting, sweep, chr(10))}\n{criterion}"
