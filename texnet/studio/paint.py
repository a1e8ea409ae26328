"""Painting for the page, in a process of its own: previews at any noise factor, with masks, and results at full size.

A preview is what ``texnet stylize --max_size`` gives, byte for byte: outputs of the networks are kept, not approximated.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Generic, TypeVar

from torch import Tensor
from torchvision.io import encode_png

from texnet.config import StylizeConfig
from texnet.config.stylize import REST
from texnet.devices import choose_device, choose_precision
from texnet.images import Picture, limit_size, load_picture, to_bytes
from texnet.studio.pictures import jpeg
from texnet.stylize import ColorKeeper, StrokeScaler, Stylizer
from texnet.stylize.files import check_noise_factors, stylize_file
from texnet.stylize.mask_sources import build_masks
from texnet.stylize.masks import stylize_with_masks
from texnet.stylize.stylizer import StylizeFn

UNTRAINED = "untrained:"  # before a style picture's path, in place of a network's
QUALITY = 92  # of the JPEG pictures between which the page fades
T = TypeVar("T")


class Recent(Generic[T]):
    """The most recently used of many things, made when they are asked for."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under a key, made where it is not."""
        value = self._kept.pop(key) if key in self._kept else make()
        self._kept[key] = value
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value


STYLIZERS: Recent[Stylizer] = Recent(4)
PICTURES: Recent[Picture] = Recent(3)
OUTPUTS: Recent[Tensor] = Recent(96)  # of a megapixel's quarter, 3 MB each


def preview(
    photo: str,
    networks: list[str],
    factor: float,
    *,
    seed: int = 0,
    keep_colors: float = 0.0,
    stroke_size: float = 1.0,
    mask: str = "",
    size: int = 512,
    exact: bool = True,
) -> tuple[Any, bytes]:
    """A photo painted at a long side of ``size`` pixels: as PNG where it is to be ``exact``, else as JPEG.

    With a ``mask`` the first network paints where it is white, and a second one, or the photo itself, is where it is black.
    UserError where a network was not trained for the factor, or the mask does not fit.
    """
    began = time.perf_counter()
    image = limit_size(_picture(photo).image, size)
    config = _config(networks, factor, seed, keep_colors, stroke_size, mask, size)
    masks = build_masks(config)
    check_noise_factors([_stylizer(name) for name in networks], config, masks)
    paint = [_kept(name, photo, size, keep_colors, stroke_size) for name in networks]
    if masks is None:
        output = paint[0](image, factor, seed)
    else:
        output = stylize_with_masks(paint, image, masks(Path(photo), (image.shape[2], image.shape[3])), factor, seed)
    data = encode_png(to_bytes(output[0]).contiguous(), 1).numpy().tobytes() if exact else jpeg(output[0], QUALITY)
    facts = {"width": image.shape[3], "height": image.shape[2], "milliseconds": 1000 * (time.perf_counter() - began)}
    return facts, data


def full(
    photo: str,
    networks: list[str],
    factor: float,
    target: str,
    *,
    seed: int = 0,
    keep_colors: float = 0.0,
    stroke_size: float = 1.0,
    mask: str = "",
    max_size: int = 0,
) -> tuple[Any, bytes]:
    """Paint a photo at its own size into a file, as ``texnet stylize`` does; errors as of :func:`preview`."""
    began = time.perf_counter()
    config = _config(networks, factor, seed, keep_colors, stroke_size, mask, max_size)
    masks = build_masks(config)
    stylizers = [_stylizer(name) for name in networks]
    check_noise_factors(stylizers, config, masks)
    scaled = [_scaled(stylizer, stroke_size) for stylizer in stylizers]
    stages: list[StylizeFn] = [ColorKeeper(stylizer, keep_colors) if keep_colors else stylizer for stylizer in scaled]
    stylize_file(stages, Path(photo), Path(target), config, masks)
    return {"seconds": time.perf_counter() - began}, b""


def describe(network: str) -> tuple[Any, bytes]:
    """What a slider needs to know of a network: its name and range."""
    stylizer = _stylizer(network)
    facts = {
        "style": stylizer.style,
        "max_noise_factor": stylizer.max_noise_factor,
        "fixed_noise_factor": stylizer.fixed_noise_factor,
    }
    return facts, b""


def get_ready() -> tuple[Any, bytes]:
    """Measure which number format is faster, once, before somebody waits for a picture."""
    choose_precision("auto", choose_device(""))
    return None, b""


def _config(
    networks: list[str], factor: float, seed: int, keep_colors: float, stroke_size: float, mask: str, max_size: int
) -> StylizeConfig:
    return StylizeConfig(
        ckpt=tuple(networks),
        noise_factor=(factor,),
        seed=seed,
        keep_colors=keep_colors,
        stroke_size=stroke_size,
        mask=(mask, *[REST] * (len(networks) - 1)) if mask else (),
        max_size=max_size,
    )


def _kept(network: str, photo: str, size: int, keep_colors: float, stroke_size: float) -> StylizeFn:
    """A network whose outputs of one photo are kept, so that masks, colors and a second look cost no second pass."""
    stylizer, changed = _scaled(_stylizer(network), stroke_size), _changed(photo)

    def paint(image: Tensor, factor: float, seed: int) -> Tensor:
        key = (network, _changed(network), photo, changed, size, stroke_size, round(factor, 6), seed)
        return OUTPUTS.get(key, lambda: stylizer(image, factor, seed))

    return ColorKeeper(paint, keep_colors) if keep_colors else paint


def _scaled(stylizer: Stylizer, stroke_size: float) -> StylizeFn:
    return stylizer if stroke_size == 1 else StrokeScaler(stylizer, stroke_size)


def _stylizer(network: str) -> Stylizer:
    def load() -> Stylizer:
        device = choose_device("")
        precision = choose_precision("auto", device)
        if network.startswith(UNTRAINED):
            return Stylizer.untrained(network.removeprefix(UNTRAINED), device, precision)
        return Stylizer.load(network, device, precision)

    return STYLIZERS.get((network, _changed(network)), load)


def _picture(path: str) -> Picture:
    return PICTURES.get((path, _changed(path)), lambda: load_picture(path))


def _changed(path: str) -> int:
    """When a file was last written, so that what is kept of it is not older."""
    return Path(path.removeprefix(UNTRAINED)).stat().st_mtime_ns


FUNCTIONS = {"ready": get_ready, "preview": preview, "full": full, "describe": describe}
