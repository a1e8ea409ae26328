"""texnet distill: the compact feature network that texnet ships."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.cli.helpers import exit_code
from texnet.cli.distill import main
from texnet.config import STYLE_TAPS
from texnet.losses.features import Features
from texnet.losses.weights import load_vgg_weights


@pytest.fixture(scope="module")
def vgg19(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VGG-19 up to relu4_1 with random weights."""
    torch.manual_seed(0)
    features = Features("vgg19", STYLE_TAPS)
    for parameter in features.parameters():
        torch.nn.init.kaiming_normal_(parameter) if parameter.ndim > 1 else torch.nn.init.zeros_(parameter)
    path = tmp_path_factory.mktemp("weights") / "vgg19.pth"
    torch.save(features.state_dict(), path)
    return path


def distill(photo_folder: Path, style_path: Path, vgg19: Path, output: Path, *more: str) -> object:
    pictures = ["--data_dir", str(photo_folder), "--textures", str(style_path), "--vgg_weights", str(vgg19)]
    small = ["--sample_batches", "2", "--max_steps", "1", "--image_size", "32", "--batch_size", "2", "--device", "cpu"]
    return exit_code(main, [*pictures, *small, "--taps", *STYLE_TAPS, "--output", str(output), *more])


@pytest.mark.slow
def test_distillation_can_be_continued(photo_folder: Path, style_path: Path, vgg19: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.pt", tmp_path / "second.pt"
    assert distill(photo_folder, style_path, vgg19, first) == 0
    assert distill(photo_folder, style_path, vgg19, second, "--init", str(first)) == 0
    before, after = (load_vgg_weights("compact", str(path))[0] for path in (first, second))
    student = Features("compact", STYLE_TAPS)
    student.load_vgg(after, "second.pt")
    assert all(torch.equal(before[name], after[name]) for name in before if name.startswith(("channels", "unit")))
    assert any(not torch.equal(before[name], after[name]) for name in student.state_dict())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--init", "none.pt"], "--init none.pt: no such file"),
        (["--taps", "relu1_2"], "--taps must have those of the default loss"),
        (["--taps", *STYLE_TAPS, "hues"], "--taps hues: every network has them"),
        (["--taps", *STYLE_TAPS, "palette"], "--taps palette: every network has them"),
        (["--taps", *STYLE_TAPS, "pool4"], "--taps: convolutions and relus can be learned, pools not"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], complaint: str, photo_folder: Path, style_path: Path, vgg19: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = ["--data_dir", str(photo_folder), "--textures", str(style_path), "--vgg_weights", str(vgg19)]
    assert exit_code(main, [*pictures, "--image_size", "32", "--device", "cpu", *words]) == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert complaint in last
