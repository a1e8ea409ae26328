"""All networks measured alike: the same loss, the same photos, the same measures, ours and other projects"."""

from __future__ import annotations

from texnet.evaluation.evaluate import evaluate
from texnet.evaluation.setup import EvalSetup, build_setup

__all__ = ["EvalSetup", "build_setup", "evaluate"]
