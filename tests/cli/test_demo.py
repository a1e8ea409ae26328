"""texnet demo: its mistakes, which end it before anything is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.cli.helpers import exit_code
from texnet.cli.demo import main


@pytest.mark.parametrize("minutes", ["0", "-1", "inf"])
def test_the_minutes_must_be_positive(minutes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--minutes", minutes, "--output", tmp_path / "demo"]) == 2
    assert capsys.readouterr().err == "texnet: --minutes must be a positive number\n"
    assert not (tmp_path / "demo").exists()


@pytest.mark.slow
def test_the_first_look_is_there_before_the_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    assert exit_code(main, ["--minutes", "0.02", "--output", folder]) == 0
    lines = capsys.readouterr().out
    assert lines.index(f"before any training: {folder / 'first_look.png'}") < lines.index("photos to train on")
    with Image.open(folder / "first_look.png") as look, Image.open(folder / "stylized" / "scene-000.png") as stylized:
        assert look.height == stylized.height and look.width >= 4 * look.height
