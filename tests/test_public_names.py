"""The names that ``texnet`` itself offers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import texnet
from tests.helpers import with_options
from texnet.config import TrainConfig


@pytest.mark.parametrize("name", texnet.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(texnet, name) is not None


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'texnet' has no attribute 'paint'"):
        texnet.paint  # noqa: B018


def test_a_style_is_trained_and_used_from_python(tiny_config: TrainConfig, photo_folder: Path, tmp_path: Path) -> None:
    from texnet import Stylizer, load_image, save_image, train

    style = train(with_options(tiny_config, "optim", epochs=0, max_steps=1), tmp_path / "run")
    assert style == tmp_path / "run" / "style.pt"
    photo = load_image(photo_folder / "photo-0.png")
    assert photo.shape == (1, 3, 56, 40)
    stylized = Stylizer.load(style)(photo, noise_factor=0.5)
    save_image(stylized, tmp_path / "stylized.png")
    assert (load_image(tmp_path / "stylized.png") - stylized).abs().max() <= 0.5 / 255 + 1e-6
    assert not torch.equal(stylized, photo)


@pytest.mark.slow
def test_a_run_without_a_named_folder_gets_a_new_one(tiny_config: TrainConfig) -> None:
    from texnet import train

    config = with_options(tiny_config, "optim", epochs=0, max_steps=1)
    runs = Path(config.run.checkpoint_dir)
    assert [train(config), train(config)] == [runs / name / "style.pt" for name in ("stripes", "stripes-2")]
