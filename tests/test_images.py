"""Pictures: whatever a file holds is read upright, as sRGB in [0, 1], or is reported; what is written reads back."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from tests.odd_pictures import BRICK, ORIENTATION, WHITE, OddPicture, upright_scene
from tests.odd_profiles import from_srgb_by_formula, srgb_profile, wide_gamut_profile
from texnet import color, decoding
from texnet.errors import UnreadablePictureError, UserError
from texnet.images import (
    WRITABLE,
    Picture,
    limit_size,
    load_image,
    load_picture,
    load_style,
    load_training_photo,
    resize_long,
    save_image,
    save_stylized,
    side_by_side,
    to_bytes,
    to_float,
)

CROP = 32
ARTIST, EXIF_IFD, TAKEN_AT = 0x013B, 0x8769, 0x9003
HALF_TRANSPARENT = ("png", "tif", "webp", "gif")

# PIL warns of broken EXIF data; the commands have that ignored, the library leaves it to its user
pytestmark = [pytest.mark.filterwarnings(f"ignore:::PIL.{name}") for name in ("Image", "TiffImagePlugin")]


def load_for_training(path: Path) -> Tensor:
    return load_training_photo(path, CROP)


def load_pixels(path: Path) -> Tensor:
    return load_picture(path).pixels


READERS = {"load_picture": load_pixels, "load_training_photo": load_for_training}
reading = pytest.mark.parametrize("read", READERS.values(), ids=list(READERS))


def corner(pixels: Tensor) -> tuple[int, ...]:
    """The color at the lower right."""
    return tuple(pixels[:, -1, -1].tolist())


def differ(one: tuple[int, ...], other: tuple[int, ...], by: int) -> bool:
    return any(abs(a - b) > by for a, b in zip(one, other, strict=True))


def usable(odd_pictures: Mapping[str, OddPicture]) -> dict[str, OddPicture]:
    return {name: odd for name, odd in odd_pictures.items() if not odd.problem}


def problem_of(read: Callable[[Path], object], path: Path) -> str:
    """What the reader says against a file; empty if nothing."""
    try:
        read(path)
    except UnreadablePictureError as error:
        return str(error)
    return ""


@given(st.lists(st.integers(0, 255), min_size=1, max_size=50))
@settings(max_examples=20, deadline=None)
def test_bytes_survive_a_round_trip_through_floats(values: list[int]) -> None:
    assert to_bytes(to_float(torch.tensor(values, dtype=torch.uint8))).tolist() == values


def test_every_byte_survives_a_round_trip_through_floats() -> None:
    every = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_bytes(to_float(every)), every)


def test_values_beyond_white_and_black_are_cut_to_them() -> None:
    assert to_bytes(torch.tensor([-3.0, -0.001, 1.001, 70.0])).tolist() == [0, 0, 255, 255]


def test_every_usable_picture_is_read_in_its_upright_size(odd_pictures: dict[str, OddPicture]) -> None:
    odd = usable(odd_pictures)
    sizes = {name: tuple(load_pixels(picture.path).shape) for name, picture in odd.items()}
    assert sizes == {name: (3, *picture.size) for name, picture in odd.items()}


def test_every_usable_picture_shows_its_color(odd_pictures: dict[str, OddPicture]) -> None:
    expected = {name: odd.color for name, odd in usable(odd_pictures).items() if odd.color}
    shown = {name: corner(load_pixels(odd_pictures[name].path)) for name in expected}
    assert {name: shown[name] for name, color in expected.items() if differ(shown[name], color, by=3)} == {}


def test_every_usable_picture_of_some_size_can_be_trained_on(odd_pictures: dict[str, OddPicture]) -> None:
    problems = {name: problem_of(load_for_training, odd.path) for name, odd in usable(odd_pictures).items() if odd.trainable}
    assert {name: problem for name, problem in problems.items() if problem} == {}


def test_training_photos_have_room_for_a_crop_and_are_never_much_larger(odd_pictures: dict[str, OddPicture]) -> None:
    shapes = {name: load_for_training(odd.path).shape for name, odd in usable(odd_pictures).items() if odd.trainable}
    sides = {name: (min(shape[1:]), max(shape[1:])) for name, shape in shapes.items()}
    outside = {name: side for name, side in sides.items() if not (CROP <= side[0] <= 2 * CROP and side[1] <= 4 * side[0])}
    assert outside == {}


def test_pictures_under_an_eighth_of_the_crop_are_refused_with_their_size(odd_pictures: dict[str, OddPicture]) -> None:
    tiny = {name: odd for name, odd in usable(odd_pictures).items() if not odd.trainable}
    assert {name: problem_of(load_for_training, odd.path) for name, odd in tiny.items()} == {
        name: f"{odd.path}: too small, {odd.size[1]}x{odd.size[0]} pixels" for name, odd in tiny.items()
    }


@reading
def test_every_unusable_file_is_refused_in_one_line_that_begins_with_its_path(
    odd_pictures: dict[str, OddPicture], read: Callable[[Path], Tensor]
) -> None:
    bad = {name: odd for name, odd in odd_pictures.items() if odd.problem}
    messages = {name: problem_of(read, odd.path) for name, odd in bad.items()}
    as_written = {name: str(odd.path).replace("\n", " ") for name, odd in bad.items()}
    assert [name for name in bad if not messages[name].startswith(f"{as_written[name]}: ") or "\n" in messages[name]] == []


@reading
def test_a_refusal_gives_a_reason(odd_pictures: dict[str, OddPicture], read: Callable[[Path], Tensor]) -> None:
    assert problem_of(read, odd_pictures["missing.png"].path).endswith("missing.png: No such file or directory")
    assert "truncated" in problem_of(read, odd_pictures["cut-at-60.jpg"].path)
    assert "decompression bomb" in problem_of(read, odd_pictures["bomb.png"].path)


def test_a_style_picture_that_is_in_textures_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("textures").mkdir()
    Image.new("RGB", (40, 40)).save("textures/waves.png")
    with pytest.raises(FileNotFoundError, match=r"^--texture waves\.png: no such file; there is textures/waves\.png$"):
        load_style("waves.png", 0)


@pytest.mark.parametrize("name", ["gray-16-bit.png", "gray-16-bit-big-endian.tif", "gray-32-bit.tif", "float-to-1.tif"])
@reading
def test_the_middle_of_deep_gray_is_the_middle_of_gray(
    odd_pictures: dict[str, OddPicture], name: str, read: Callable[[Path], Tensor]
) -> None:
    assert read(odd_pictures[name].path).unique().tolist() == [128]


@reading
def test_a_missing_value_in_a_float_picture_is_black(
    odd_pictures: dict[str, OddPicture], read: Callable[[Path], Tensor]
) -> None:
    assert read(odd_pictures["float-with-nan.tif"].path).unique().tolist() == [0, 128]


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("suffix", ["png", "tif"])
@reading
def test_a_turned_picture_shows_the_same_as_the_upright_one(
    odd_pictures: dict[str, OddPicture], orientation: int, suffix: str, read: Callable[[Path], Tensor]
) -> None:
    turned = read(odd_pictures[f"turned-{orientation}.{suffix}"].path)
    assert torch.equal(turned, read(odd_pictures["upright.png"].path))


@pytest.mark.parametrize("orientation", range(2, 9))
@reading
def test_a_turned_jpeg_shows_nearly_the_same_as_the_upright_picture(
    odd_pictures: dict[str, OddPicture], orientation: int, read: Callable[[Path], Tensor]
) -> None:
    turned = read(odd_pictures[f"turned-{orientation}.jpg"].path)
    upright = read(odd_pictures["upright.png"].path)
    assert (turned.float() - upright.float()).abs().mean() < 2


def test_a_long_turned_picture_is_cut_to_the_upright_middle(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.new("RGB", (400, 32), "red").save(tmp_path / "long.tif", exif=exif)
    assert tuple(load_training_photo(tmp_path / "long.tif", CROP).shape) == (3, 128, 32)


def test_broken_exif_data_are_left_out(odd_pictures: dict[str, OddPicture]) -> None:
    assert load_picture(odd_pictures["no-exif-header.jpg"].path).exif is None


def test_the_orientation_counts_though_other_exif_data_are_broken(odd_pictures: dict[str, OddPicture]) -> None:
    odd = odd_pictures["turned-in-part-broken-exif.jpg"]
    assert tuple(load_pixels(odd.path).shape[1:]) == odd.size == (48, 36)


@pytest.mark.parametrize("suffix", HALF_TRANSPARENT)
def test_alpha_is_kept_beside_the_pixels(odd_pictures: dict[str, OddPicture], suffix: str) -> None:
    alpha = load_picture(odd_pictures[f"half-transparent.{suffix}"].path).alpha
    assert alpha is not None
    assert alpha.shape == (36, 48)
    assert (alpha[:, :24] == 0).all() and (alpha[:, 24:] == 255).all()


@pytest.mark.parametrize("name", ["half-transparent-gray.png", "half-transparent-palette.png", "transparent-color.png"])
def test_transparency_of_any_kind_becomes_alpha(odd_pictures: dict[str, OddPicture], name: str) -> None:
    alpha = load_picture(odd_pictures[name].path).alpha
    assert alpha is not None
    assert alpha[0, 0] == 0


def test_an_opaque_picture_has_no_alpha(odd_pictures: dict[str, OddPicture]) -> None:
    assert load_picture(odd_pictures["opaque-alpha.png"].path).alpha is None


@pytest.mark.parametrize("suffix", HALF_TRANSPARENT)
def test_transparent_parts_of_training_photos_are_white(odd_pictures: dict[str, OddPicture], suffix: str) -> None:
    photo = load_for_training(odd_pictures[f"half-transparent.{suffix}"].path)
    assert (tuple(photo[:, 0, 0].tolist()), corner(photo)) == (WHITE, BRICK)


def test_a_transparent_ribbon_is_white_where_it_was_cut(odd_pictures: dict[str, OddPicture]) -> None:
    assert load_for_training(odd_pictures["transparent-palette-ribbon.png"].path).unique().tolist() == [255]


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp"])
@reading
def test_a_wide_gamut_photo_is_read_as_srgb(tmp_path: Path, suffix: str, read: Callable[[Path], Tensor]) -> None:
    options = {"webp": {"lossless": True}, "jpg": {"quality": 100, "subsampling": 0}}.get(suffix, {})
    photo = Image.new("RGB", (48, 36), from_srgb_by_formula(BRICK, "Display P3"))
    photo.save(tmp_path / f"photo.{suffix}", icc_profile=wide_gamut_profile("Display P3"), **options)
    assert corner(read(tmp_path / f"photo.{suffix}")) == pytest.approx(BRICK, abs=3)


@reading
def test_a_photo_that_is_tagged_as_srgb_keeps_its_bytes(tmp_path: Path, read: Callable[[Path], Tensor]) -> None:
    photo = upright_scene()
    photo.save(tmp_path / "tagged.png", icc_profile=srgb_profile())
    photo.save(tmp_path / "untagged.png")
    assert torch.equal(read(tmp_path / "tagged.png"), read(tmp_path / "untagged.png"))


def test_colors_are_converted_and_alpha_is_not(tmp_path: Path) -> None:
    photo = Image.new("RGBA", (48, 36), (*from_srgb_by_formula(BRICK, "Adobe RGB"), 77))
    photo.save(tmp_path / "photo.png", icc_profile=wide_gamut_profile("Adobe RGB"))
    read = load_picture(tmp_path / "photo.png")
    assert read.alpha is not None
    assert corner(read.pixels) == pytest.approx(BRICK, abs=2) and read.alpha.unique().tolist() == [77]


def test_a_style_picture_is_read_as_srgb_too(tmp_path: Path) -> None:
    style = Image.new("RGB", (48, 36), from_srgb_by_formula(BRICK, "ProPhoto RGB"))
    style.save(tmp_path / "style.png", icc_profile=wide_gamut_profile("ProPhoto RGB"))
    assert (255 * load_style(tmp_path / "style.png", 24)[0, :, 9, 12]).tolist() == pytest.approx(BRICK, abs=3)


def test_many_threads_share_a_profile(tmp_path: Path) -> None:
    profile = wide_gamut_profile("Display P3")
    for number in range(8):
        scene = upright_scene().rotate(45 * number)
        scene.save(tmp_path / f"{number}.png", icc_profile=profile)
    paths = [tmp_path / f"{number % 8}.png" for number in range(64)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(load_pixels, paths))
    assert all(torch.equal(pixels, load_pixels(path)) for pixels, path in zip(together, paths, strict=True))


def test_large_photos_are_reduced_to_twice_the_crop(tmp_path: Path) -> None:
    Image.new("RGB", (300, 200)).save(tmp_path / "large.jpg")
    assert tuple(load_training_photo(tmp_path / "large.jpg", CROP).shape) == (3, 64, 96)


def test_photos_up_to_twice_the_crop_keep_their_pixels(photo_folder: Path) -> None:
    path = photo_folder / "photo-1.png"
    assert torch.equal(load_training_photo(path, CROP), load_pixels(path))


def test_small_photos_are_enlarged_to_the_crop(tmp_path: Path) -> None:
    Image.new("RGB", (24, 16)).save(tmp_path / "small.png")
    assert tuple(load_training_photo(tmp_path / "small.png", CROP).shape) == (3, 32, 48)


def test_a_reduced_jpeg_looks_like_the_reduced_picture(tmp_path: Path) -> None:
    scene = upright_scene().resize((480, 360), Image.Resampling.BICUBIC)
    scene.save(tmp_path / "scene.jpg", quality=95)
    scene.save(tmp_path / "scene.png")
    jpeg, png = (load_training_photo(tmp_path / f"scene.{suffix}", CROP).float() for suffix in ("jpg", "png"))
    assert (jpeg - png).abs().mean() < 3


def test_the_image_of_a_picture_is_a_batch_of_one_in_0_to_1(odd_pictures: dict[str, OddPicture]) -> None:
    image = load_picture(odd_pictures["gray.png"].path).image
    assert tuple(image.shape) == (1, 3, 36, 48)
    assert image.unique().tolist() == pytest.approx([128 / 255])


def test_an_image_is_that_of_the_picture(odd_pictures: dict[str, OddPicture]) -> None:
    path = odd_pictures["upright.png"].path
    assert torch.equal(load_image(path), load_picture(path).image)


def test_a_style_is_brought_to_the_long_side_that_is_asked(style_path: Path) -> None:
    assert tuple(load_style(style_path, 32).shape) == (1, 3, 24, 32)


def test_a_style_of_long_side_0_stays_as_it_is(style_path: Path) -> None:
    assert torch.equal(load_style(style_path, 0), load_picture(style_path).image)


@given(height=st.integers(1, 60), width=st.integers(1, 60), long_side=st.integers(1, 80))
@settings(max_examples=20, deadline=None)
def test_a_resized_picture_has_the_long_side_and_keeps_its_shape(height: int, width: int, long_side: int) -> None:
    resized = resize_long(torch.rand(1, 3, height, width), long_side)
    short = min(height, width) * long_side / max(height, width)
    assert max(resized.shape[2:]) == long_side
    assert min(resized.shape[2:]) == pytest.approx(max(1, short), abs=0.5)


def test_a_resized_picture_stays_in_0_to_1() -> None:
    edges = (torch.arange(40) // 5 % 2).float().expand(1, 3, 40, 40)
    resized = resize_long(edges, 100)
    assert (resized.min(), resized.max()) == (0, 1)


def test_fine_detail_is_averaged_when_a_picture_is_reduced() -> None:
    chequered = (torch.arange(63)[:, None] + torch.arange(63)).remainder(2).float().expand(1, 3, 63, 63)
    middle = resize_long(chequered, 21)[..., 2:-2, 2:-2]
    assert (middle - 0.5).abs().max() < 0.05


def test_limiting_the_size_never_enlarges() -> None:
    image = torch.rand(1, 3, 20, 30)
    assert limit_size(image, 64) is image
    assert limit_size(image, 0) is image


def test_limiting_the_size_reduces_what_is_larger() -> None:
    assert tuple(limit_size(torch.rand(1, 3, 20, 30), 15).shape) == (1, 3, 10, 15)


def test_pictures_side_by_side_keep_their_order() -> None:
    row = side_by_side([torch.zeros(1, 3, 4, 2), torch.ones(1, 3, 4, 3)])
    assert row[0, 0, 0].tolist() == [0, 0, 1, 1, 1]


@given(height=st.integers(1, 9), width=st.integers(1, 9), seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_a_png_gives_back_every_byte(tmp_path_factory: pytest.TempPathFactory, height: int, width: int, seed: int) -> None:
    path = tmp_path_factory.getbasetemp() / "round.png"
    random = np.random.default_rng(seed)
    pixels = torch.from_numpy(random.integers(0, 256, (3, height, width), np.uint8))
    alpha = torch.from_numpy(random.integers(0, 255, (height, width), np.uint8))
    save_image(to_float(pixels), path, alpha=alpha)
    read = load_picture(path)
    assert read.alpha is not None
    assert torch.equal(read.pixels, pixels) and torch.equal(read.alpha, alpha)


@pytest.mark.parametrize("suffix", [suffix for suffix in WRITABLE if suffix != ".png"])
def test_a_file_says_by_its_profile_that_it_is_srgb(tmp_path: Path, suffix: str) -> None:
    save_image(torch.rand(3, 8, 8), tmp_path / f"photo{suffix}")
    with Image.open(tmp_path / f"photo{suffix}") as photo:
        profile = ImageCms.ImageCmsProfile(BytesIO(photo.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_a_png_says_by_a_chunk_that_it_is_srgb(tmp_path: Path) -> None:
    save_image(torch.rand(3, 8, 8), tmp_path / "photo.png")
    with Image.open(tmp_path / "photo.png") as photo:
        assert (photo.info["srgb"], photo.info.get("icc_profile")) == (0, None)


def test_equal_pictures_give_equal_files(tmp_path: Path) -> None:
    image = torch.rand(3, 8, 8)
    for suffix in WRITABLE:
        save_image(image, tmp_path / f"one{suffix}")
        color.srgb_profile.cache_clear()
        save_image(image, tmp_path / f"other{suffix}")
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"other{suffix}").read_bytes()


def test_stylized_versions_have_the_alpha_of_the_original_at_their_own_size(tmp_path: Path) -> None:
    alpha = torch.zeros(40, 60, dtype=torch.uint8)
    alpha[:, 30:] = 255
    original = Picture(torch.zeros(3, 40, 60, dtype=torch.uint8), alpha, exif_data())
    save_stylized([torch.rand(1, 3, 20, 30), torch.rand(1, 3, 20, 30)], tmp_path / "stylized.png", original)
    read = load_picture(tmp_path / "stylized.png")
    assert read.alpha is not None and read.alpha.shape == (20, 60)
    assert read.alpha.tolist() == 20 * [2 * (15 * [0] + 15 * [255])]
    assert read.exif is not None and b"Ada" in read.exif


def exif_data(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION], exif[ARTIST] = orientation, "Ada"
    exif[EXIF_IFD] = {TAKEN_AT: "2020:02:02 20:20:20"}
    return exif.tobytes()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_exif_data_survive_a_round_trip(tmp_path: Path, suffix: str) -> None:
    save_image(torch.rand(3, 8, 8), tmp_path / f"photo{suffix}", exif=exif_data())
    kept = load_picture(tmp_path / f"photo{suffix}").exif
    save_image(torch.rand(3, 8, 8), tmp_path / f"again{suffix}", exif=kept)
    with Image.open(tmp_path / f"again{suffix}") as again:
        exif = again.getexif()
        assert (exif[ARTIST], exif.get_ifd(EXIF_IFD)[TAKEN_AT]) == ("Ada", "2020:02:02 20:20:20")


def test_what_was_turned_upright_is_not_turned_again(tmp_path: Path) -> None:
    Image.new("RGB", (30, 20)).save(tmp_path / "turned.jpg", exif=exif_data(orientation=6))
    once = load_picture(tmp_path / "turned.jpg")
    save_image(once.image, tmp_path / "upright.jpg", exif=once.exif)
    assert load_pixels(tmp_path / "upright.jpg").shape == once.pixels.shape == (3, 30, 20)


@pytest.mark.parametrize("suffix", WRITABLE)
def test_what_was_read_of_any_usable_picture_can_be_written(
    odd_pictures: dict[str, OddPicture], tmp_path: Path, suffix: str
) -> None:
    changed = []
    for name, odd in usable(odd_pictures).items():
        picture = load_picture(odd.path)
        path = tmp_path / f"written{suffix}"
        save_image(picture.image, path, alpha=picture.alpha, exif=picture.exif)
        if load_picture(path).pixels.shape != picture.pixels.shape:
            changed.append(name)
    assert changed == []


@pytest.mark.parametrize(("suffix", "kind"), WRITABLE.items())
def test_a_file_is_of_the_format_that_its_suffix_says(tmp_path: Path, suffix: str, kind: str) -> None:
    save_image(torch.rand(1, 3, 8, 8), tmp_path / f"photo{suffix.upper()}")
    with Image.open(tmp_path / f"photo{suffix.upper()}") as photo:
        assert photo.format == kind


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_lossy_formats_change_a_scene_little(tmp_path: Path, odd_pictures: dict[str, OddPicture], suffix: str) -> None:
    scene: Picture = load_picture(odd_pictures["upright.png"].path)
    save_image(scene.image, tmp_path / f"scene{suffix}")
    assert (load_picture(tmp_path / f"scene{suffix}").image - scene.image).abs().mean() < 0.03


def test_tiff_keeps_every_byte_and_alpha(tmp_path: Path) -> None:
    pixels = torch.arange(192, dtype=torch.uint8).reshape(3, 8, 8)
    alpha = torch.arange(64, dtype=torch.uint8).reshape(8, 8)
    save_image(to_float(pixels), tmp_path / "photo.tif", alpha=alpha)
    read = load_picture(tmp_path / "photo.tif")
    assert read.alpha is not None
    assert torch.equal(read.pixels, pixels) and torch.equal(read.alpha, alpha)


def test_a_jpeg_leaves_alpha_out(tmp_path: Path) -> None:
    save_image(torch.zeros(3, 8, 8), tmp_path / "photo.jpg", alpha=torch.zeros(8, 8, dtype=torch.uint8))
    assert load_picture(tmp_path / "photo.jpg").alpha is None


@pytest.mark.parametrize("name", ["photo.gif", "photo.xyz", "photo"])
def test_a_suffix_that_cannot_be_written_is_refused_with_those_that_can(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}: cannot write .*\.png \.jpg"):
        save_image(torch.zeros(3, 8, 8), tmp_path / name)


def test_a_picture_too_large_for_a_format_is_refused_with_path_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"long\.webp: cannot be written as WEBP .*use \.png"):
        save_image(torch.zeros(3, 1, 20_000), tmp_path / "long.webp")


def test_metadata_too_long_for_a_format_are_refused_with_path_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"photo\.jpg: cannot be written as JPEG .*use \.png"):
        save_image(torch.zeros(3, 8, 8), tmp_path / "photo.jpg", exif=b"Exif\0\0" + bytes(100_000))


def test_a_refused_picture_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        save_image(torch.zeros(3, 1, 20_000), tmp_path / "long.webp")
    assert list(tmp_path.iterdir()) == []


def test_a_tensor_with_a_gradient_can_be_saved(tmp_path: Path) -> None:
    save_image(torch.full((1, 3, 8, 8), 0.5, requires_grad=True), tmp_path / "photo.png")
    assert load_pixels(tmp_path / "photo.png").unique().tolist() == [128]


def test_reading_in_many_threads_leaves_the_warning_filters_alone(odd_pictures: dict[str, OddPicture]) -> None:
    before = list(warnings.filters)
    paths = [odd.path for odd in odd_pictures.values()]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda path: problem_of(load_pixels, path), paths))
    assert list(warnings.filters) == before


@pytest.mark.slow
def test_importing_the_reader_leaves_the_warning_filters_alone() -> None:
    script = "import warnings, torch, PIL.ImageCms; before = list(warnings.filters); import texnet.images"
    script += "; assert warnings.filters == before"
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.slow
def test_commands_read_odd_metadata_without_a_word(odd_pictures: dict[str, OddPicture]) -> None:
    read = "from texnet.images import load_picture; load_picture(sys.argv[1])"
    script = f"import sys; from texnet.cli.commands import run_command; run_command(lambda: exec({read!r}) or 0)"
    command = [sys.executable, "-c", script, odd_pictures["exif-cut.jpg"].path]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def tall_gray(path: Path) -> Path:
    """One bit per pixel, and more pixels than Pillow's own limit."""
    Image.new("1", (40, 30), 1).save(path)
    return path


