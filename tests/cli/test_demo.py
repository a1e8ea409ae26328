"""texnet demo: its mistakes, which end it before anything is drawn."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import pytest
from PIL import Image

from tests.cli.helpers import exit_code
from texnet.cli.demo import main
from texnet.drawing.samples import NUM_SCENES


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
