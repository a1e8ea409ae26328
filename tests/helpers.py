"""Small real objects that the tests of this folder share."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from texnet.config import GeneratorConfig, TrainConfig
from texnet.generators import Generator, build_generator

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


def moved_generator(config: GeneratorConfig) -> Generator:
    """A generator whose weights have all left their first values, those that start at zero too."""
    torch.manual_seed(0)
    generator = build_generator(config)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return generator


def find_chromium() -> str:
    """The program of a browser on this machine; a test without one is skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium here")
    return found
