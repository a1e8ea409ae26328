"""texnet demo: its mistakes, which end it before anything is drawn."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import pytest
from PIL import Image

from tests.cli.helpers import exit_code
from texnet import shipped
from texnet.checkpoint import Checkpoint
from texnet.cli.demo import main, show_shipped
from texnet.config import GeneratorConfig
from texnet.drawing.samples import NUM_SCENES
from texnet.generators import build_generator


@pytest.mark.parametrize("minutes", ["0", "-1", "inf"])
def test_the_minutes_must_be_positive(minutes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--minutes", minutes, "--output", tmp_path / "demo"]) == 2
    assert capsys.readouterr().err == "texnet: --minutes must be a positive number\n"
    assert not (tmp_path / "demo").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)  # most of which the calibration takes
def test_the_first_look_is_there_before_the_training(
    tmp_path: Path, photo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    (folder / "photos").mkdir(parents=True)
    for number in range(1, NUM_SCENES):  # what is there is not drawn again, which takes a minute
        copyfile(photo_folder / f"photo-{number % 8}.png", folder / "photos" / f"scene-{number:03d}.png")
    assert exit_code(main, ["--minutes", "0.02", "--output", folder]) == 0
    first_look, run = folder / "first_look.png", folder / "run"
    assert f"before any training: {first_look}" in capsys.readouterr().out
    assert first_look.stat().st_mtime < (run / "style.pt").stat().st_mtime
    with Image.open(first_look) as look:
        assert look.width == 5 * look.height  # five noise factors of a square photo


def test_three_shipped_styles_are_shown_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], photo_folder: Path
) -> None:
    styles = tmp_path / "clone"
    config = GeneratorConfig(width=4, num_blocks=1)
    for name in ("a_first", "mosaic", "wave", "z_last"):
        Checkpoint(config, build_generator(config).state_dict(), (name,)).save(styles / f"{name}.pt")
    (styles / shipped.MARK).touch()
    monkeypatch.setattr(shipped, "CLONE", styles)
    folder = tmp_path / "demo"
    (folder / "photos").mkdir(parents=True)
    copyfile(photo_folder / "photo-0.png", folder / "photos" / "scene-000.png")
    show_shipped(folder)
    target = folder / "three_styles.png"
    assert capsys.readouterr().out == f"in mosaic, wave, a_first, which come with texnet: {target}\n"
    with Image.open(target) as sheet:
        assert sheet.width == 4 * 40 + 3 * 4  # the photo and three paintings


def test_without_shipped_styles_the_demo_shows_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shipped, "CLONE", tmp_path / "none")
    monkeypatch.setattr(shipped, "PACKAGE", "no_such_package")
    show_shipped(tmp_path)
    assert capsys.readouterr().out == "" and list(tmp_path.iterdir()) == []
