"""Synthesize textures of any size with a trained generator."""

from __future__ import annotations

from texnet.synthesize.synthesizer import Synthesizer

__all__ = ["Synthesizer"]
