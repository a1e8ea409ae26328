"""Picture files in, repainted picture files out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from tests.odd_profiles import from_srgb_by_formula, srgb_profile, wide_gamut_profile
from texnet.config import StylizeConfig
from texnet.errors import UnreadablePictureError, UserError
from texnet.stylize import Stylizer
from texnet.stylize.files import plan_outputs, stylize_file, stylize_files
from texnet.stylize.mask_sources import Masks, build_masks

ORIENTATION, MAKER = 0x0112, 0x010F


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def plan(tmp_path: Path, *pictures: str | Path, output: str = "out", overwrite: bool = False) -> dict[str, str]:
    """Where each picture goes, both relative to the folder of the test."""
    named = [str(tmp_path / picture) for picture in pictures]
    outputs = plan_outputs(named, str(tmp_path / output), "mosaic", overwrite=overwrite)
    return {str(source.relative_to(tmp_path)): str(target.relative_to(tmp_path)) for source, target in outputs.items()}


def test_a_picture_is_written_into_the_folder_under_its_name_and_that_of_the_style(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.jpg")
    assert plan(tmp_path, "in/a.jpg") == {"in/a.jpg": "out/a_mosaic.png"}


@pytest.mark.parametrize("name", ["painted.png", "painted.JPG", "new/painted.webp"])
def test_a_single_picture_is_written_to_the_file_that_is_named(tmp_path: Path, name: str) -> None:
    touch(tmp_path / "a.jpg")
    assert plan(tmp_path, "a.jpg", output=name) == {"a.jpg": name}


def test_a_folder_that_is_called_like_a_picture_is_a_folder(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    (tmp_path / "out.png").mkdir()
    assert plan(tmp_path, "a.jpg", output="out.png") == {"a.jpg": "out.png/a_mosaic.png"}


def test_one_file_for_several_pictures_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "b.jpg")
    with pytest.raises(ValueError, match=r"^--output .*painted\.png: one file for 2 pictures; name a folder$"):
        plan(tmp_path, "a.jpg", "b.jpg", output="painted.png")


def test_folders_keep_their_structure(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.jpg", tmp_path / "in" / "sea" / "deep" / "a.jpg")
    assert plan(tmp_path, "in") == {
        "in/a.jpg": "out/a_mosaic.png",
        "in/sea/deep/a.jpg": "out/sea/deep/a_mosaic.png",
    }


def test_pictures_that_differ_in_the_suffix_alone_get_different_names(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.jpg", tmp_path / "in" / "a.png")
    assert plan(tmp_path, "in") == {"in/a.jpg": "out/a_mosaic.png", "in/a.png": "out/a.png_mosaic.png"}


def test_pictures_of_one_name_from_many_folders_all_get_a_file_of_their_own(tmp_path: Path) -> None:
    sources = [f"{folder}/a.jpg" for folder in ("spring", "summer", "autumn", "winter")]
    touch(*(tmp_path / source for source in sources))
    outputs = plan(tmp_path, *sources)
    assert set(outputs) == set(sources)
    assert len(set(outputs.values())) == 4


def test_a_longer_name_never_takes_that_of_another_picture(tmp_path: Path) -> None:
    sources = ["a.png.jpg", "a.jpg", "a.png"]
    touch(*(tmp_path / source for source in sources))
    assert len(set(plan(tmp_path, *sources).values())) == 3


def test_a_picture_that_is_named_twice_is_written_once(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.jpg")
    assert plan(tmp_path, "in/a.jpg", "in", "in/*.jpg") == {"in/a.jpg": "out/a_mosaic.png"}


def test_a_file_that_exists_is_not_replaced(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "out" / "a_mosaic.png")
    with pytest.raises(FileExistsError, match=rf"^{tmp_path}/out/a_mosaic\.png exists already: give --overwrite"):
        plan(tmp_path, "a.jpg")


def test_of_many_files_that_exist_one_is_named_and_the_others_counted(tmp_path: Path) -> None:
    touch(*(tmp_path / "in" / f"{n}.jpg" for n in range(3)), *(tmp_path / "out" / f"{n}_mosaic.png" for n in range(3)))
    with pytest.raises(FileExistsError, match=r"0_mosaic\.png and 2 more exists already"):
        plan(tmp_path, "in")


def test_a_file_that_exists_is_replaced_where_the_user_says_so(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "out" / "a_mosaic.png")
    assert plan(tmp_path, "a.jpg", overwrite=True) == {"a.jpg": "out/a_mosaic.png"}


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(FileNotFoundError, match=rf"^no pictures found in {tmp_path}/in$"):
        plan(tmp_path, "in")


def test_earlier_results_are_not_stylized_again_unless_they_are_named(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.jpg", tmp_path / "in" / "out" / "a_mosaic.png", tmp_path / "in" / "b_mosaic.png")
    messages: list[str] = []
    outputs = plan_outputs([str(tmp_path / "in")], f"{tmp_path}/in/out", "mosaic", overwrite=True, log=messages.append)
    assert {source.name for source in outputs} == {"a.jpg", "b_mosaic.png"}
    assert messages == ["1 pictures are results of an earlier run, and are left out"]
    again = plan_outputs([f"{tmp_path}/in/out/a_mosaic.png"], f"{tmp_path}/in/out", "mosaic", overwrite=True)
    assert [target.name for target in again.values()] == ["a_mosaic_mosaic.png"]


@pytest.mark.parametrize("name", ["at_0.5", "stylized.2024-05-01", "new.v2/", "plain"])
def test_a_name_without_the_suffix_of_a_format_is_a_folder(tmp_path: Path, name: str) -> None:
    touch(tmp_path / "a.jpg")
    outputs = plan_outputs([f"{tmp_path}/a.jpg"], f"{tmp_path}/{name}", "mosaic", overwrite=False)
    assert list(outputs.values()) == [tmp_path / name / "a_mosaic.png"]


def test_a_picture_that_is_not_there_ends_nothing_where_there_are_others(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg")
    skipped: list[str] = []
    named = [f"{tmp_path}/none.jpg", f"{tmp_path}/{'n' * 300}.jpg", f"{tmp_path}/a.jpg"]
    outputs = plan_outputs(named, f"{tmp_path}/out", "mosaic", overwrite=False, on_skip=skipped.append)
    assert list(outputs) == [tmp_path / "a.jpg"]
    assert skipped == [f"{name}: no such picture, folder or pattern" for name in named[:2]]


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"^{tmp_path}/none\.jpg: no such"):
        plan(tmp_path, "none.jpg")


def draw(width: int = 30, height: int = 20, channels: int = 3) -> Image.Image:
    """A picture of random bytes; with four channels the last is alpha."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8))


