"""The pictures of the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from texnet.cli.demo import write_photos


def test_the_demo_draws_scenes_and_copies_the_sample_photos_of_scikit_image(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    write_photos(tmp_path / "photos", num_scenes=2)
    names = {path.name for path in (tmp_path / "photos").iterdir()}
    assert {"scene-000.png", "scene-001.png", "astronaut.png", "chelsea.png", "coffee.png"} <= names
