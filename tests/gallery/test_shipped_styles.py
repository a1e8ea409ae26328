"""The styles in checkpoints/: each loads, says all that a stranger wants to know and nothing of a machine, and is small."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import copy
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.gallery.helpers import ship
from tests.helpers import REPOSITORY
from texnet.checkpoint import load_trained
from texnet.gallery import gallery_text, missing_parts, read_shelf, readme_text
from texnet.gallery.pages import picture_of
from texnet.gallery.preview import SIDE, STYLE_SIDE
from texnet.gallery.shelf import ShelfStyle
from texnet.monitoring.base import totals
from texnet.stylize import Stylizer
from texnet.training.data import draw_scenes

CHECKPOINTS = REPOSITORY / "checkpoints"
MOST_BYTES = 25_000_000  # of all styles together
PLACE = re.compile(r"[/\\@]|\w:\w|\b(localhost|home|users|tmp)\b", re.IGNORECASE)  # of a machine or a person
TERM = re.compile(r"(style|content|luminance|tv|diversity)(/[\w.]+)*")  # of the loss, by layer and part
PATHS = sorted(CHECKPOINTS.glob("*.pt"))


def drawn_of(path: Path) -> Path | None:
    """The picture in textures/ that a shipped style learned, if it is one of these."""
    return next((REPOSITORY / "textures").glob(f"{path.stem.removesuffix('_light')}.*"), None)


@pytest.fixture(params=PATHS or ["one of the test's own"], ids=lambda path: Path(path).stem)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Each shipped style, or, where none is shipped, a small one that is finished in the same way."""
    return Path(request.param) if PATHS else ship(tmp_path, "wave") / "wave.pt"


@cache
def shelf_in(folder: Path) -> list[ShelfStyle]:
    """The styles in a folder, read once for all tests."""
    return read_shelf(str(folder))


def strings_in(content: Any) -> Iterator[str]:
    """All text in tables and lists of any depth."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from strings_in([key, value])
    elif isinstance(content, list | tuple):
        for value in content:
            yield from strings_in(value)


def test_a_shipped_style_has_a_complete_card_with_a_license_and_a_picture(path: Path) -> None:
    (style,) = (style for style in shelf_in(path.parent) if style.name == path.stem)
    checkpoint = style.checkpoint
    assert missing_parts(checkpoint) == []
    assert checkpoint.styles == (path.stem,)
    assert checkpoint.preview is not None and checkpoint.preview.shape == (3, STYLE_SIDE + SIDE // 3, SIDE)
    assert checkpoint.preview.float().std() > 10  # a picture, not a plane
    assert checkpoint.resume is None and not checkpoint.style_reader


def test_a_shipped_style_names_no_place(path: Path) -> None:
    told = list(strings_in(torch.load(path, weights_only=True)))
    assert {"vgg19", "vgg16", "compact"} & set(told)  # the search finds what is there
    assert [text for text in told if PLACE.search(text) and not TERM.fullmatch(text)] == []


def test_a_shipped_style_paints_and_leaves_a_photo_alone_at_0(path: Path) -> None:
    photo = torch.rand(1, 3, 48, 40)
    stylizer = Stylizer.load(path)
    assert torch.equal(stylizer(photo, 0.0), photo)
    assert (stylizer(photo, 1.0) - photo).abs().mean() > 0.01


@pytest.mark.parametrize("path", [path for path in PATHS if drawn_of(path)], ids=lambda path: Path(path).stem)
def test_a_shipped_style_is_refined_and_calibrated_by_the_loss_that_it_learned_with(path: Path) -> None:
    texture = drawn_of(path)
    loss = load_trained(path).loss(texture=str(texture))
    scenes, ones = draw_scenes(4, 128), torch.ones(4)
    terms = totals({name: term.item() for name, term in loss(scenes, scenes, ones, ones).items()})
    assert 0.5 < terms["style"] / loss.style_weight < 2, "of untouched photos it is 1, in their own statistic"


def test_all_shipped_styles_together_are_small() -> None:
    assert sum(path.stat().st_size for path in PATHS) <= MOST_BYTES


def test_the_pages_say_what_the_cards_say() -> None:
    shelf = shelf_in(CHECKPOINTS)
    remedy = "texnet styles --styles_dir checkpoints --readme checkpoints/README.md --gallery docs/gallery.md"
    assert (CHECKPOINTS / "README.md").read_text() == readme_text(shelf), remedy
    assert (REPOSITORY / "docs" / "gallery.md").read_text() == gallery_text(shelf), remedy
    assert [style.name for style in shelf if not (REPOSITORY / "docs" / "images" / picture_of(style)).is_file()] == []
    for style in shelf:
        with Image.open(CHECKPOINTS / f"{style.name}.jpg") as picture:
            shown = np.asarray(picture).astype(int)
        assert style.checkpoint.preview is not None
        assert np.abs(shown - style.checkpoint.preview.permute(1, 2, 0).numpy()).mean() < 12, style.name
    assert {path.stem for path in CHECKPOINTS.glob("*.jpg")} == {style.name for style in shelf}


def test_the_wheel_of_the_styles_holds_them_and_their_cards_alone(tmp_path: Path) -> None:
    project = tmp_path / "checkpoints"
    for name in ("my_run/style.pt", "wave.pt", "wave.jpg", "README.md", "pyproject.toml"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    copy(CHECKPOINTS / "pyproject.toml", project)
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=project, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("texnet_styles-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {"texnet_styles/README.md", "texnet_styles/wave.pt"}
