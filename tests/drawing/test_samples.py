"""Pictures to try texnet on without a download."""

from __future__ import annotations

from pathlib import Path

import pytest

from texnet.drawing.samples import save_sample_photos, save_sample_scene
from texnet.images import load_picture


def test_sample_photos_are_drawn_scenes_and_those_of_scikit_image(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    folder = save_sample_photos(tmp_path / "photos", num_scenes=2)
    names = {path.name for path in folder.iterdir()}
    assert {"scene-000.png", "scene-001.png", "astronaut.png", "chelsea.png", "coffee.png"} <= names


def test_the_sample_scene_replaces_itself_but_no_other_picture(tmp_path: Path) -> None:
    path = save_sample_scene(tmp_path)
    assert load_picture(path).pixels.shape == (3, 512, 512)
    assert save_sample_scene(tmp_path) == path
    with pytest.raises(FileExistsError, match=r"scene\.png exists already and is not the sample scene"):
        save_sample_scene(tmp_path, seed=1)
    before = path.read_bytes()
    save_sample_scene(tmp_path, seed=1, overwrite=True)
    assert path.read_bytes() != before