def test_a_picture_beyond_pillows_limit_is_read_where_memory_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    path = tall_gray(tmp_path / "large.png")
    assert load_pixels(path).shape == (3, 30, 40)
    assert load_for_training(path).shape == (3, 32, 43)
    assert load_style(path, 32).shape == (1, 3, 24, 32)
    assert Image.MAX_IMAGE_PIXELS == 500


def test_a_picture_that_needs_more_memory_than_is_free_is_refused_with_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "free_memory", lambda: 1000)
    path = tall_gray(tmp_path / "large.png")
    for read in READERS.values():
        assert "large.png: 40x30 pixels need about 0.0 GB of memory to be read" in problem_of(read, path)


def test_long_texts_in_a_file_harm_no_pixel(tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add_text("history", "x" * 1_200_000, zip=True)
    notes.add_itxt("more", "y" * 1_200_000, zip=True)
    Image.new("RGB", (48, 36), BRICK).save(tmp_path / "notes.png", pnginfo=notes)
    assert corner(load_pixels(tmp_path / "notes.png")) == BRICK


@pytest.mark.parametrize(
    ("head", "named"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC, which cannot be read here: convert it to JPEG"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a video, which cannot be read here"),
        (b"\xff\x0aanything", "JPEG XL, which"),
        (b"%PDF-1.7", "a PDF file, which"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_of_another_format_is_named_with_the_remedy(tmp_path: Path, head: bytes, named: str) -> None:
    (tmp_path / "a.jpg").write_bytes(head)
    assert named in problem_of(load_pixels, tmp_path / "a.jpg")


@reading
def test_a_pipe_is_refused_without_being_opened(tmp_path: Path, read: Callable[[Path], Tensor]) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert problem_of(read, tmp_path / "pipe.jpg") == f"{tmp_path}/pipe.jpg: a named pipe, not a picture's file"
    assert problem_of(read, Path("/dev/zero")) == "/dev/zero: a device, not a picture's file"


def test_transparent_parts_of_a_style_are_white(tmp_path: Path) -> None:
    logo = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    logo.paste((255, 200, 0, 255), (0, 0, 20, 40))
    logo.paste((0, 0, 0, 128), (20, 0, 40, 20))
    logo.save(tmp_path / "logo.png")
    style = load_style(tmp_path / "logo.png", 0)[0]
    assert style[:, 39, 39].tolist() == [1, 1, 1]
    assert (255 * style[:, 0, 0]).tolist() == pytest.approx([255, 200, 0])
    assert style[:, 0, 39].tolist() == pytest.approx([1 - 128 / 255] * 3)


@pytest.mark.parametrize(("size", "long_side", "remedy"), [((1000, 8), 512, 2000), ((320, 60), 32, 86), ((3, 1000), 0, 5334)])
def test_a_style_too_narrow_for_the_loss_is_refused_with_the_size_it_needs(
    tmp_path: Path, size: tuple[int, int], long_side: int, remedy: int
) -> None:
    path = tmp_path / "ribbon.png"
    Image.new("RGB", size).save(path)
    with pytest.raises(UserError, match=rf"^--texture {path}: too narrow, .* or give --style_size {remedy}$"):
        load_style(path, long_side)
    assert min(load_style(path, remedy).shape[2:]) == 16
