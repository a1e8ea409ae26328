"""The commands that make what texnet ships: the pretrained generator and the compact network."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from texnet.checkpoint import Checkpoint
from texnet.cli.distill import main as distill
from texnet.cli.pretrain import main as pretrain
from texnet.config import STYLE_TAPS
from texnet.losses.features import Features
from texnet.losses.weights import load_vgg_weights


def exit_code(command: object, words: list[str]) -> int:
    with pytest.raises(SystemExit) as stopped:
        command(words)  # type: ignore[operator]
    return int(stopped.value.code or 0)


def test_a_pretrained_generator_says_how_it_was_trained(photo_folder: Path, style_path: Path, tmp_path: Path) -> None:
    pictures = ["--data_dir", str(photo_folder), "--textures", str(style_path), "--license", "CC0-1.0"]
    output = ["--output", str(tmp_path / "pretrained.pt")]
    small = ["--max_steps", "3", "--steps_per_style", "2", "--num_styles", "2", "--image_size", "32", "--batch_size", "2"]
    assert exit_code(pretrain, [*pictures, *output, *small, "--width", "4", "--num_blocks", "1", "--device", "cpu"]) == 0
    found = Checkpoint.load(tmp_path / "pretrained.pt")
    assert (found.styles, found.term_norm, found.license) == (("pretrained",), {}, "CC0-1.0")
    assert found.loss_config.features == "compact"
    training = found.training
    assert (training.steps, training.num_photos, training.image_size, training.init) == (3, 8, 32, "scratch")
    assert training.minutes > 0 and training.losses["loss"] > 0


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


def teach(photo_folder: Path, style_path: Path, vgg19: Path, output: Path, *more: str) -> int:
    pictures = ["--data_dir", str(photo_folder), "--textures", str(style_path), "--vgg_weights", str(vgg19)]
    small = ["--sample_batches", "2", "--max_steps", "1", "--image_size", "32", "--batch_size", "2", "--device", "cpu"]
    return exit_code(distill, [*pictures, *small, "--taps", *STYLE_TAPS, "--output", str(output), *more])


def test_a_compact_network_is_taught_and_taught_on(photo_folder: Path, style_path: Path, vgg19: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.pt", tmp_path / "second.pt"
    assert teach(photo_folder, style_path, vgg19, first) == 0
    assert teach(photo_folder, style_path, vgg19, second, "--init", str(first)) == 0
    before, after = (load_vgg_weights("compact", str(path))[0] for path in (first, second))
    student = Features("compact", STYLE_TAPS)
    student.load_vgg(after, "second.pt")
    assert all(torch.equal(before[name], after[name]) for name in before if name.startswith(("channels", "unit")))
    assert any(not torch.equal(before[name], after[name]) for name in student.state_dict())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--init", "none.pt"], "--init none.pt: no such file"),
        (["--taps", "relu1_2"], "--taps must have those that count most"),
        (["--taps", *STYLE_TAPS, "hues"], "--taps hues: every network has them"),
        (["--taps", *STYLE_TAPS, "pool4"], "--taps: convolutions and relus can be taught, pools not"),
    ],
)
def test_a_mistake_is_told_in_a_line(
    words: list[str], complaint: str, photo_folder: Path, style_path: Path, vgg19: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = ["--data_dir", str(photo_folder), "--textures", str(style_path), "--vgg_weights", str(vgg19)]
    assert exit_code(distill, [*pictures, "--image_size", "32", "--device", "cpu", *words]) == 2
    told = capsys.readouterr().err.strip().splitlines()[-1]
    assert complaint in told
