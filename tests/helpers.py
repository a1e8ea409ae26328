"""Small real objects that the tests of this folder share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from texnet.config import TrainConfig

REPOSITORY = Path(__file__).resolve().parents[1]


SHARED = REPOSITORY.parent / "shared"


STYLE_LAYERS = ("relu1_1", "relu2_1")


CONTENT_LAYERS = ("relu2_1",)


def with_options(config: TrainConfig, part: str, **changes: object) -> TrainConfig:
    """A config with some options of one of its parts changed."""
    return replace(config, **{part: replace(getattr(config, part), **changes)})


def assert_same(found: Any, expected: Any) -> None:
    """Two contents of checkpoints, dicts of tensors and plain types, are equal."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_same(found[key], expected[key])
    elif isinstance(expected, torch.Tensor):
        assert torch.equal(found, expected)
    else:
        assert found == expected
