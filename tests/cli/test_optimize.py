"""texnet optimize and stylize --refine: from files to files, with what a person sees on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from texnet.cli import optimize, stylize
from texnet.config import LossConfig, TrainConfig
from texnet.images import load_picture
from texnet.losses import build_loss
from texnet.monitoring.base import Monitor
from texnet.training import build_training

LAYERS = ["--style_layers", "relu1_1", "relu2_1", "--content_layers", "relu2_1", "--style_size", "0"]


def run(main: object, *argv: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(word) for word in argv])  # type: ignore[operator]
    return int(left.value.code or 0)


@pytest.fixture
def arguments(photo_folder: Path, style_path: Path, vgg_path: Path, tmp_path: Path) -> list[object]:
    places = ["--content", photo_folder / "photo-0.png", "--texture", style_path, "--vgg_weights", vgg_path]
    return [*places, "--output", tmp_path / "out", "--image_size", "48", "--device", "cpu", *LAYERS]


def test_a_photo_is_optimized_with_snapshots_and_a_sheet(
    arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(optimize.main, *arguments, "--steps", 20, "--snapshot_every", 8) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    stem = "photo-0_stripes"
    assert names == {f"{stem}.png", f"{stem}-0008.png", f"{stem}-0016.png", f"{stem}-sheet.png"}
    assert load_picture(tmp_path / "out" / f"{stem}.png").image.shape == (1, 3, 48, 34)
    assert "20 steps, loss" in capsys.readouterr().out


def test_the_loss_told_is_the_loss_of_the_picture_written(
    arguments: list[object],
    photo_folder: Path,
    style_path: Path,
    vgg_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments[arguments.index("--image_size") + 1] = 0
    assert run(optimize.main, *arguments, "--steps", 5, "--num_scales", 1) == 0
    told = float(capsys.readouterr().out.split("loss ")[1].split(":")[0])
    layers = {"style_layers": ("relu1_1", "relu2_1"), "content_layers": ("relu2_1",)}
    loss = build_loss(LossConfig(preset="gatys", vgg_weights=str(vgg_path), **layers))  # type: ignore[arg-type]
    loss.set_style(load_picture(style_path).image)
    photo = load_picture(photo_folder / "photo-0.png").image
    loss.measure_term_norm(photo)
    one = torch.ones(1)
    with torch.no_grad():
        found = sum(
            term.item() for term in loss(load_picture(tmp_path / "out/photo-0_stripes.png").image, photo, one, one).values()
        )
    assert found == pytest.approx(told, rel=0.02)  # the file holds bytes


def test_noise_and_another_picture_can_be_the_beginning(arguments: list[object], photo_folder: Path, tmp_path: Path) -> None:
    results = []
    for init in ("content", "noise", photo_folder / "photo-1.png"):
        assert run(optimize.main, *arguments, "--steps", 0, "--init", init, "--overwrite") == 0
        results.append(load_picture(tmp_path / "out" / "photo-0_stripes.png").image)
    photo = torch.nn.functional.interpolate(
        load_picture(photo_folder / "photo-0.png").image, (48, 34), mode="bicubic", antialias=True, align_corners=False
    )
    assert (results[0] - photo.clamp(0, 1)).abs().max() < 1 / 255
    assert results[1].std() == pytest.approx(0.2, abs=0.02)
    assert not torch.allclose(results[0], results[2], atol=0.1)


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--content="], "--content is missing: name a picture"),
        (["--texture="], "--texture is missing: name a picture"),
        (["--init", "nowhere.png"], "--init nowhere.png: no such picture; give content, noise or a file"),
        (["--image_size", "2000000"], "; use --image_size "),
        (["--optimizer", "sgd"], "--optimizer: invalid choice: 'sgd'"),
        (["--steps", "-1"], "--steps must not be negative"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[object], flags: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(optimize.main, *arguments, *flags) == 2
    assert complaint in capsys.readouterr().err


def test_a_result_is_not_replaced_unasked(arguments: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(optimize.main, *arguments, "--steps", 0) == 0
    assert run(optimize.main, *arguments, "--steps", 0) == 2
    assert "exists already: give --overwrite" in capsys.readouterr().err


@pytest.fixture
def trained(tiny_config: TrainConfig, tmp_path: Path) -> Path:
    training = build_training(tiny_config, tmp_path / "run", Monitor(), device=torch.device("cpu"), precision=torch.float32)
    assert training.fit()
    return tmp_path / "run" / "style.pt"


def test_refining_lowers_the_loss_that_the_network_was_trained_with(
    trained: Path, photo_folder: Path, vgg_path: Path, tmp_path: Path
) -> None:
    from texnet.checkpoint import Checkpoint

    loss = Checkpoint.load(trained).loss(vgg_weights=str(vgg_path))
    photo = load_picture(photo_folder / "photo-0.png").image
    losses = []
    for steps in (0, 3, 30):
        flags = ["--refine", steps, "--vgg_weights", vgg_path, "--output", tmp_path / f"{steps}.png", "--device", "cpu"]
        assert run(stylize.main, "--ckpt", trained, photo_folder / "photo-0.png", *flags) == 0
        one = torch.ones(1)
        with torch.no_grad():
            terms = loss(load_picture(tmp_path / f"{steps}.png").image, photo, one, one)
        losses.append(sum(term.item() for term in terms.values()))
    assert losses[2] < losses[1] < losses[0]


def test_refining_leaves_the_photo_alone_at_factor_zero(
    trained: Path, photo_folder: Path, vgg_path: Path, tmp_path: Path
) -> None:
    flags = ["--refine", 3, "--noise_factor", 0, "--vgg_weights", vgg_path, "--output", tmp_path / "same.png"]
    assert run(stylize.main, "--ckpt", trained, photo_folder / "photo-0.png", *flags) == 0
    same, photo = load_picture(tmp_path / "same.png"), load_picture(photo_folder / "photo-0.png")
    assert torch.equal(same.pixels, photo.pixels)


def test_refining_asks_for_a_style_picture_that_is_gone(
    trained: Path, photo_folder: Path, style_path: Path, vgg_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = trained.rename(tmp_path / "moved.pt")
    flags = ["--refine", 1, "--vgg_weights", vgg_path, "--output", tmp_path / "out", "--device", "cpu"]
    assert run(stylize.main, "--ckpt", trained, photo_folder / "photo-0.png", *flags) == 2
    assert "moved.pt: its style picture is not beside it as texture.png; name it with --texture" in capsys.readouterr().err
    assert run(stylize.main, "--ckpt", trained, photo_folder / "photo-0.png", *flags, "--texture", style_path) == 0
