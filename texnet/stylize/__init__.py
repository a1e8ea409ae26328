"""Stylize pictures with a trained generator."""

from __future__ import annotations

from texnet.stylize.masks import stylize_with_mask
from texnet.stylize.stylizer import UNCALIBRATED, Stylizer

__all__ = ["UNCALIBRATED", "Stylizer", "stylize_with_mask"]
