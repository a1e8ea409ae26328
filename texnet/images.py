"""Pictures between files and tensors; everywhere else they are sRGB, RGB float [0, 1], (N, 3, H, W).

With texnet/decoding.py and texnet/color.py the only place that knows PIL, and the only one where sizes are (width, height).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor
from torch.nn import functional as F

from texnet.color import is_deep, srgb_profile, to_srgb
from texnet.decoding import check_fits, exif_of, reading, turn_upright, unreadable
from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.picture_files import RESULT_MARK

WRITABLE = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
SAVE_OPTIONS: dict[str, dict[str, int]] = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
SMALLEST_SIDE = 16  # pixels: what the deepest layers of a loss need
MAX_ASPECT = 4  # training photos longer than this are cut to it: nothing enlarges a ribbon to gigabytes


@dataclass(frozen=True)
class Picture:
    """A picture file's pixels in sRGB, and what its stylized version takes over: alpha and EXIF data."""

    pixels: Tensor  # uint8 (3, H, W), upright
    alpha: Tensor | None = None  # uint8 (H, W)
    exif: bytes | None = None

    @property
    def image(self) -> Tensor:
        """The pixels as RGB float [0, 1], (1, 3, H, W)."""
        return to_float(self.pixels[None])

    @property
    def on_white(self) -> Tensor:
        """The same with what is transparent blended into white, as in training photos."""
        if self.alpha is None:
            return self.image
        opacity = to_float(self.alpha)
        return 1 - opacity * (1 - self.image)


def to_float(pixels: Tensor) -> Tensor:
    """uint8 -> float32 in [0, 1]."""
    return pixels.to(torch.float32, copy=True).div_(255)  # in place: pictures may fill half of the memory


def to_bytes(image: Tensor) -> Tensor:
    """Float in [0, 1] -> uint8, rounded; the inverse of :func:`to_float` for every byte."""
    return (image.float().clamp(0, 1) * 255).round().to(torch.uint8)


def load_image(path: str | Path) -> Tensor:
    """Read a picture as sRGB: float (1, 3, H, W) in [0, 1], upright, alpha left out; see :func:`load_picture`."""
    return load_picture(path).image


def load_picture(path: str | Path) -> Picture:
    """Read a picture whole, upright and in sRGB, with alpha and EXIF data kept; of an animation the first frame.

    Its ICC profile says what its numbers mean, see :func:`texnet.color.to_srgb`; without one they are sRGB. 16 bits become
    8. UnreadablePictureError names a file that cannot be read.
    """
    with reading(path) as opened:
        check_fits(opened, path)
        turn_upright(opened)
        color, alpha = split_alpha(opened)
        return Picture(_to_tensor(color), alpha, exif_of(opened))


def load_training_photo(path: str | Path, crop_size: int) -> Tensor:
    """Read a photo to be cropped at ``crop_size``: uint8 (3, H, W) in sRGB, both sides at least the crop.

    Strokes are measured in pixels, so photos keep their scale, with two exceptions: smaller ones are enlarged, and
    ones more than twice as large are reduced to that (JPEG files already while decoding). Transparent parts are
    white. UnreadablePictureError also for a picture under an eighth of the crop.
    """
    with reading(path) as opened:
        short = min(opened.size)
        if short < crop_size // 8:
            raise unreadable(path, f"too small, {opened.width}x{opened.height} pixels")
        short = min(2 * crop_size, max(crop_size, short))
        opened.draft("RGB", _scaled(opened.size, short))
        check_fits(opened, path)
        turn_upright(opened)
        color, alpha = split_alpha(_limit_aspect(opened))
        if alpha is not None:
            white = Image.new("RGB", color.size, "white")
            color = Image.composite(color, white, Image.fromarray(alpha.numpy()))
        if min(color.size) != short:
            color = color.resize(_scaled(color.size, short), Image.Resampling.LANCZOS)
        return _to_tensor(color)


def load_style(path: str | Path, long_side: int) -> Tensor:
    """Read a style picture, its long side brought to ``long_side`` pixels (0 = unchanged): float (1, 3, H, W) in [0, 1].

    Transparent parts are white, as in training photos. FileNotFoundError also names the picture of that name in
    ``textures/`` where there is one, UserError the long side that a narrow picture needs.
    """
    drawn = Path("textures", Path(path).name)
    if drawn.is_file() and not Path(path).exists():
        raise FileNotFoundError(f"--texture {path}: no such file; there is {drawn}")
    style = load_picture(path).on_white
    check_sides(style.shape[-2:], long_side, f"--texture {path}", "--style_size")
    return resize_long(style, long_side)


def check_sides(size: Sequence[int], long_side: int, what: str, flag: str) -> None:
    """UserError where a picture of (height, width), brought to ``long_side``, is narrower than SMALLEST_SIDE; see `flag`."""
    height, width = size_at(size, long_side)
    if min(height, width) < SMALLEST_SIDE:
        needed = math.ceil(SMALLEST_SIDE * max(size) / min(size))
        raise UserError(
            f"{what}: too narrow, {width}x{height} pixels where {SMALLEST_SIDE} to a side are needed; "
            f"cut it to a shape nearer to a square, or give {flag} {needed}"
        )


