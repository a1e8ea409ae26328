"""Stylize pictures with a trained generator, in stages that take and give RGB of the same size."""

from __future__ import annotations

from texnet.stylize.colors import ColorKeeper, keep_colors
from texnet.stylize.mask_sources import load_mask
from texnet.stylize.masks import feather, fit_mask, stylize_with_mask, stylize_with_masks
from texnet.stylize.panorama import Panorama
from texnet.stylize.stroke_size import StrokeScaler
from texnet.stylize.stylizer import UNCALIBRATED, StylizeFn, Stylizer
from texnet.stylize.tiles import TiledPainting

__all__ = [
    "UNCALIBRATED",
    "ColorKeeper",
    "Panorama",
    "StrokeScaler",
    "StylizeFn",
    "Stylizer",
    "TiledPainting",
    "feather",
    "fit_mask",
    "keep_colors",
    "load_mask",
    "stylize_with_mask",
    "stylize_with_masks",
]