def read(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.copy()


def repaint(stylizer: Stylizer, source: Path, suffix: str = ".png", **options: Any) -> Image.Image:
    """Repaint a file into another beside it, and read that."""
    target = source.with_name(f"repainted{suffix}")
    config = StylizeConfig(**options)
    stylize_file([stylizer], source, target, config, build_masks(config))
    return read(target)


def saved(picture: Image.Image, path: Path, **options: Any) -> Path:
    picture.save(path, **options)
    return path


def test_the_size_of_the_picture_is_kept(stylizer: Stylizer, tmp_path: Path) -> None:
    assert repaint(stylizer, saved(draw(31, 17), tmp_path / "a.png")).size == (31, 17)


def test_a_larger_picture_is_reduced_to_the_size_that_is_asked_for(stylizer: Stylizer, tmp_path: Path) -> None:
    assert repaint(stylizer, saved(draw(60, 30), tmp_path / "a.png"), max_size=40).size == (40, 20)


def test_a_smaller_picture_is_not_enlarged(stylizer: Stylizer, tmp_path: Path) -> None:
    assert repaint(stylizer, saved(draw(30, 20), tmp_path / "a.png"), max_size=40).size == (30, 20)


def test_several_factors_make_a_strip_in_their_order(stylizer: Stylizer, tmp_path: Path) -> None:
    strip = np.asarray(repaint(stylizer, saved(draw(), tmp_path / "a.png"), noise_factor=(0.0, 1.0, 0.0)))
    photo = np.asarray(draw())
    assert strip.shape == (20, 90, 3)
    assert [np.array_equal(strip[:, left : left + 30], photo) for left in (0, 30, 60)] == [True, False, True]


def test_a_gray_picture_says_where_to_paint(stylizer: Stylizer, tmp_path: Path) -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[:, 30:] = 255
    path = saved(Image.fromarray(mask), tmp_path / "mask.png")
    source = saved(draw(), tmp_path / "a.png")
    masked = np.asarray(repaint(stylizer, source, noise_factor=(0.5, 1.0), mask=(str(path),)))
    plain = np.asarray(repaint(stylizer, source, noise_factor=(0.5, 1.0)))
    for left in (0, 30):  # of a strip of two factors
        assert np.array_equal(masked[:, left : left + 14], np.asarray(draw())[:, :14])
        assert np.array_equal(masked[:, left + 16 : left + 30], plain[:, left + 16 : left + 30])


def test_a_gray_picture_of_another_shape_is_refused(stylizer: Stylizer, tmp_path: Path) -> None:
    path = saved(Image.new("L", (20, 30)), tmp_path / "mask.png")
    with pytest.raises(ValueError, match=r"mask\.png: 20x30 pixels do not fit a picture of 30x20; give a mask"):
        repaint(stylizer, saved(draw(), tmp_path / "a.png"), mask=(str(path),))


def test_the_seed_changes_the_strokes(stylizer: Stylizer, tmp_path: Path) -> None:
    source = saved(draw(), tmp_path / "a.png")
    first, second = (repaint(stylizer, source, seed=seed).tobytes() for seed in (1, 2))
    assert first != second


def test_alpha_is_kept(stylizer: Stylizer, tmp_path: Path) -> None:
    picture = draw(channels=4)
    repainted = repaint(stylizer, saved(picture, tmp_path / "a.png"))
    assert repainted.getchannel("A").tobytes() == picture.getchannel("A").tobytes()


def test_a_strip_repeats_alpha(stylizer: Stylizer, tmp_path: Path) -> None:
    picture = draw(channels=4)
    strip = repaint(stylizer, saved(picture, tmp_path / "a.png"), noise_factor=(0.0, 1.0))
    assert np.array_equal(np.asarray(strip)[..., 3], np.tile(np.asarray(picture)[..., 3], (1, 2)))


def half_transparent(width: int, height: int) -> Image.Image:
    """White on the right, nothing on the left."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    picture.paste((255, 255, 255, 255), (width // 2, 0, width, height))
    return picture


def test_a_reduced_picture_has_reduced_alpha(stylizer: Stylizer, tmp_path: Path) -> None:
    reduced = repaint(stylizer, saved(half_transparent(60, 40), tmp_path / "a.png"), max_size=30)
    assert reduced.getchannel("A").tobytes() == half_transparent(30, 20).getchannel("A").tobytes()


def test_a_jpeg_takes_no_alpha(stylizer: Stylizer, tmp_path: Path) -> None:
    assert repaint(stylizer, saved(draw(channels=4), tmp_path / "a.png"), ".jpg").mode == "RGB"


@pytest.mark.parametrize("options", [{}, {"icc_profile": srgb_profile()}], ids=["untagged", "sRGB"])
def test_factor_zero_writes_the_bytes_of_a_picture_in_srgb(
    stylizer: Stylizer, tmp_path: Path, options: dict[str, bytes]
) -> None:
    same = repaint(stylizer, saved(draw(), tmp_path / "a.png", **options), noise_factor=(0.0,))
    assert np.array_equal(np.asarray(same), np.asarray(draw()))


def test_factor_zero_writes_the_srgb_rendering_of_a_wide_gamut_picture(stylizer: Stylizer, tmp_path: Path) -> None:
    patch = Image.new("RGB", (30, 20), from_srgb_by_formula((200, 60, 40), "Display P3"))
    source = saved(patch, tmp_path / "a.png", icc_profile=wide_gamut_profile("Display P3"))
    rendered = repaint(stylizer, source, noise_factor=(0.0,))
    assert rendered.getpixel((3, 3)) == pytest.approx((200, 60, 40), abs=1)
    assert "icc_profile" not in rendered.info and rendered.info["srgb"] == 0


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_exif_data_are_kept(stylizer: Stylizer, tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[MAKER] = "Zeiss"
    assert repaint(stylizer, saved(draw(), tmp_path / "a.jpg", exif=exif), suffix).getexif()[MAKER] == "Zeiss"


def held_sideways(path: Path) -> Path:
    """A picture that its EXIF data say to turn a quarter to the right."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return saved(draw(30, 20), path, exif=exif)


def test_a_picture_held_sideways_is_written_upright(stylizer: Stylizer, tmp_path: Path) -> None:
    upright = repaint(stylizer, held_sideways(tmp_path / "a.png"), noise_factor=(0.0,))
    assert np.array_equal(np.asarray(upright), np.rot90(np.asarray(draw(30, 20)), -1))


def test_what_was_turned_upright_is_not_to_be_turned_again(stylizer: Stylizer, tmp_path: Path) -> None:
    assert repaint(stylizer, held_sideways(tmp_path / "a.png")).getexif().get(ORIENTATION, 1) == 1


def test_a_file_that_is_no_picture_is_named_and_leaves_nothing_behind(stylizer: Stylizer, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(UnreadablePictureError, match=rf"^{tmp_path}/a\.jpg: "):
        stylize_file([stylizer], tmp_path / "a.jpg", tmp_path / "out" / "b.png", StylizeConfig())
    assert not (tmp_path / "out").exists()


def test_an_output_file_of_a_kind_that_cannot_be_written_is_refused_not_made_a_folder(
    photo_folder: Path, tmp_path: Path
) -> None:
    for suffix in (".gif", ".heic", ".xyz"):
        with pytest.raises(ValueError, match=rf"result\{suffix}: cannot write \{suffix}"):
            plan_outputs([str(photo_folder / "photo-0.png")], f"{tmp_path}/result{suffix}", "stripes", overwrite=False)


def failing(error: BaseException) -> Callable[[Tensor, float, int], Tensor]:
    """A stylizer that fails at pictures of 10 pixels in height."""

    def stylize(image: Tensor, factor: float, seed: int) -> Tensor:
        if image.shape[2] == 10:
            raise error
        return image

    return stylize


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), "the GPU's memory is too small; use --max_size, or --device cpu"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "the memory is too small; use --max_size"),
        (MemoryError(), "the memory is too small; use --max_size"),
        (UserError("too few to refine"), "too few to refine"),
        (OSError(28, "No space left on device", "out/b.png"), "No space left on device: out/b.png"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_picture_that_fails_is_named_and_the_others_are_stylized(tmp_path: Path, error: Exception, reason: str) -> None:
    sources = [saved(draw(30, height), tmp_path / f"{height}.png") for height in (20, 10, 30)]
    files = [(source, tmp_path / "out" / source.name) for source in sources]
    skipped: list[str] = []
    assert stylize_files([failing(error)], files, StylizeConfig(), skipped.append) == 2
    assert skipped == [f"{sources[1]}: {reason}"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["20.png", "30.png"]


def test_a_fault_of_texnet_itself_is_not_hidden(tmp_path: Path) -> None:
    files = [(saved(draw(30, 10), tmp_path / "a.png"), tmp_path / "b.png")]
    with pytest.raises(RuntimeError, match="shape"):
        stylize_files([failing(RuntimeError("shape"))], files, StylizeConfig(), pytest.fail)


def test_what_cannot_be_written_is_named_and_the_others_are_stylized(stylizer: Stylizer, tmp_path: Path) -> None:
    source = saved(draw(), tmp_path / "a.png")
    targets = [tmp_path / "out" / ("n" * 300 + ".png"), source / "inner" / "b.png", tmp_path / "out" / "c.png"]
    skipped: list[str] = []
    masks = Masks([("--mask m", lambda photo: torch.ones(10, 10))])
    assert stylize_files([stylizer], [(source, target) for target in targets], StylizeConfig(), skipped.append) == 1
    assert [text.split(": ")[1] for text in skipped] == ["File name too long", "Not a directory"]
    assert stylize_files([stylizer], [(source, tmp_path / "d.png")], StylizeConfig(), skipped.append, masks) == 0
    assert "--mask m: 10x10 pixels do not fit a picture of 30x20" in skipped[-1]