def resize(image: Tensor, size: Sequence[int]) -> Tensor:
    """Bring (N, 3, H, W) in [0, 1] to (height, width), bicubic with antialiasing, on the device where it is."""
    if tuple(image.shape[-2:]) == tuple(size):
        return image
    on_cpu = image.cpu()  # not every device can
    resized = F.interpolate(on_cpu, tuple(size), mode="bicubic", antialias=True, align_corners=False)
    return resized.clamp(0, 1).to(image)


def resize_long(image: Tensor, long_side: int) -> Tensor:
    """Bring the long side of (N, 3, H, W) in [0, 1] to ``long_side`` pixels (0 = unchanged)."""
    return resize(image, size_at(image.shape[-2:], long_side))


def size_at(size: Sequence[int], long_side: int) -> tuple[int, int]:
    """(height, width) with the long side brought to ``long_side`` pixels (0 = unchanged)."""
    height, width = size
    scale = long_side / max(height, width) if long_side else 1.0
    return max(1, round(height * scale)), max(1, round(width * scale))


def limit_size(image: Tensor, max_size: int) -> Tensor:
    """Reduce the long side to at most ``max_size`` pixels (0 = no limit); never enlarges."""
    return image if max_size == 0 or max(image.shape[-2:]) <= max_size else resize_long(image, max_size)


def save_stylized(images: Sequence[Tensor], path: str | Path, original: Picture) -> None:
    """Write versions of a picture, [(1, 3, H, W)] in [0, 1], side by side, with the alpha and EXIF data of the original.

    The alpha is resized to the images. A PNG says that it is a result of texnet. Errors as :func:`save_image`.
    """
    alpha = original.alpha
    if alpha is not None:
        alpha = fit_alpha(alpha, images[0]).repeat(1, len(images))  # (H, len(images) * W)
    save_image(side_by_side(images), path, alpha=alpha, exif=original.exif, is_result=True)


def fit_alpha(alpha: Tensor, image: Tensor) -> Tensor:
    """An alpha, uint8 (H, W), at the size of an image."""
    return F.interpolate(alpha[None, None].float(), image.shape[2:], mode="area")[0, 0].round().to(torch.uint8)


def save_image(
    image: Tensor,
    path: str | Path,
    *,
    alpha: Tensor | None = None,
    exif: bytes | None = None,
    is_result: bool = False,
) -> None:
    """Write RGB float [0, 1], (1, 3, H, W) or (3, H, W), in the format of the path's suffix, all or nothing.

    The file says that it is sRGB, as some programs show untagged pictures in the colors of the screen: a PNG by its sRGB chunk,
    other formats by a profile. UserError for a suffix that is none of WRITABLE, or where the format cannot hold such a picture.
    JPEG has no alpha. A PNG that ``is_result`` has a text chunk by which :func:`texnet.picture_files.find_pictures` knows it.
    """
    path = Path(path)
    kind = check_writable(path)
    pixels = to_bytes(image.reshape(-1, *image.shape[-2:])).permute(1, 2, 0).cpu().numpy()  # (H, W, 3)
    picture = Image.fromarray(pixels)
    if alpha is not None and kind != "JPEG":
        picture.putalpha(Image.fromarray(alpha.cpu().numpy()))
    metadata = {**_tags(kind, is_result), **({"exif": exif} if exif else {})}
    buffer = BytesIO()
    try:
        picture.save(buffer, kind, **SAVE_OPTIONS.get(kind, {}), **metadata)
    except (ValueError, OSError) as error:  # too many pixels or too much metadata for the format
        raise UserError(f"{path}: cannot be written as {kind} ({error}); use .png") from error
    write_atomically(path, buffer.getvalue())


def check_writable(path: Path) -> str:
    """The format that a path's suffix stands for; UserError where it is none of WRITABLE."""
    kind = WRITABLE.get(path.suffix.lower())
    if kind is None:
        raise UserError(f"{path}: cannot write {path.suffix or 'a file without suffix'}; use {' '.join(WRITABLE)}")
    return kind


def center_square(image: Tensor) -> Tensor:
    """The middle of pictures, as large as it can be: (N, C, H, W) -> (N, C, S, S), S the shorter side."""
    height, width = image.shape[-2:]
    side = min(height, width)
    return image[..., (height - side) // 2 :, (width - side) // 2 :][..., :side, :side]


def side_by_side(images: Sequence[Tensor]) -> Tensor:
    """Join pictures of one height in a row: [(N, 3, H, W_i)] -> (N, 3, H, sum of W_i), on the CPU."""
    return torch.cat([image.cpu() for image in images], dim=3)


def _tags(kind: str, is_result: bool) -> dict[str, Any]:
    """What Pillow writes beside the pixels to say that they are sRGB, and whose result they are."""
    if kind != "PNG":
        return {"icc_profile": srgb_profile()}
    chunks = PngInfo()
    chunks.add(b"sRGB", b"\0")  # 0: to be shown with the perceptual intent
    if is_result:
        chunks.add_text(*RESULT_MARK)
    return {"pnginfo": chunks}


def split_alpha(picture: Image.Image) -> tuple[Image.Image, Tensor | None]:
    """Any mode -> an RGB picture in sRGB and its alpha, uint8 (H, W), where it has one that is not opaque."""
    profile = picture.info.get("icc_profile")
    if not picture.has_transparency_data or is_deep(picture):
        return to_srgb(picture, profile), None
    picture = picture.convert("LA" if Image.getmodebase(picture.mode) == "L" else "RGBA")
    alpha = torch.from_numpy(np.array(picture.getchannel("A")))
    return to_srgb(picture, profile), None if alpha.min() == 255 else alpha


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
