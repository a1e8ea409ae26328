"""Flicker of networks, ours steady and frame by frame, others' frame by frame, in one table."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.video.helpers import pan
from texnet.checkpoint import Checkpoint
from texnet.config import EvaluateConfig, GeneratorConfig
from texnet.errors import UserError
from texnet.evaluation.steadiness import COLUMNS, measure_steadiness
from texnet.fast_neural_style import TransformerNet
from texnet.generators import build_generator
from texnet.images import save_image

pytest.importorskip("skimage")
CPU = torch.device("cpu")


@pytest.fixture
def networks(tmp_path: Path) -> tuple[str, str]:
    """A network of ours and one of pytorch/examples, neither trained."""
    torch.manual_seed(0)
    config = GeneratorConfig(width=4, num_blocks=1)
    Checkpoint(config, build_generator(config).state_dict(), ("mosaic",)).save(tmp_path / "style.pt")
    torch.save(TransformerNet().state_dict(), tmp_path / "other.pth")
    return str(tmp_path / "style.pt"), str(tmp_path / "other.pth")


@pytest.mark.slow
def test_every_way_of_painting_has_a_row(networks: tuple[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(pan(3, (0, 3), size=(128, 144))):
        save_image(frame, folder / f"{number}.png")
    table = measure_steadiness(EvaluateConfig(ckpt=networks, video=str(folder)), CPU)
    assert [len(row) for row in table.rows] == [len(COLUMNS)] * 4
    steady, by_frames, other, _ = table.rows
    assert by_frames[0] == f"{steady[0]}, frame by frame"
    assert other[0] == "other, frame by frame"
    assert float(steady[3]) < 0.2 * float(by_frames[3])  # a pan of 3 pixels


def test_a_single_frame_does_not_flicker(networks: tuple[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    save_image(pan(1)[0], folder / "1.png")
    with pytest.raises(UserError, match="a single frame; flicker needs more"):
        measure_steadiness(EvaluateConfig(ckpt=networks, video=str(folder)), CPU)


def test_frames_that_are_too_small_for_pans_are_refused(networks: tuple[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(pan(2, size=(96, 160))):
        save_image(frame, folder / f"{number}.png")
    with pytest.raises(UserError, match=r"160x96 pixels; flicker needs 128 to a side$"):
        measure_steadiness(EvaluateConfig(ckpt=networks, video=str(folder)), CPU)
