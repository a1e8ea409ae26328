"""A contact sheet of all models, as sheet.png: a row per held-out photo, a column per setting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor

from texnet.data import PhotoDataset
from texnet.images import to_bytes
from texnet.reporting.plots import save_figure
from texnet.stylize import Stylizer
from texnet.sweep.criterion import photos_of
from texnet.sweep.curves import DOTS_PER_INCH, label_of
from texnet.sweep.settings import Sweep
from texnet.sweep.table import RunResult, ranked
from texnet.training.previews import choose_photos
from texnet.training.run_dir import STYLE_FILE

NUM_PHOTOS = 5
CELL, GAP, MARGIN = 256, 6, 12  # pixels
LINE_HEIGHT, FONT_SIZE = 21, 10.5  # pixels, points
MOST_COLUMNS = 32
BEST_COLOR = "#b3261e"


def draw_sheet(results: Sequence[RunResult], sweep: Sweep, device: torch.device) -> None:
    """Write sheet.png: held-out photos, and beside each what every model makes of it at noise factor 1.

    Models come as trained, of a search the best first; of more than MOST_COLUMNS the best.
    """
    order = ranked(results, sweep.criterion)
    shown = order[:MOST_COLUMNS]
    if not sweep.num_trials:
        shown = [result for result in results if result in shown]
    photos = _photos(sweep, shown[0])
    columns = [photos, *(_paint(result, photos, device) for result in shown)]
    captions = ["photo", *(_caption(result, sweep) for result in shown)]
    save_figure(_compose(columns, captions, 1 + shown.index(order[0])), sweep.folder / "sheet.png")


def _photos(sweep: Sweep, result: RunResult) -> Tensor:
    """Middles of held-out photos: (N, 3, CELL, CELL)."""
    _, held_out = photos_of(sweep, result.setting)
    photos = PhotoDataset(held_out.paths, CELL)
    return choose_photos(photos, min(NUM_PHOTOS, len(photos)), sweep.base.optim.seed, "sheet")


def _paint(result: RunResult, photos: Tensor, device: torch.device) -> Tensor:
    stylizer = Stylizer.load(result.setting.folder / STYLE_FILE, device)
    return torch.cat([stylizer(photo[None]) for photo in photos])


def _caption(result: RunResult, sweep: Sweep) -> str:
    criterion = f"criterion {result.status.scores[sweep.criterion]:.3f}"
    return label_of(result.setting, sweep, "\n") + "\n" + criterion


def _compose(columns: Sequence[Tensor], captions: Sequence[str], best: int) -> Figure:
    """Columns of pictures, each (N, 3, CELL, CELL), pixel by pixel on white, under their captions."""
    header = LINE_HEIGHT * max(caption.count("\n") + 1 for caption in captions) + MARGIN
    width = 2 * MARGIN + len(columns) * (CELL + GAP) - GAP
    height = MARGIN + header + len(columns[0]) * (CELL + GAP)
    figure = Figure(figsize=(width / DOTS_PER_INCH, height / DOTS_PER_INCH), dpi=DOTS_PER_INCH, facecolor="white")
    for i, (column, caption) in enumerate(zip(columns, captions, strict=True)):
        left = MARGIN + i * (CELL + GAP)
        style: dict[str, Any] = {"color": BEST_COLOR, "fontweight": "bold"} if i == best else {}
        text = f"{caption}, the best" if i == best else caption
        bottom = 1 - header / height  # of the captions: they stand on their pictures
        figure.text(left / width, bottom, text, fontsize=FONT_SIZE, va="bottom", linespacing=1.3, **style)
        for j, picture in enumerate(column):
            pixels = to_bytes(picture).permute(1, 2, 0).numpy()  # (CELL, CELL, 3)
            figure.figimage(pixels, left, height - header - GAP - CELL - j * (CELL + GAP), origin="upper")
    return figure
