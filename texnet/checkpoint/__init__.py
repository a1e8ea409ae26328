"""Checkpoints: a trained generator with all that is known of it."""

from __future__ import annotations

from texnet.checkpoint.address import list_styles, name_style, parse_styles, split_address
from texnet.checkpoint.card import StyleCard
from texnet.checkpoint.checkpoint import SETTINGS, STYLE_PICTURE, STYLE_PICTURES, Checkpoint, ResumeState, load_trained
from texnet.checkpoint.collection import StyleCollection, StyleEntry
from texnet.checkpoint.content import FORMAT
from texnet.checkpoint.summary import TrainingSummary, summarize
from texnet.checkpoint.validation import plain_name

__all__ = [
    "FORMAT",
    "SETTINGS",
    "STYLE_PICTURE",
    "STYLE_PICTURES",
    "Checkpoint",
    "ResumeState",
    "StyleCard",
    "StyleCollection",
    "StyleEntry",
    "TrainingSummary",
    "list_styles",
    "load_trained",
    "name_style",
    "parse_styles",
    "plain_name",
    "split_address",
    "summarize",
]
