"""Small real objects that the tests of this folder share."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

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


def save_stripes(names: Sequence[str], folder: Path) -> list[str]:
    """Small style pictures that differ in color and scale, one for each name."""
    colors = ((200, 30, 20), (20, 60, 200), (30, 160, 40))
    paths = []
    for number, (name, color) in enumerate(zip(names, colors, strict=False)):
        picture = np.full((48, 64, 3), 255, np.uint8)
        picture[:, (np.arange(64) // (2 + 3 * number)) % 2 == 0] = color
        Image.fromarray(picture).save(folder / f"{name}.png")
        paths.append(str(folder / f"{name}.png"))
    return paths


def find_chromium() -> str:
    """The program of a browser on this machine; a test without one is skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium here")
    return found
