"""The files and folders that the commands of these tests are given."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig
from texnet.generators import build_generator


@pytest.fixture
def places(
    tmp_path: Path,
    photo_folder: Path,
    style_path: Path,
    vgg_path: Path,
    coco_root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, str]:
    """The files and folders that command lines name in braces; the test runs in an empty folder."""
    monkeypatch.setenv("THP_MEM_ALLOC_ENABLE", "1")  # the commands set it for the whole process
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.jpg").write_text("no picture")
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "latest.pt").touch()
    (tmp_path / "one.png").touch()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "scene.png").touch()
    ckpt, texture_ckpt = tmp_path / "style.pt", tmp_path / "texture.pt"
    for path, no_content in ((ckpt, False), (texture_ckpt, True)):
        config = GeneratorConfig(width=4, num_blocks=1, no_content=no_content)
        weights = build_generator(config).state_dict()
        Checkpoint(config, weights, ("stripes",), term_norm={"tv": 1.0}).save(path)
        if not no_content:
            Checkpoint(config, weights, ("pretrained",)).save(tmp_path / "base.pt")
    return {
        "tmp": str(tmp_path),
        "photos": str(photo_folder),
        "photo": str(photo_folder / "photo-0.png"),
        "style": shutil.copy(style_path, tmp_path),
        "vgg": str(vgg_path),
        "coco": str(coco_root),
        "empty": str(tmp_path / "empty"),
        "broken": str(tmp_path / "broken"),
        "long": "n" * 300,
        "ckpt": str(ckpt),
        "texture_ckpt": str(texture_ckpt),
    }
