"""Picture files of any size, read in parts: through pyvips where it is installed, else whole."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from texnet.decoding import exif_of, reading, unreadable
from texnet.errors import UnreadablePictureError
from texnet.images import Picture, fit_alpha, limit_size, load_picture, split_alpha, to_float

READ_WHOLE = 2**25  # pixels: up to there Pillow reads a picture, which takes a GB at most
INSTALL = "with pyvips it is read in parts: pip install '.[large]'"


@dataclass(frozen=True)
class PictureParts:
    """A picture of ``size``, (height, width), upright and in sRGB, that is read in parts.

    ``cut`` gives the pixels, float [0, 1], (1, 3, h, w), and the alpha, uint8 (h, w) or None, from top, bottom, left and right.
    """

    size: tuple[int, int]
    cut: Callable[[int, int, int, int], tuple[Tensor, Tensor | None]]
    has_alpha: bool
    exif: bytes | None

    def read(self, region: tuple[int, int, int, int]) -> Tensor:
        """A region, RGB float [0, 1], (1, 3, h, w)."""
        return self.cut(*region)[0]

    def alpha(self, region: tuple[int, int, int, int]) -> Tensor:
        """The alpha of a region, uint8 (h, w)."""
        pixels, alpha = self.cut(*region)
        return torch.full(pixels.shape[2:], 255, dtype=torch.uint8) if alpha is None else alpha


def size_of(path: str | Path) -> tuple[int, int]:
    """(height, width) of a picture file, perhaps not yet upright. UnreadablePictureError where it is none."""
    try:
        with reading(path) as opened:
            return opened.height, opened.width
    except UnreadablePictureError as error:
        vips = _pyvips()
        if vips is None or not Path(path).is_file():  # a pipe would never end
            raise
        try:
            image = _open(vips, path)
        except UnreadablePictureError:
            raise error from None  # Pillow's reason is the clearer one
        return image.height, image.width


def open_parts(path: str | Path, max_size: int = 0) -> PictureParts:
    """A picture file to be read in parts, its long side reduced to ``max_size`` pixels (0 = unchanged).

    pyvips reads TIFF, PNG, JPEG and WebP of any size without holding them, and formats that Pillow lacks. Pillow reads what is
    smaller or to be reduced. UnreadablePictureError names a file that cannot be read, or that needs pyvips.
    """
    vips = _pyvips()
    height, width = size_of(path)
    if max_size or vips is None or height * width <= READ_WHOLE:
        try:
            return _in_memory(load_picture(path), max_size)
        except UnreadablePictureError as error:
            if max_size:
                raise
            if vips is None:
                raise UnreadablePictureError(f"{error}; {INSTALL}" if "memory" in str(error) else str(error)) from error
    return _in_file(vips, path)


def _in_memory(picture: Picture, max_size: int) -> PictureParts:
    height, width = picture.pixels.shape[1:]
    is_reduced = bool(max_size) and max(height, width) > max_size
    image = limit_size(picture.image, max_size) if is_reduced else None
    alpha = picture.alpha if image is None or picture.alpha is None else fit_alpha(picture.alpha, image)

    def cut(top: int, bottom: int, left: int, right: int) -> tuple[Tensor, Tensor | None]:
        part = None if alpha is None else alpha[top:bottom, left:right]
        if image is not None:
            return image[..., top:bottom, left:right], part
        return to_float(picture.pixels[None, :, top:bottom, left:right]), part

    size = (height, width) if image is None else (image.shape[2], image.shape[3])
    return PictureParts(size, cut, alpha is not None, picture.exif)


def _in_file(vips: Any, path: str | Path) -> PictureParts:
    image = _open(vips, path).autorot()
    profile = image.get("icc-profile-data") if "icc-profile-data" in image.get_fields() else None
    shift = {"uchar": 0, "ushort": 8}.get(image.format)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "CMYK" if image.interpretation == "cmyk" else "RGBA"}.get(image.bands)
    if shift is None or mode is None:
        raise unreadable(path, f"{image.bands} bands of {image.format}, which are not read in parts: convert it to 8-bit RGB")

    def cut(top: int, bottom: int, left: int, right: int) -> tuple[Tensor, Tensor | None]:
        try:
            values = image.crop(left, top, right - left, bottom - top).numpy()
        except vips.Error as error:
            raise unreadable(path, str(error)) from error
        values = (values >> shift).astype(np.uint8) if shift else values
        values = values.reshape(bottom - top, right - left, -1)  # (h, w, bands)
        picture = Image.fromarray(np.ascontiguousarray(values[..., 0] if mode == "L" else values), mode)
        picture.info["icc_profile"] = profile
        color, alpha = split_alpha(picture)
        return to_float(torch.from_numpy(np.array(color)).permute(2, 0, 1)[None]), alpha

    exif = None
    with suppress(UnreadablePictureError), reading(path) as opened:
        exif = exif_of(opened)
    return PictureParts((image.height, image.width), cut, mode in ("LA", "RGBA"), exif)


def _open(vips: Any, path: str | Path) -> Any:
    try:
        return vips.Image.new_from_file(str(path), access="random")
    except vips.Error as error:
        raise unreadable(path, " ".join(str(error).split())) from error


def _pyvips() -> Any:
    """The module pyvips, or None where it or its library is missing; it keeps no parts that were read."""
    try:
        import pyvips
    except (ImportError, OSError):
        return None
    pyvips.cache_set_max(0)
    return pyvips
