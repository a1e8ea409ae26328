"""Training: from a config to a trained generator in a run's folder."""

from __future__ import annotations

from texnet.training.build import Training, build_training
from texnet.training.fit import FitResult, fit, train
from texnet.training.trainer import Callback, Trainer

__all__ = ["Callback", "FitResult", "Trainer", "Training", "build_training", "fit", "train"]
