"""The textures that come with texnet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.helpers import REPOSITORY
from texnet.drawing import TEXTURES, save_texture, texture_file
from texnet.drawing.primitives import clouds, ramp, scatter, trace

SHIPPED = REPOSITORY / "textures"
SMALL, REDUCED = 128, 32  # pixels: what is drawn here, what is compared
SECONDS_TO_DRAW = ("brush_strokes", "chalk_hatching", "mosaic", "pointillism")  # at any size
every_texture = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SECONDS_TO_DRAW else name for name in TEXTURES]
)


def reduced(picture: Image.Image) -> NDArray[np.floating]:
    """The picture as blurred colors (REDUCED, REDUCED, 3)."""
    return np.asarray(picture.convert("RGB").resize((REDUCED, REDUCED), Image.Resampling.BOX), float)


@every_texture
def test_a_texture_is_a_function_of_its_size_and_seed(name: str) -> None:
    first, again, other = (TEXTURES[name](SMALL, seed) for seed in (3, 3, 4))
    assert (first.size, first.mode) == ((SMALL, SMALL), "RGB")
    assert np.array_equal(np.asarray(first), np.asarray(again))
    assert np.abs(reduced(first) - reduced(other)).mean() > 10


@pytest.mark.slow
@every_texture
def test_a_shipped_texture_is_what_the_code_draws(name: str) -> None:
    with Image.open(SHIPPED / texture_file(name)) as shipped:
        drawn = TEXTURES[name](512, 0)
        assert np.abs(reduced(shipped) - reduced(drawn)).mean() < 6
        assert np.corrcoef(reduced(shipped).ravel(), reduced(drawn).ravel())[0, 1] > 0.97
        if shipped.format == "PNG":  # nothing is lost
            assert np.abs(np.asarray(shipped, float) - np.asarray(drawn, float)).max() <= 1


@pytest.mark.parametrize("name", TEXTURES)
def test_a_texture_has_many_colors_from_dark_to_light_and_strokes_everywhere(name: str) -> None:
    with Image.open(SHIPPED / texture_file(name)) as shipped:
        picture = np.asarray(shipped.convert("RGB").resize((512, 512), Image.Resampling.LANCZOS), float)
    assert picture.std((0, 1)).min() > 35
    dark, light = np.percentile(picture.mean(2), (2, 98))
    assert dark < 75 and light > 180
    hues = np.asarray(Image.fromarray(picture.astype(np.uint8)).convert("HSV"), int)
    colorful = hues[..., 0][hues[..., 1] > 60]
    assert (np.bincount(colorful * 12 // 256, minlength=12) > 0.01 * colorful.size).sum() >= 4
    patches = picture.reshape(8, 64, 8, 64, 3).transpose(0, 2, 1, 3, 4).reshape(64, -1, 3)
    assert patches.std(1).max(1).min() > 8, "an empty place"


def test_every_texture_is_shipped_with_its_source() -> None:
    files = {texture_file(name) for name in TEXTURES}
    assert {path.name for path in SHIPPED.iterdir()} == {*files, "SOURCES.md"}
    sources = (SHIPPED / "SOURCES.md").read_text()
    assert [file for file in files if f"| {file} |" not in sources] == []
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 2.7e6


def test_saving_twice_gives_the_same_file(tmp_path: Path) -> None:
    first = save_texture("batik", tmp_path / "a", 64, 5).read_bytes()
    assert first == save_texture("batik", tmp_path / "b", 64, 5).read_bytes()


def test_noise_has_mean_0_and_deviation_1_and_the_same_spots_at_every_size() -> None:
    small, large = (clouds(size, 6, np.random.default_rng(1), 2, stretch=2) for size in (64, 256))
    assert (abs(large.mean()) < 1e-4) and abs(large.std() - 1) < 1e-3
    assert np.corrcoef(small.ravel(), large.reshape(64, 4, 64, 4).mean((1, 3)).ravel())[0, 1] > 0.98


def test_a_ramp_meets_its_colors() -> None:
    assert ramp(((0, 0, 0), (10, 20, 30), (255, 0, 4)), [0, 0.5, 0.75, 1]).tolist() == [
        [0, 0, 0], [10, 20, 30], [132.5, 10, 17], [255, 0, 4],
    ]  # fmt: skip


def test_a_traced_line_follows_the_field_at_the_given_length() -> None:
    angles = np.full((16, 16), np.pi / 2)
    line = trace(angles, np.array([[0.5, 0.5]]), 0.4, 4)[0]
    np.testing.assert_allclose(line, [[0.5, y] for y in (0.3, 0.4, 0.5, 0.6, 0.7)], atol=1e-6)


def test_scattered_points_leave_no_large_gap() -> None:
    points = scatter(400, np.random.default_rng(0))
    x, y = np.meshgrid(np.linspace(0, 1, 40), np.linspace(0, 1, 40))
    nearest = np.hypot(x[..., None] - points[:, 0], y[..., None] - points[:, 1]).min(2)
    assert nearest.max() < 2.2 / 20
