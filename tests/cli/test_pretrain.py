"""texnet pretrain: the generator that texnet ships."""

from __future__ import annotations

from pathlib import Path

from tests.cli.helpers import exit_code
from texnet.checkpoint import load_checkpoint
from texnet.cli.pretrain import main


def test_a_pretrained_generator_says_how_it_was_trained(photo_folder: Path, style_path: Path, tmp_path: Path) -> None:
    pictures = ["--data_dir", str(photo_folder), "--textures", str(style_path), "--output", str(tmp_path / "pretrained.pt")]
    small = ["--max_steps", "3", "--steps_per_style", "2", "--num_styles", "2", "--image_size", "32", "--batch_size", "2"]
    assert exit_code(main, [*pictures, *small, "--width", "4", "--num_blocks", "1", "--device", "cpu"]) == 0
    content = load_checkpoint(tmp_path / "pretrained.pt")
    assert content["step"] == 3
    assert content["config"]["loss"]["features"] == "compact"
    assert content["config"]["optim"]["init"] == "scratch"
