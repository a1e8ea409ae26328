"""Files in tiles: the same pixels as without, whatever the command asks for besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from texnet.config import StylizeConfig
from texnet.errors import UserError
from texnet.images import load_picture
from texnet.picture_parts import open_parts
from texnet.stylize import ColorKeeper, StrokeScaler, Stylizer
from texnet.stylize.files import stylize_file, stylize_files
from texnet.stylize.large_files import LargePictures
from texnet.stylize.mask_sources import build_masks

SIZE = (300, 530)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of two and a bit tiles."""
    pixels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    pixels[:, 200:] //= 2
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    return path


def assert_same(stylizers: list[Stylizer], photo: Path, config: StylizeConfig, suffix: str = ".png") -> None:
    """A picture in tiles has the pixels of the one that is painted at once."""
    masks = build_masks(config)
    stages: list[Any] = [StrokeScaler(each, config.stroke_size) if config.stroke_size != 1 else each for each in stylizers]
    stages = [ColorKeeper(each, config.keep_colors) if config.keep_colors else each for each in stages]
    whole, tiled = photo.with_name("whole.png"), photo.with_name("tiled" + suffix)
    stylize_file(stages, photo, whole, replace(config, tile=0), masks, LargePictures(stylizers, replace(config, tile=0)))
    done: list[float] = []
    totals: list[float] = []

    def progress(total: float) -> Callable[[float], None]:
        totals.append(total)
        return done.append

    config = replace(config, tile=256)
    large = LargePictures(stylizers, config, progress)
    assert large.takes(photo)
    stylize_file(stages, photo, tiled, config, masks, large)
    expected, found = load_picture(whole), load_picture(tiled)
    assert torch.equal(found.pixels, expected.pixels)
    assert found.alpha is None if expected.alpha is None else torch.equal(found.alpha, expected.alpha)
    assert sum(done) == pytest.approx(totals[0])
    assert not list(photo.parent.glob(".*.tiles"))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"noise_factor": (0.0, 0.4, 1.2)},
        {"keep_colors": 0.7},
        {"stroke_size": 2.0, "keep_colors": 1.0},
        {"max_size": 400},
    ],
    ids=str,
)
def test_a_file_in_tiles_has_the_same_pixels(stylizer: Stylizer, photo: Path, options: dict[str, Any]) -> None:
    assert_same([stylizer], photo, StylizeConfig(ckpt=("a.pt",), **options))


@pytest.mark.slow
def test_masks_and_several_networks_are_the_same_in_tiles(stylizer: Stylizer, ckpt: Path, photo: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, SIZE[1]).astype(np.uint8), (SIZE[0], 1))
    ramp[:, :100], ramp[:, 450:] = 0, 255
    Image.fromarray(ramp).save(photo.with_name("mask.png"))
    mask = str(photo.with_name("mask.png"))
    other = Stylizer.load(ckpt)
    with torch.no_grad():
        other.generator.norms[0].gamma.mul_(1.5)
    assert_same([stylizer], photo, StylizeConfig(ckpt=("a.pt",), mask=(mask,), feather=9))
    assert_same([stylizer, other], photo, StylizeConfig(ckpt=("a.pt", "b.pt"), mask=(mask, "rest"), keep_colors=0.5))


def test_transparency_and_exif_are_kept(stylizer: Stylizer, photo: Path) -> None:
    with Image.open(photo) as opened:
        opened.putalpha(Image.linear_gradient("L").resize(opened.size))
        exif = Image.Exif()
        exif[0x010E] = "a description"
        opened.save(photo, exif=exif)
    assert_same([stylizer], photo, StylizeConfig(ckpt=("a.pt",)))
    with Image.open(photo.with_name("tiled.png")) as found:
        assert found.getexif()[0x010E] == "a description"


