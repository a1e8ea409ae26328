"""Color management: the numbers of a picture file, in whatever color space its ICC profile names, become sRGB."""

from __future__ import annotations

import struct
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image, ImageCms

MODES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK", b"Lab ": "LAB"}  # of Pillow, by the space that a profile names
INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOCACHE  # without a cache many threads may share a transform
SRGB_TOLERANCE = 2  # levels of 255 by which a profile that is called sRGB may differ; makers' own differ by 1
CREATION_DATE = slice(24, 36)  # of a profile's header; here the year of the standard
YEAR_OF_SRGB = struct.pack(">6H", 1999, 1, 1, 0, 0, 0)
EXIF_COLORS = (
    ExifTags.Base.TransferFunction,
    ExifTags.Base.WhitePoint,
    ExifTags.Base.PrimaryChromaticities,
)
SRGB_IN_EXIF, SRGB_IN_DCF = 1, "R98"  # of Adobe RGB: 2 or 65535, and R03
INTEROP_INDEX = 1
SIXTEEN_BIT = 65535.0


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """A picture of any mode -> RGB in sRGB, relative colorimetric with black point compensation; alpha is left out.

    Colors that sRGB lacks are clipped to it. The numbers stay as they are, byte for byte, where the profile is one of the
    many that mean sRGB or there is none, as on the web. A profile that is broken or made for another kind of picture counts
    as none.
    """
    picture = _to_8_bits(picture) if is_deep(picture) else picture
    plain = picture.convert("RGB")
    mode = MODES.get(profile[16:20]) if profile else None
    source = _in_mode(picture, plain, mode)
    if profile is None or mode is None or source is None:
        return plain
    transform = _transform(profile, mode)
    converted = transform.apply(source) if transform else None
    return plain if converted is None else converted


def is_deep(picture: Image.Image) -> bool:
    """Whether it is gray of more than 8 bits, which Pillow's own conversion would clip to white; color it reads as 8 bits."""
    return picture.mode == "F" or picture.mode.startswith("I")


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """A profile of sRGB, 588 bytes, without today's date in it: equal pictures give equal files."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[CREATION_DATE] = YEAR_OF_SRGB
    return bytes(profile)


def correct_exif(exif: Image.Exif) -> None:
    """Let EXIF data, where they speak of the color space, say sRGB. Raises nearly every type there is on broken data."""
    for tag in EXIF_COLORS:
        exif.pop(tag, None)
    if ExifTags.IFD.Exif not in exif:
        return
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details.pop(ExifTags.Base.Gamma, None)
    if ExifTags.Base.ColorSpace in details:
        details[ExifTags.Base.ColorSpace] = SRGB_IN_EXIF
    if ExifTags.IFD.Interop in details:
        interop = exif.get_ifd(ExifTags.IFD.Interop)
        if INTEROP_INDEX in interop:
            interop[INTEROP_INDEX] = SRGB_IN_DCF


def _to_8_bits(picture: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float gray -> 8 bits of gray; what is not a number is black."""
    values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
    highest = values.max()
    steps = (1.0, 255.0, SIXTEEN_BIT) if picture.mode == "F" else (SIXTEEN_BIT,)
    top = next((step for step in steps if highest <= step), highest)
    return Image.fromarray((values / top * 255).clip(0, 255).round().astype(np.uint8))


def _in_mode(picture: Image.Image, plain: Image.Image, mode: str | None) -> Image.Image | None:
    """The picture as a profile for ``mode`` takes it; None where the profile was made for another kind of picture."""
    if mode == "RGB":
        return None if picture.mode in ("CMYK", "LAB") else plain
    if mode == "L":
        return plain.getchannel(0) if Image.getmodebase(picture.mode) == "L" else None
    return picture if picture.mode == mode else None


@lru_cache(maxsize=64)  # a folder of photos has few profiles, and building a transform takes as long as decoding a photo
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What takes a profile's colors to sRGB; None where they are sRGB, or where the profile is broken."""
    try:
        embedded = ImageCms.ImageCmsProfile(BytesIO(profile))
        transform = ImageCms.buildTransform(embedded, ImageCms.createProfile("sRGB"), mode, "RGB", INTENT, FLAGS)
    except (ImageCms.PyCMSError, OSError):
        return None
    return None if _changes_nothing(transform, mode) else transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether it leaves a grid of colors as they are: descriptions and bytes differ between the many profiles of sRGB."""
    if mode not in ("RGB", "L"):
        return False
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(len(steps), -1, 3)  # (18, 18 * 18, 3)
    colors = Image.fromarray(grid if mode == "RGB" else grid[..., 0])
    changed = transform.apply(colors)
    before = np.asarray(colors.convert("RGB"), dtype=np.int16)
    return changed is not None and int(np.abs(np.asarray(changed, dtype=np.int16) - before).max()) <= SRGB_TOLERANCE
