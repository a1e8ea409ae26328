"""Texture networks: train a small generator on photos and one style picture, then stylize any picture at any strength."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from texnet.config import TrainConfig
    from texnet.images import load_image, save_image
    from texnet.stylize import Stylizer
    from texnet.synthesize import Synthesizer
    from texnet.training import train

__all__ = ["Stylizer", "Synthesizer", "TrainConfig", "__version__", "load_image", "save_image", "train"]
__version__ = "0.1.0"

_HOMES = {
    "Stylizer": "texnet.stylize",
    "Synthesizer": "texnet.synthesize",
    "TrainConfig": "texnet.config",
    "load_image": "texnet.images",
    "save_image": "texnet.images",
    "train": "texnet.training",
}


def __getattr__(name: str) -> Any:
    """Import the public names on first use: ``import texnet`` itself loads nothing heavy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'texnet' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
