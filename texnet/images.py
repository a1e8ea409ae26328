"""Pictures between files and tensors; everywhere else they are RGB float [0, 1], (N, 3, H, W).

The only place that knows PIL, and the only one where sizes are (width, height).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms, UnidentifiedImageError
from torch import Tensor

from texnet.errors import UnreadablePictureError, UserError
from texnet.files import write_atomically

WRITABLE = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
SAVE_OPTIONS: dict[str, dict[str, int]] = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
SIXTEEN_BIT = 65535.0
ORIENTATION = 0x0112  # the EXIF tag; its values and what brings each upright:
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
MAX_ASPECT = 4  # training photos longer than this are cut to it: nothing enlarges a ribbon to gigabytes

# PIL warns of odd metadata; the pixels are what counts. Set once: warnings.catch_warnings is not safe in many threads
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True)
class Picture:
    """A picture file's pixels and what must survive a repaint: alpha, color profile, EXIF data."""

    pixels: Tensor  # uint8 (3, H, W), upright
    alpha: Tensor | None = None  # uint8 (H, W)
    icc_profile: bytes | None = None
    exif: bytes | None = None

    @property
    def image(self) -> Tensor:
        """The pixels as RGB float [0, 1], (1, 3, H, W)."""
        return to_float(self.pixels[None])


def to_float(pixels: Tensor) -> Tensor:
    """uint8 -> float32 in [0, 1]."""
    return pixels.float() / 255


def to_bytes(image: Tensor) -> Tensor:
    """Float in [0, 1] -> uint8, rounded; the inverse of :func:`to_float` for every byte."""
    return (image.float().clamp(0, 1) * 255).round().to(torch.uint8)


def load_image(path: str | Path) -> Tensor:
    """Read a picture as sRGB: float (1, 3, H, W) in [0, 1], upright, without its alpha; see :func:`load_picture`."""
    return load_picture(path).image


def load_picture(path: str | Path) -> Picture:
    """Read a picture whole, upright, with alpha, ICC profile and EXIF data kept; of an animation the first frame.

    UnreadablePictureError names a file that cannot be read.
    """
    with _reading(path) as opened:
        profile = opened.info.get("icc_profile")
        turned, exif = _turn_upright(opened)
        color, alpha = _split_alpha(turned)
        if profile and profile[16:20] != b"RGB ":  # the space that the profile is made for
            color, profile = _to_srgb(turned, profile, color), None
        return Picture(_to_tensor(color), alpha, profile, exif)


def load_training_photo(path: str | Path, crop_size: int) -> Tensor:
    """Read a photo to be cropped at ``crop_size``: uint8 (3, H, W), both sides at least the crop.

    Strokes are measured in pixels, so photos keep their scale, with two exceptions: smaller ones are enlarged, and
    ones more than twice as large are reduced to that (JPEG files already while decoding). Transparent parts are
    white. UnreadablePictureError also for a picture under an eighth of the crop.
    """
    with _reading(path) as opened:
        short = min(opened.size)
        if short < crop_size // 8:
            raise _unreadable(path, f"too small, {opened.width}x{opened.height} pixels")
        short = min(2 * crop_size, max(crop_size, short))
        opened.draft("RGB", _scaled(opened.size, short))
        turned, _ = _turn_upright(opened)
        color, alpha = _split_alpha(_limit_aspect(turned))
        if alpha is not None:
            white = Image.new("RGB", color.size, "white")
            color = Image.composite(color, white, Image.fromarray(alpha.numpy()))
        if min(color.size) != short:
            color = color.resize(_scaled(color.size, short), Image.Resampling.LANCZOS)
        return _to_tensor(color)


def load_style(path: str | Path, long_side: int) -> Tensor:
    """Read a style picture, its long side brought to ``long_side`` pixels (0 = as it is): float (1, 3, H, W).

    FileNotFoundError also names the picture of that name in ``textures/`` where there is one.
    """
    drawn = Path("textures", Path(path).name)
    if drawn.is_file() and not Path(path).exists():
        raise FileNotFoundError(f"--texture {path}: no such file; there is {drawn}")
    return resize_long(load_picture(path).image, long_side)


def resize_long(image: Tensor, long_side: int) -> Tensor:
    """Bring the long side to ``long_side`` pixels (0 = unchanged), with antialiasing: (N, 3, H, W) float."""
    size = size_at(image.shape[-2:], long_side)
    if size == tuple(image.shape[-2:]):
        return image
    resized = torch.nn.functional.interpolate(image, size, mode="bicubic", antialias=True, align_corners=False)
    return resized.clamp(0, 1)


def size_at(size: Sequence[int], long_side: int) -> tuple[int, int]:
    """(height, width) with the long side brought to ``long_side`` pixels (0 = unchanged)."""
    height, width = size
    scale = long_side / max(height, width) if long_side else 1.0
    return max(1, round(height * scale)), max(1, round(width * scale))


def limit_size(image: Tensor, max_size: int) -> Tensor:
    """Reduce the long side to at most ``max_size`` pixels (0 = no limit); never enlarges."""
    return image if max_size == 0 or max(image.shape[-2:]) <= max_size else resize_long(image, max_size)


