"""Training: from a config to a trained generator in a run"s folder."""

from __future__ import annotations

from texnet.training.build import Training, build_training

__all__ = ["Training", "build_training"]
