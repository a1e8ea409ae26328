"""Make as much of a texture as is wanted with a trained generator."""

from __future__ import annotations

from texnet.synthesize.synthesizer import Synthesizer

__all__ = ["Synthesizer"]
