"""What files of before a change lack, completed so that they mean today what they meant then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def complete_optimizer(state: Any, names: Sequence[str], known: Mapping[str, Any]) -> Any:
    """Adam's state for the parameters ``names``, where it was written for those ``known``: it has not met the others yet.

    What is no such state is given back as it is.
    """
    places = [place for place, name in enumerate(names) if name in known]
    if len(places) == len(names) or not isinstance(state, dict):
        return state
    groups, moments = state.get("param_groups"), state.get("state")
    is_one = isinstance(groups, list) and len(groups) == 1 and groups[0].get("params") == list(range(len(places)))
    if not is_one or not isinstance(moments, dict):
        return state
    moved = {places[index]: of_one for index, of_one in moments.items()}
    return {**state, "state": moved, "param_groups": [{**state["param_groups"][0], "params": list(range(len(names)))}]}
