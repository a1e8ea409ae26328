"""Color management: the colors that a profile stands for come out as sRGB, and numbers that are sRGB stay as they are."""

from __future__ import annotations

import io
from datetime import datetime

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.odd_pictures import BRICK, GRAY, PLUM, encoded
from tests.odd_profiles import (
    SPACES,
    Color,
    from_srgb_by_formula,
    ink_profile,
    linear_gray_profile,
    srgb_profile,
    to_srgb_by_formula,
    wide_gamut_profile,
)
from texnet import color
from texnet.color import correct_exif, to_srgb

every_space = pytest.mark.parametrize("name", SPACES)
GRID = np.stack(np.meshgrid(*[np.arange(0, 256, 17, dtype=np.uint8)] * 3), axis=-1).reshape(16, 256, 3)
COLOR_SPACE, GAMMA, EXIF_IFD, INTEROP_IFD, WHITE_POINT, ARTIST = 0xA001, 0xA500, 0x8769, 0xA005, 0x013E, 0x013B


def patch(values: Color, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (4, 3), values)


def shown(picture: Image.Image) -> tuple[int, ...]:
    """The one color of a picture."""
    ((_, value),) = picture.getcolors() or []
    return tuple(value) if isinstance(value, tuple) else (int(value),)


@every_space
@pytest.mark.parametrize("wanted", [BRICK, PLUM, GRAY, (20, 120, 60), (250, 240, 200), (30, 60, 140)])
def test_a_color_of_srgb_in_a_wide_gamut_file_comes_out_as_it_is(name: str, wanted: Color) -> None:
    stored = from_srgb_by_formula(wanted, name)
    tolerance = 3 if name == "ProPhoto RGB" else 2  # its 8 bits are coarse
    assert shown(to_srgb(patch(stored), wide_gamut_profile(name))) == pytest.approx(wanted, abs=tolerance)


@every_space
def test_all_colors_come_out_as_by_the_published_matrix_clipped_to_srgb(name: str) -> None:
    found = np.asarray(to_srgb(Image.fromarray(GRID), wide_gamut_profile(name)), dtype=float)
    expected = to_srgb_by_formula(GRID / 255, name).clip(0, 1) * 255
    assert np.abs(found - expected).mean() < 0.6
    assert np.abs(found - expected).max() < 3


@every_space
def test_grays_stay_gray_and_white_stays_white(name: str) -> None:
    profile = wide_gamut_profile(name)
    assert shown(to_srgb(patch((255, 255, 255)), profile)) == pytest.approx((255, 255, 255), abs=1)
    red, green, blue = shown(to_srgb(patch(GRAY), profile))
    assert max(red, green, blue) - min(red, green, blue) <= 1


def test_the_red_of_display_p3_is_clipped_to_that_of_srgb() -> None:
    assert shown(to_srgb(patch((255, 0, 0)), wide_gamut_profile("Display P3"))) == pytest.approx((255, 0, 0), abs=1)


@pytest.mark.parametrize("mode", ["RGBA", "P", "YCbCr"])
def test_every_kind_of_color_picture_is_converted(mode: str) -> None:
    stored = patch(from_srgb_by_formula(BRICK, "Adobe RGB"))
    picture = stored.quantize(2) if mode == "P" else stored.convert(mode)
    assert shown(to_srgb(picture, wide_gamut_profile("Adobe RGB"))) == pytest.approx(BRICK, abs=3)


def test_gray_with_a_profile_of_color_has_the_tones_of_that_space() -> None:
    linear = (128 / 255) ** SPACES["ProPhoto RGB"].gamma
    expected = round(255 * (1.055 * linear ** (1 / 2.4) - 0.055))
    found = shown(to_srgb(Image.new("L", (4, 3), 128), wide_gamut_profile("ProPhoto RGB")))
    assert found == pytest.approx((expected,) * 3, abs=1)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16", "F"])
def test_gray_of_any_depth_is_converted_by_a_profile_of_gray(mode: str) -> None:
    middle = {"L": 128, "LA": (128, 10), "I;16": 32896, "F": 128.0}[mode]
    picture = Image.new(mode, (4, 3), middle)
    assert shown(to_srgb(picture, linear_gray_profile())) == (188, 188, 188)


