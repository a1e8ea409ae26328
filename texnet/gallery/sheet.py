"""A contact sheet of styles: a row each, with the style, a photo, and the photo at three noise factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from texnet.gallery.preview import FACTORS, STYLE_SIDE, factors_of, style_tile
from texnet.gallery.shelf import ShelfStyle
from texnet.reporting.contact_sheet import contact_sheet, label
from texnet.stylize import Stylizer

LABEL = 150  # pixels: the column of names


def render_sheet(styles: Sequence[ShelfStyle], photo: Tensor, on_style: Callable[[], object] = lambda: None) -> Tensor:
    """Styles in rows, a photo (1, 3, H, W) in [0, 1] painted by each: one picture (1, 3, H', W').

    ``on_style`` is called after each style. Where a network paints no photos or has no preview, the sheet is white.
    """
    rows = []
    for style in styles:
        rows.append([label(style.name, (photo.shape[2], LABEL)), tile_of(style), photo, *_painted(style, photo)])
        on_style()
    return contact_sheet(rows, ["", "style", "photo", *(f"factor {factor:g}" for factor in FACTORS)])


def tile_of(style: ShelfStyle) -> Tensor:
    """The style picture as the preview has it, (1, 3, 128, 128) in [0, 1]; white where there is none."""
    preview = style.checkpoint.preview
    return torch.ones(1, 3, STYLE_SIDE, STYLE_SIDE) if preview is None else style_tile(preview)


def _painted(style: ShelfStyle, photo: Tensor) -> list[Tensor]:
    if style.checkpoint.generator_config.no_content:
        return [torch.ones_like(photo)] * len(FACTORS)
    stylizer = Stylizer.of(style.checkpoint)
    return [stylizer(photo, factor) for factor in factors_of(stylizer)]
