"""All networks measured alike: the same loss, the same photos, the same measures, ours and other projects'."""

from __future__ import annotations

from texnet.evaluation.evaluate import NetworkResult, evaluate
from texnet.evaluation.evaluator import Evaluator
from texnet.evaluation.setup import EvalSetup, build_setup

__all__ = ["EvalSetup", "Evaluator", "NetworkResult", "build_setup", "evaluate"]
