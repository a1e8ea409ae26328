"""texnet styles: the list, a card, the contact sheet, and pages that say what the cards say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.helpers import complaints, exit_code
from tests.gallery.helpers import ship
from texnet import shipped
from texnet.cli.styles import main
from texnet.gallery import card_lines, gallery_text, read_shelf, readme_text

NAMES = ("mosaic", "wave_light")


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two finished styles; not to be changed."""
    return ship(tmp_path_factory.mktemp("shipped"), *NAMES)


def test_the_list_names_source_license_and_quality_of_each(styles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--styles_dir", styles]) == 0
    lines = capsys.readouterr().out.splitlines()
    cells = [cell.strip() for cell in lines[3].strip("|").split("|")]
    size = f"{(styles / 'wave_light.pt').stat().st_size / 1000:,.0f}"
    expected = ["wave_light", "A painter, wave_light, 1900", "public domain", "residual", "300", "6", "1.40", "1.20", size]
    assert cells == expected
    assert lines[-1] == "stylize with: texnet stylize --ckpt NAME photo.jpg"


def test_a_card_is_printed_in_full(styles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--styles_dir", styles, "--card", "mosaic"]) == 0
    told = capsys.readouterr().out
    for line in ("style picture: A painter, mosaic, 1900", "license: public domain", "training: 300 steps in 6 minutes"):
        assert f"{line}\n" in told
    assert "measured on: 20 photos of 256 pixels, features vgg19\nloss: 1.40\n" in told
    assert "optimality ratio: 1.20\nsteps of that optimization: 500\n" in told


def test_a_card_says_that_a_training_began_with_another_network(styles: Path) -> None:
    style = read_shelf(str(styles))[0]
    training = replace(style.checkpoint.training, init="checkpoint", num_styles=2)
    begun = replace(style, checkpoint=replace(style.checkpoint, training=training))
    expected = "300 steps in 6 minutes, 2 styles together, after those of the network that it began with"
    assert dict(card_lines(begun))["training"] == expected


def test_the_sheet_has_a_row_for_each_style(styles: Path, photo_folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    assert exit_code(main, ["--styles_dir", styles, "--sheet", sheet, "--photo", photo_folder / "photo-1.png"]) == 0
    with Image.open(sheet) as picture:
        assert picture.width == 150 + 128 + 4 * 56 + 5 * 4  # names, style, photo and three factors
        assert picture.height == 2 * 128 + 4 + 32


def test_the_pages_are_made_from_the_cards(styles: Path, tmp_path: Path) -> None:
    readme, gallery = tmp_path / "README.md", tmp_path / "docs" / "gallery.md"
    assert exit_code(main, ["--styles_dir", styles, "--readme", readme, "--gallery", gallery]) == 0
    shelf = read_shelf(str(styles))
    assert (readme.read_text(), gallery.read_text()) == (readme_text(shelf), gallery_text(shelf))
    for style in shelf:
        assert f"## {style.name}" in readme.read_text()
        for term, value in card_lines(style):
            assert f"- {term}: {value}\n" in readme.read_text()
        with Image.open(tmp_path / f"{style.name}.jpg") as picture:
            shown = np.asarray(picture).astype(int)
        assert style.checkpoint.preview is not None
        assert np.abs(shown - style.checkpoint.preview.permute(1, 2, 0).numpy()).mean() < 12
        with Image.open(tmp_path / "docs" / "images" / f"gallery_{style.name}.jpg") as picture:
            assert picture.size == (4 * 256 + 3 * 4, 256)  # style and three photos


def test_pages_without_a_style_say_so(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    page = tmp_path / "README.md"
    assert exit_code(main, ["--styles_dir", tmp_path / "none", "--readme", page]) == 0
    assert page.read_text().endswith("No style has been shipped yet.\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--styles_dir", "none"], "--styles_dir none: no such folder"),
        (["--styles_dir", "{styles}", "--card", "waves"], "--card waves: no such style; there are mosaic, wave_light"),
        (["--styles_dir", "{styles}", "--photo", "a.jpg"], "--photo is for a contact sheet: name its file with --sheet"),
        (["--styles_dir", "{styles}", "--readme", "page"], "--readme page: a page in Markdown; name a .md file"),
        (["--styles_dir", "{styles}", "--sheet", "a.xyz"], "a.xyz: cannot write .xyz"),
    ],
)
def test_mistakes_are_one_line(words: list[str], complaint: str, styles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, [word.format(styles=styles) for word in words]) == 2
    (line,) = complaints(capsys.readouterr().err)
    assert complaint in line


def test_without_installed_styles_the_command_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shipped, "CLONE", tmp_path)
    monkeypatch.setattr(shipped, "PACKAGE", "no_such_package")
    assert exit_code(main, []) == 2
    assert "no styles are installed: pip install ./checkpoints in a clone of texnet" in capsys.readouterr().err