def test_an_interrupted_file_goes_on_with_the_same_command_only(stylizer: Stylizer, photo: Path) -> None:
    config = StylizeConfig(ckpt=("a.pt",), tile=256)
    target, told = photo.with_name("tiled.png"), list[str]()

    def interrupt(work: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LargePictures([stylizer], config, lambda total: interrupt).stylize(photo, target)
    assert not target.exists()
    totals: list[float] = []

    def stop(total: float) -> Any:
        totals.append(total)
        return interrupt

    for again in (config, replace(config, seed=1)):
        with pytest.raises(KeyboardInterrupt):
            LargePictures([stylizer], again, stop, told.append).stylize(photo, target)
    assert totals[0] < totals[1]
    assert told == [f"{photo}: goes on from where it was interrupted"]


def test_a_format_that_is_not_written_in_tiles_is_named(stylizer: Stylizer, photo: Path) -> None:
    config, told = StylizeConfig(ckpt=("a.pt",), tile=256), list[str]()
    target = photo.with_name("tiled.jpg")
    done = stylize_files([stylizer], [(photo, target)], config, told.append, None, LargePictures([stylizer], config))
    assert done == 0
    assert "use .png or .tif" in told[0]


def test_what_fits_into_a_tile_or_the_memory_is_painted_at_once(
    stylizer: Stylizer, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = StylizeConfig(ckpt=("a.pt",))
    assert not LargePictures([stylizer], replace(config, tile=768)).takes(photo)
    assert not LargePictures([stylizer], config).takes(photo)
    monkeypatch.setattr("texnet.stylize.large_files.free_memory", lambda device: 10**6)
    assert LargePictures([stylizer], config).takes(photo)
    assert not LargePictures([stylizer], replace(config, max_size=64)).takes(photo)
    assert not LargePictures([stylizer], replace(config, refine=5)).takes(photo)


@pytest.mark.parametrize(
    "options", [{"tile": 100}, {"stroke_size": 5.0}, {"tile": 256, "refine": 3}, {"tile": 256, "projection": "equirectangular"}]
)
def test_options_that_do_not_go_together_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"--tile|--stroke_size"):
        StylizeConfig(ckpt=("a.pt",), **options)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "CMYK"])
def test_pyvips_reads_what_pillow_reads(mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyvips")
    bands = len(Image.new(mode, (1, 1)).getbands())
    values = np.random.default_rng(0).integers(0, 256, (70, 90, bands), dtype=np.uint8)
    path = tmp_path / "a.tif"
    Image.fromarray(values.squeeze(-1) if bands == 1 else values, mode).save(path)
    expected = load_picture(path)
    monkeypatch.setattr("texnet.picture_parts.READ_WHOLE", 0)
    parts = open_parts(path)
    region = (10, 60, 5, 40)
    assert parts.size == (70, 90)
    assert torch.equal(parts.read(region), expected.image[..., 10:60, 5:40])
    if expected.alpha is not None:
        assert torch.equal(parts.alpha(region), expected.alpha[10:60, 5:40])


def test_pyvips_turns_pictures_upright(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyvips")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)).save(tmp_path / "a.tif", exif=exif)
    expected = load_picture(tmp_path / "a.tif")
    monkeypatch.setattr("texnet.picture_parts.READ_WHOLE", 0)
    parts = open_parts(tmp_path / "a.tif")
    assert parts.size == (90, 70)
    assert torch.equal(parts.read((10, 60, 5, 40)), expected.image[..., 10:60, 5:40])


def test_a_tiff_in_tiles_has_smaller_copies(stylizer: Stylizer, photo: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    config = StylizeConfig(ckpt=("a.pt",), tiff_pyramid=True, tile=256)
    assert_same([stylizer], photo, config, ".tif")
    with tifffile.TiffFile(photo.with_name("tiled.tif")) as file:
        assert file.is_bigtiff
        (series,) = file.series
        assert [level.shape for level in series.levels] == [(300, 530, 3), (150, 265, 3), (75, 132, 3)]
        assert series.levels[0].pages[0].is_tiled
        full, half = (level.asarray().astype(float) for level in series.levels[:2])
    pooled = full[:, :530].reshape(150, 2, 265, 2, 3).mean((1, 3))
    assert np.abs(pooled - half).max() <= 0.5