def test_inks_are_converted_by_the_profile_of_the_inks() -> None:
    assert shown(to_srgb(Image.new("CMYK", (4, 3), (0, 255, 255, 0)), ink_profile(PLUM))) == pytest.approx(PLUM, abs=2)


def test_lab_is_converted_by_a_profile_of_lab() -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    picture = ImageCms.profileToProfile(patch(BRICK), srgb, lab, outputMode="LAB")
    assert picture is not None
    assert shown(to_srgb(picture, ImageCms.ImageCmsProfile(lab).tobytes())) == pytest.approx(BRICK, abs=2)


def srgb_of_another_maker() -> bytes:
    """sRGB with its curve as a table, and other bytes than Pillow's."""
    colorants = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
    SPACES["sRGB"] = SPACES["Display P3"]._replace(colorants=colorants)
    try:
        return wide_gamut_profile("sRGB")
    finally:
        del SPACES["sRGB"]


@pytest.mark.parametrize("profile", [None, srgb_profile(), color.srgb_profile(), srgb_of_another_maker(), b"broken" * 50])
def test_numbers_that_are_srgb_or_of_which_nothing_is_known_keep_every_byte(profile: bytes | None) -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8))
    assert to_srgb(picture, profile).tobytes() == picture.tobytes()


@pytest.mark.parametrize(
    ("picture", "profile"),
    [
        (patch(BRICK), linear_gray_profile()),
        (patch(BRICK), ink_profile(PLUM)),
        (patch(BRICK).convert("CMYK"), wide_gamut_profile("Adobe RGB")),
    ],
    ids=["gray for color", "inks for color", "color for inks"],
)
def test_a_profile_of_another_kind_of_picture_changes_nothing(picture: Image.Image, profile: bytes) -> None:
    assert to_srgb(picture, profile).tobytes() == picture.convert("RGB").tobytes()


def test_a_profile_cut_short_changes_nothing() -> None:
    profile = wide_gamut_profile("Display P3")
    for length in (20, 100, 128, 200, len(profile) - 1000):
        assert shown(to_srgb(patch(BRICK), profile[:length])) == BRICK


def test_the_profile_of_srgb_is_one_of_srgb_and_bears_no_date_of_today() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(color.srgb_profile()))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert profile.profile.creation_date == datetime(1999, 1, 1)
    assert len(color.srgb_profile()) < 1000


def exif_of(exif: Image.Exif) -> Image.Exif:
    """EXIF data as a JPEG gives them back."""
    with Image.open(io.BytesIO(encoded(patch(BRICK), "JPEG", exif=exif.tobytes()))) as opened:
        return opened.getexif()


def test_exif_data_of_adobe_rgb_say_srgb_afterwards_and_keep_the_rest() -> None:
    exif = Image.Exif()
    exif[ARTIST], exif[WHITE_POINT] = "Ada", (0.3127, 0.329)
    exif[EXIF_IFD] = {COLOR_SPACE: 0xFFFF, GAMMA: 2.2, 0x9003: "2020:02:02 20:20:20", INTEROP_IFD: {1: "R03"}}
    read = exif_of(exif)
    assert read.get_ifd(EXIF_IFD)[COLOR_SPACE] == 0xFFFF and read.get_ifd(INTEROP_IFD) == {1: "R03"}
    correct_exif(read)
    again = exif_of(read)
    assert again[ARTIST] == "Ada" and WHITE_POINT not in again
    assert again.get_ifd(EXIF_IFD)[COLOR_SPACE] == 1
    assert again.get_ifd(EXIF_IFD)[0x9003] == "2020:02:02 20:20:20" and GAMMA not in again.get_ifd(EXIF_IFD)
    assert again.get_ifd(INTEROP_IFD) == {1: "R98"}


def test_exif_data_that_say_nothing_of_colors_are_left_alone() -> None:
    exif = Image.Exif()
    exif[ARTIST] = "Ada"
    before = exif.tobytes()
    correct_exif(exif)
    assert exif.tobytes() == before
