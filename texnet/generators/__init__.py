"""Generators: the small networks that repaint a photo in one pass."""

from __future__ import annotations

from texnet.generators.base import Generator
from texnet.generators.build import GENERATORS, build_generator

__all__ = ["GENERATORS", "Generator", "build_generator"]
