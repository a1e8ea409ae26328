"""Repaint pictures with a trained generator."""

from __future__ import annotations

from texnet.stylize.stylizer import UNCALIBRATED, Stylizer

__all__ = ["UNCALIBRATED", "Stylizer"]
