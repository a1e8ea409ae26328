"""Checkpoints: a trained generator with all that is known of it."""

from __future__ import annotations

from texnet.checkpoint.checkpoint import SETTINGS, STYLE_PICTURE, Checkpoint, ResumeState, load_trained
from texnet.checkpoint.content import FORMAT
from texnet.checkpoint.summary import TrainingSummary, summarize
from texnet.checkpoint.validation import plain_name

__all__ = [
    "FORMAT",
    "SETTINGS",
    "STYLE_PICTURE",
    "Checkpoint",
    "ResumeState",
    "TrainingSummary",
    "load_trained",
    "plain_name",
    "summarize",
]
