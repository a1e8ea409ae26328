"""Finish a trained style to be shipped: complete its card, and make its file small without changing what it paints."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from texnet.checkpoint import Checkpoint, StyleCard, plain_name
from texnet.checkpoint.packing import pack_weights, read_weights
from texnet.config import CardConfig, require
from texnet.errors import UserError
from texnet.files import exists
from texnet.gallery.measured import read_measured
from texnet.gallery.preview import factors_of, largest_difference, render_preview
from texnet.images import load_style
from texnet.stylize import Stylizer

BITS = range(9, 17)  # of a packed weight: the fewest that are enough
LIMIT = 1 / 255  # a picture may differ by one step of a byte
STYLE_SIZE = 512  # pixels that the style picture's long side is read at


@dataclass(frozen=True)
class Finished:
    """A style's file, its bits per weight, and the largest difference in [0, 1] of a painted photo from the given network's."""

    path: Path
    bits: int
    difference: float


def finish_style(config: CardConfig) -> Finished:
    """Write the style of ``config.ckpt``, a style.pt or any checkpoint of a run, into ``config.output`` with its card.

    FileExistsError where it would replace a file, FileNotFoundError or UserError for what is missing or does not fit.
    """
    given = Checkpoint.load(config.ckpt)
    name = plain_name(config.name or given.styles[0])
    path = Path(config.output) / f"{name}.pt"
    if exists(path) and not config.overwrite:
        raise FileExistsError(f"{path} exists already: give --overwrite, or another --name or --output")
    stylizer = Stylizer.of(given)
    style = load_style(given.style_picture(config.texture), STYLE_SIZE)
    card = replace(given.card, credit=config.credit or given.card.credit)
    finished = replace(
        given.to_share(),
        styles=(name,),
        license=config.license or given.license,
        card=read_measured(card, config.evaluation, config.ckpt) if config.evaluation else card,
        preview=render_preview(stylizer, style),
    )
    _check_names_nothing_local(finished.card, finished.license)
    bits, difference = _pack(finished, path, stylizer)
    return Finished(path, bits, difference)


def _pack(checkpoint: Checkpoint, path: Path, stylizer: Stylizer) -> tuple[int, float]:
    """Write with the fewest bits by which pictures stay within LIMIT; the bits, and the largest difference."""
    for bits in BITS:
        small, packed = pack_weights(checkpoint.weights, bits)
        weights = read_weights({"weights": small, "packed": packed}, checkpoint.generator_config)
        difference = largest_difference(stylizer, Stylizer.of(replace(checkpoint, weights=weights)), factors_of(stylizer))
        if difference <= LIMIT:
            checkpoint.save(path, bits=bits)
            return bits, difference
    raise UserError(f"{path}: not written, as a packed network differs by {difference:.2g}, more than 1/255; please report it")


def _check_names_nothing_local(card: StyleCard, license: str) -> None:
    for flag, text in (("--credit", card.credit), ("--license", license)):
        require(not set(text) & set("/\\@"), f"{flag} {text}: names a path or an address; author, title and year are enough")
