"""The pictures that the demo brings along."""

from __future__ import annotations

from pathlib import Path

import pytest

from texnet.cli.demo import draw_texture, photo_data
from texnet.images import load_picture


def test_the_demo_draws_scenes_and_takes_the_sample_photos_of_scikit_image(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    folder = photo_data(tmp_path / "photos", num_scenes=2)
    names = {path.name for path in folder.iterdir()}
    assert {"scene-000.png", "scene-001.png", "astronaut.png", "chelsea.png", "coffee.png"} <= names


def test_the_demo_draws_its_own_texture(tmp_path: Path) -> None:
    assert load_picture(draw_texture(tmp_path / "deep" / "glass.png")).pixels.shape == (3, 512, 512)
