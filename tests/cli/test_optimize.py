"""texnet optimize: from files to files, with snapshots, a sheet, and mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.cli.helpers import exit_code
from texnet.cli.optimize import main
from texnet.config import LossConfig
from texnet.images import load_picture
from texnet.losses import build_loss

ARTIST = 0x013B
LAYERS = ["--style_layers", "relu1_1", "relu2_1", "--content_layers", "relu2_1", "--style_size", "0"]


@pytest.fixture
def arguments(photo_folder: Path, style_path: Path, vgg_path: Path, tmp_path: Path) -> list[object]:
    places = ["--content", photo_folder / "photo-0.png", "--texture", style_path, "--vgg_weights", vgg_path]
    return [*places, "--output", tmp_path / "out", "--image_size", "48", "--device", "cpu", *LAYERS]


def test_a_photo_is_optimized_with_snapshots_and_a_sheet(
    arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(main, [*arguments, "--steps", 20, "--snapshot_every", 8]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    stem = "photo-0_stripes"
    assert names == {f"{stem}.png", f"{stem}-0008.png", f"{stem}-0016.png", f"{stem}-sheet.png"}
    assert load_picture(tmp_path / "out" / f"{stem}.png").image.shape == (1, 3, 48, 34)
    assert "20 steps, loss" in capsys.readouterr().out


def test_alpha_and_exif_data_of_the_photo_are_kept(arguments: list[object], photo_folder: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ARTIST] = "Ada"
    with Image.open(photo_folder / "photo-0.png") as photo:
        half = photo.convert("RGBA")
    half.paste((0, 0, 0, 0), (0, 0, 20, 56))
    half.save(tmp_path / "photo-0.png", exif=exif)
    arguments[arguments.index("--content") + 1] = tmp_path / "photo-0.png"
    assert exit_code(main, [*arguments, "--steps", 2, "--snapshot_every", 1]) == 0
    for name in ("photo-0_stripes.png", "photo-0_stripes-0001.png"):
        with Image.open(tmp_path / "out" / name) as made:
            alpha = np.asarray(made.getchannel("A"))
            assert not alpha[:, : alpha.shape[1] * 2 // 5].any() and (alpha[:, alpha.shape[1] * 3 // 5 :] == 255).all()
            assert made.getexif()[ARTIST] == "Ada"


def test_the_printed_loss_is_the_loss_of_the_picture_written(
    arguments: list[object],
    photo_folder: Path,
    style_path: Path,
    vgg_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments[arguments.index("--image_size") + 1] = 0
    assert exit_code(main, [*arguments, "--steps", 5, "--num_scales", 1]) == 0
    printed = float(capsys.readouterr().out.split("loss ")[1].split(":")[0])
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
    assert found == pytest.approx(printed, rel=0.02)  # the file holds bytes


def test_noise_and_another_picture_can_be_the_start(arguments: list[object], photo_folder: Path, tmp_path: Path) -> None:
    results = []
    for init in ("content", "noise", photo_folder / "photo-1.png"):
        assert exit_code(main, [*arguments, "--steps", 0, "--init", init, "--overwrite"]) == 0
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
        (["--texture="], "--texture is missing: name the style picture"),
        (["--init", "nowhere.png"], "--init nowhere.png: no such picture; give content, noise or a file"),
        (["--image_size", "2000000"], "; use --image_size "),
        (["--optimizer", "sgd"], "--optimizer: invalid choice: 'sgd'"),
        (["--steps", "-1"], "--steps must not be negative"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[object], flags: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(main, [*arguments, *flags]) == 2
    assert complaint in capsys.readouterr().err


def test_a_result_is_not_replaced_unasked(arguments: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, [*arguments, "--steps", 0]) == 0
    assert exit_code(main, [*arguments, "--steps", 0]) == 2
    assert "exists already: give --overwrite" in capsys.readouterr().err