def save_image(
    image: Tensor,
    path: str | Path,
    *,
    alpha: Tensor | None = None,
    icc_profile: bytes | None = None,
    exif: bytes | None = None,
) -> None:
    """Write RGB float [0, 1], (1, 3, H, W) or (3, H, W), in the format of the path's suffix, all or nothing.

    ValueError for a suffix that is none of WRITABLE, or where the format cannot hold such a picture. JPEG has no
    alpha: it is left out there.
    """
    path = Path(path)
    kind = check_writable(path)
    pixels = to_bytes(image.reshape(-1, *image.shape[-2:])).permute(1, 2, 0).cpu().numpy()  # (H, W, 3)
    picture = Image.fromarray(pixels)
    if alpha is not None and kind != "JPEG":
        picture.putalpha(Image.fromarray(alpha.cpu().numpy()))
    kept = {name: value for name, value in (("icc_profile", icc_profile), ("exif", exif)) if value}
    buffer = BytesIO()
    try:
        picture.save(buffer, kind, **SAVE_OPTIONS.get(kind, {}), **kept)
    except (ValueError, OSError) as error:  # too many pixels or too much metadata for the format
        raise UserError(f"{path}: cannot be written as {kind} ({error}); use .png") from error
    write_atomically(path, buffer.getvalue())


def check_writable(path: Path) -> str:
    """The format that a path's suffix stands for; ValueError where it is none of WRITABLE."""
    kind = WRITABLE.get(path.suffix.lower())
    if kind is None:
        raise UserError(f"{path}: cannot write {path.suffix or 'a file without suffix'}; use {' '.join(WRITABLE)}")
    return kind


def side_by_side(images: Sequence[Tensor]) -> Tensor:
    """Join pictures of one height in a row: [(N, 3, H, W_i)] -> (N, 3, H, sum of W_i)."""
    return torch.cat([image.cpu() for image in images], dim=3)


@contextmanager
def _reading(path: str | Path) -> Iterator[Image.Image]:
    """Open a picture; whatever PIL raises until the end of the block becomes one error that names the file."""
    try:
        with Image.open(path) as opened:
            yield opened
    except UnreadablePictureError:
        raise
    except UnidentifiedImageError as error:
        raise _unreadable(path, "not a picture that can be read") from error
    except Exception as error:  # PIL raises nearly every type there is on broken files
        raise _unreadable(path, getattr(error, "strerror", None) or str(error) or type(error).__name__) from error


def _unreadable(path: str | Path, reason: str) -> UnreadablePictureError:
    return UnreadablePictureError(" ".join(f"{path}: {reason}".splitlines()))


def _turn_upright(picture: Image.Image) -> tuple[Image.Image, bytes | None]:
    """The picture as its EXIF data say it was held, and these data without that; broken ones and a TIFF's are left out."""
    picture.load()
    exif, kept = Image.Exif(), None
    with suppress(Exception):  # PIL raises nearly every type there is on broken data, which harm no pixel
        exif = picture.getexif()
    turn = TURNS.get(exif.pop(ORIENTATION, 1))
    if exif and picture.format != "TIFF":  # a TIFF's tell how its own bytes lie in the file
        with suppress(Exception):
            kept = exif.tobytes()
    return picture if turn is None else picture.transpose(turn), kept


def _split_alpha(picture: Image.Image) -> tuple[Image.Image, Tensor | None]:
    """Any mode -> an RGB picture and its alpha, uint8 (H, W), where it has one that is not opaque."""
    if picture.mode == "F" or picture.mode.startswith("I"):
        return _from_deep(picture), None
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        alpha = torch.from_numpy(np.array(picture.getchannel("A")))
        return picture.convert("RGB"), None if alpha.min() == 255 else alpha
    return picture.convert("RGB"), None


def _from_deep(picture: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float gray -> RGB; PIL's own conversion would clip them to white."""
    values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
    highest = values.max()
    steps = (1.0, 255.0, SIXTEEN_BIT) if picture.mode == "F" else (SIXTEEN_BIT,)
    top = next((step for step in steps if highest <= step), highest)
    return Image.fromarray((values / top * 255).clip(0, 255).round().astype(np.uint8)).convert("RGB")


def _to_srgb(picture: Image.Image, profile: bytes, otherwise: Image.Image) -> Image.Image:
    """The colors that a profile of gray, inks or Lab stands for, as it cannot travel with RGB pixels."""
    source = otherwise.getchannel(0) if Image.getmodebase(picture.mode) == "L" else picture
    if source.mode in ("L", "CMYK", "LAB"):
        with suppress(ImageCms.PyCMSError, OSError):  # a broken profile: the plain conversion is what is left
            embedded = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(source, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return otherwise


def _limit_aspect(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    longest = MAX_ASPECT * min(width, height)
    if max(width, height) <= longest:
        return picture
    left, top = max(0, (width - longest) // 2), max(0, (height - longest) // 2)
    return picture.crop((left, top, width - left, height - top))


def _scaled(size: tuple[int, int], short: int) -> tuple[int, int]:
    scale = short / min(size)
    return max(short, round(size[0] * scale)), max(short, round(size[1] * scale))


def _to_tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous()
