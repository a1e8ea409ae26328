"""What files of before a change lack, completed so that they mean today what they meant then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from texnet.config import LossConfig, TrainConfig

T = TypeVar("T")

BEGIN_ANEW = "it cannot be resumed; begin a new training with --init and the style.pt of that run"
LATER_WEIGHTS = frozenset({"body.detail.conv.weight"})  # files from before this layer do not have it: 0 changes nothing
UNNAMED_STATISTICS = {"texnet": "sqrt_moments"}  # by preset, of files that do not name theirs: its default was another then


def complete_loss(config: T) -> T:
    """A loss's settings, or a training's, with the statistic that its preset stood for when the file was written."""
    if isinstance(config, TrainConfig):
        return replace(config, loss=complete_loss(config.loss))  # type: ignore[return-value]
    if isinstance(config, LossConfig) and config.statistic is None and config.preset in UNNAMED_STATISTICS:
        return replace(config, statistic=UNNAMED_STATISTICS[config.preset])  # type: ignore[return-value]
    return config


def complete_optimizer(state: Any, num_parameters: int) -> Any:
    """An optimizer's state for so many parameters: where it is Adam's, of before SOAP, one that begins anew.

    What Adam knew of the gradients is learned again in 50 steps. Any other state is given back as it is.
    """
    groups = state.get("param_groups") if isinstance(state, dict) else None
    if not isinstance(groups, list) or not groups or not isinstance(groups[0], dict) or "betas" not in groups[0]:
        return state
    return {"state": {}, "param_groups": [{"lr": groups[0].get("lr"), "params": list(range(num_parameters))}]}
