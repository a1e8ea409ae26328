"""Stylize moving pictures: strokes that stay on what they paint, from file to file or live."""

from __future__ import annotations

from texnet.video.camera import CameraTracker, View
from texnet.video.steady import SteadyStylizer

__all__ = ["CameraTracker", "SteadyStylizer", "View"]
