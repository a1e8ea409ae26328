"""What a sweep leaves behind: tables, curves, a contact sheet, and the best model, copied out."""

from __future__ import annotations

import torch

from texnet.files import write_atomically
from texnet.sweep.contact_sheet import draw_sheet
from texnet.sweep.curves import draw_curves
from texnet.sweep.settings import Sweep
from texnet.sweep.table import RunResult, collect, ranked, write_tables
from texnet.training.run_dir import STYLE_FILE

BEST = "best.pt"


def write_report(sweep: Sweep) -> list[RunResult]:
    """Tables, curves and the best model of the runs so far; the runs, as trained."""
    results = collect(sweep)
    write_tables(results, sweep)
    draw_curves(results, sweep)
    for best in ranked(results, sweep.criterion)[:1]:
        write_atomically(sweep.folder / BEST, (best.setting.folder / STYLE_FILE).read_bytes())
    return results


def write_sheet(sweep: Sweep, device: torch.device) -> None:
    """The contact sheet of the runs so far, once there is one that is done."""
    results = collect(sweep)
    if ranked(results, sweep.criterion):
        draw_sheet(results, sweep, device)
