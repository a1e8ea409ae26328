"""The styles of a folder: read, listed, and each in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from texnet.checkpoint import Checkpoint, StyleCollection
from texnet.errors import UserError
from texnet.gallery.measured import MEASURES
from texnet.losses import resolve_statistic
from texnet.reporting.tables import MISSING, Table, format_number
from texnet.shipped import shipped_styles, styles_folder

# of a complete card: without these nobody can tell what the style is worth
NEEDED = ("loss", "content", "style", "optimality_ratio", "second_content", "second_style", "ssim", "luminance")


@dataclass(frozen=True)
class ShelfStyle:
    """A style: its name, which is its file's, its size in bytes, and its checkpoint."""

    name: str
    size: int
    checkpoint: Checkpoint


def read_shelf(styles_dir: str = "") -> list[ShelfStyle]:
    """The styles of a folder, or those that come with texnet, sorted by name.

    UserError where there are none, or a file is no checkpoint; NotADirectoryError where the folder is none.
    """
    if styles_dir and not Path(styles_dir).is_dir():
        raise NotADirectoryError(f"--styles_dir {styles_dir}: no such folder")
    found = shipped_styles(Path(styles_dir) if styles_dir else styles_folder())
    return [ShelfStyle(name, path.stat().st_size, Checkpoint.load(path)) for name, path in found.items()]


def read_many(path: str | Path) -> list[ShelfStyle]:
    """The styles of a file of many, in their order there; the size of each is that of what it changes.

    FileNotFoundError or UserError say what is wrong with the file.
    """
    collection = StyleCollection.load(path)
    return [
        ShelfStyle(name, entry.size, Checkpoint.of_style(collection, name, Path(path)))
        for name, entry in collection.entries.items()
    ]


def find_style(styles: Sequence[ShelfStyle], name: str) -> ShelfStyle:
    """The style of that name; UserError lists the others where there is none."""
    found = next((style for style in styles if style.name == name), None)
    if found is None:
        raise UserError(f"--card {name}: no such style; there are {', '.join(style.name for style in styles)}")
    return found


def list_styles(styles: Sequence[ShelfStyle]) -> str:
    """A table, a row per style."""
    columns = ["style", "source", "license", "generator", "steps", "minutes", "loss", "optimality ratio", "kB"]
    return Table(columns, [_row(style) for style in styles]).markdown()


def card_lines(style: ShelfStyle) -> list[tuple[str, str]]:
    """All that a card says, as pairs of a term and its value."""
    checkpoint, card = style.checkpoint, style.checkpoint.card
    training, loss = checkpoint.training, checkpoint.loss_config
    photos = f"{card.num_photos} photos of {card.image_size} pixels, features {card.features}" if card.measured else MISSING
    together = f", {training.num_styles} styles together" if training.num_styles > 1 else ""
    begin = ", after those of the network that it began with" if training.init == "checkpoint" else ""
    return [
        ("style picture", card.credit or MISSING),
        ("license", checkpoint.license or MISSING),
        ("generator", checkpoint.generator_config.generator),
        ("size", f"{style.size / 1000:,.0f} kB"),
        ("training", f"{training.steps:,} steps in {training.minutes:.0f} minutes{together}{begin}"),
        (
            "trained on",
            f"{training.num_photos:,} photos, crops of {training.image_size} pixels, features {loss.features}, "
            f"statistic {resolve_statistic(loss)}",
        ),
        ("measured on", photos),
        *((MEASURES[name][0], _number(name, card.measured[name])) for name in MEASURES if name in card.measured),
    ]


def missing_parts(checkpoint: Checkpoint) -> list[str]:
    """What a card lacks before its style can be shipped; nothing for a complete one."""
    training, card = checkpoint.training, checkpoint.card
    parts = {
        "credit": card.credit,
        "license": checkpoint.license,
        "steps": training.steps,
        "minutes": training.minutes,
        "photos": training.num_photos,
        "preview": checkpoint.preview is not None,
        "measured photos": card.num_photos,
    }
    return [*(name for name, value in parts.items() if not value), *(name for name in NEEDED if name not in card.measured)]


def _row(style: ShelfStyle) -> list[str]:
    checkpoint, measured = style.checkpoint, style.checkpoint.card.measured
    training = checkpoint.training
    return [
        *(style.name, checkpoint.card.credit or MISSING, checkpoint.license or MISSING),
        *(checkpoint.generator_config.generator, f"{training.steps:,}", f"{training.minutes:.0f}"),
        *(format_number(measured.get(name)) for name in ("loss", "optimality_ratio")),
        f"{style.size / 1000:,.0f}",
    ]


def _number(name: str, value: float) -> str:
    return f"{value:.0f}" if name.startswith("optimum_") else format_number(value)
