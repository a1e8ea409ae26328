"""texnet pretrain: the generator that texnet ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import exit_code
from texnet.checkpoint import Checkpoint
from texnet.cli.pretrain import main


def test_a_pretrained_generator_says_how_it_was_trained(photo_folder: Path, style_path: Path, tmp_path: Path) -> None:
    pictures = ["--data_dir", str(photo_folder), "--textures", str(style_path), "--license", "CC0-1.0"]
    output = ["--output", str(tmp_path / "pretrained.pt")]
    small = [
        "--num_val",
        "0",
        "--max_steps",
        "3",
        "--pool_size",
        "2",
        "--image_size",
        "32",
        "--batch_size",
        "2",
    ]
    assert exit_code(main, [*pictures, *output, *small, "--width", "4", "--num_blocks", "1", "--device", "cpu"]) == 0
    assert (tmp_path / "pretrained.state.pt").is_file()
    found = Checkpoint.load(tmp_path / "pretrained.pt")
    assert (found.styles, found.term_norm, found.license) == (("pretrained",), {}, "CC0-1.0")
    assert found.loss_config.features == "compact"
    training = found.training
    assert (training.steps, training.num_photos, training.image_size, training.init) == (3, 8, 32, "scratch")
    assert training.minutes > 0 and training.losses["loss"] > 0


def test_flags_that_pretraining_does_not_heed_are_none_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--data_dir", "photos", "--textures", "styles", "--diversity_weight", "1"]) == 2
    assert "--diversity_weight" in capsys.readouterr().err
