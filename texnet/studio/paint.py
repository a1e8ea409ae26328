"""Painting for the page, in a process of its own: previews at any noise factor, with masks, and results at full size.

A preview is what ``texnet stylize --max_size`` gives, byte for byte: outputs of the networks are kept, not approximated.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from torch import Tensor
from torchvision.io import encode_png

from texnet.devices import choose_device, choose_precision
from texnet.images import limit_size, load_picture, to_bytes
from texnet.studio.paint_options import UNTRAINED, PaintOptions
from texnet.studio.pictures import jpeg
from texnet.studio.progress import telling
from texnet.stylize import ColorKeeper, StrokeScaler, Stylizer
from texnet.stylize.files import check_noise_factors, stylize_file
from texnet.stylize.mask_sources import Masks, build_masks
from texnet.stylize.masks import stylize_with_masks
from texnet.stylize.stylizer import StylizeFn
from texnet.video.schedule import FactorSchedule

SMALL = 96  # pixels of a long side at which a picture at full size is painted first, to know what is to come
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
PHOTOS: Recent[Tensor] = Recent(12)  # reduced
OUTPUTS: Recent[Tensor] = Recent(96)  # of a megapixel's quarter, 3 MB each


def preview(options: PaintOptions, size: int, *, exact: bool = True) -> tuple[Any, bytes]:
    """A photo painted at a long side of ``size`` pixels: as PNG where it is to be ``exact``, else as JPEG.

    UserError where a network was not trained for the factor, or the mask does not fit.
    """
    began = time.perf_counter()
    image = _photo(options.photo, size)
    stages: list[StylizeFn] = [_kept(name, options, size) for name in options.networks]
    output = _painted(stages, image, options, _masks(options))
    data = encode_png(to_bytes(output[0]).contiguous(), 1).numpy().tobytes() if exact else jpeg(output[0], QUALITY)
    facts = {"width": image.shape[3], "height": image.shape[2], "milliseconds": 1000 * (time.perf_counter() - began)}
    return facts, data


def full(options: PaintOptions, target: str, tell: Callable[[float], object] = lambda share: None) -> tuple[Any, bytes]:
    """Paint a photo at its own size into a file, as ``texnet stylize`` does; errors as of :func:`preview`.

    ``tell`` gets the share that is done.
    """
    began = time.perf_counter()
    masks, stylizers = _masks(options), [stylizer_of(name) for name in options.networks]
    scaled = [_scaled(stylizer, options.stroke_size) for stylizer in stylizers]
    colors = options.keep_colors
    stages: list[StylizeFn] = [ColorKeeper(stylizer, colors) if colors else stylizer for stylizer in scaled]
    with telling(
        [stylizer.generator for stylizer in stylizers],
        lambda: _painted(stages, _photo(options.photo, SMALL), options, masks),
        tell,
    ):
        stylize_file(stages, Path(options.photo), Path(target), options.config(), masks)
    return {"seconds": time.perf_counter() - began}, b""


def describe(network: str) -> tuple[Any, bytes]:
    """What a slider needs to know of a network: its name and range."""
    stylizer = stylizer_of(network)
    facts = {
        "style": stylizer.style,
        "max_noise_factor": stylizer.max_noise_factor,
        "fixed_noise_factor": stylizer.fixed_noise_factor,
    }
    return facts, b""


def check(options: PaintOptions) -> tuple[Any, bytes]:
    """UserError where the networks cannot paint a video as asked, found before it waits in the queue."""
    _masks(options)
    FactorSchedule(options.config().noise_factor).check([stylizer_of(name) for name in options.networks])
    return None, b""


def get_ready() -> tuple[Any, bytes]:
    """Measure which number format is faster, once, before somebody waits for a picture."""
    choose_precision("auto", choose_device(""))
    return None, b""


def stylizer_of(network: str) -> Stylizer:
    """A network by its words, kept as long as its file stays the same."""

    def load() -> Stylizer:
        device = choose_device("")
        precision = choose_precision("auto", device)
        if network.startswith(UNTRAINED):
            return Stylizer.untrained(network.removeprefix(UNTRAINED), device, precision)
        return Stylizer.load(network, device, precision)

    return STYLIZERS.get((network, changed(network)), load)


def changed(path: str) -> int:
    """When a file was last written, so that what is kept of it is not older."""
    return Path(path.removeprefix(UNTRAINED)).stat().st_mtime_ns


def with_options(function: Callable[..., tuple[Any, bytes]]) -> Callable[..., tuple[Any, bytes]]:
    """A function of options that gets them as plain values."""
    return lambda options, **more: function(PaintOptions(**options), **more)


def _masks(options: PaintOptions) -> Masks | None:
    """The masks that are asked for, after a check that the networks paint at such factors."""
    config = options.config()
    masks = build_masks(config)
    check_noise_factors([stylizer_of(name) for name in options.networks], config, masks)
    return masks


def _painted(stages: Sequence[StylizeFn], image: Tensor, options: PaintOptions, masks: Masks | None) -> Tensor:
    """A photo (1, 3, H, W) painted as asked, of the same size."""
    if masks is None:
        return stages[0](image, options.factor, options.seed)
    where = masks(Path(options.photo), (image.shape[2], image.shape[3]))
    return stylize_with_masks(stages, image, where, options.factor, options.seed)


def _kept(network: str, options: PaintOptions, size: int) -> StylizeFn:
    """A network whose outputs of one photo are kept, so that masks, colors and a second look cost no second pass."""
    stylizer = _scaled(stylizer_of(network), options.stroke_size)
    of_files = (network, changed(network), options.photo, changed(options.photo))

    def paint(image: Tensor, factor: float, seed: int) -> Tensor:
        key = (*of_files, size, options.stroke_size, round(factor, 6), seed)
        return OUTPUTS.get(key, lambda: stylizer(image, factor, seed))

    return ColorKeeper(paint, options.keep_colors) if options.keep_colors else paint


def _scaled(stylizer: Stylizer, stroke_size: float) -> StylizeFn:
    return stylizer if stroke_size == 1 else StrokeScaler(stylizer, stroke_size)


def _photo(path: str, size: int) -> Tensor:
    """A photo (1, 3, H, W) with a long side of at most ``size`` pixels: the whole of a large one is not kept."""
    return PHOTOS.get((path, size, changed(path)), lambda: limit_size(load_picture(path).image, size))


FUNCTIONS = {
    "ready": get_ready,
    "preview": with_options(preview),
    "full": with_options(full),
    "check": with_options(check),
    "describe": describe,
}
