"""Painting what a browser's camera sees, picture by picture, with strokes that hold still, in the process that paints."""

from __future__ import annotations

import time
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from texnet.errors import UserError
from texnet.images import to_float
from texnet.studio.paint import Recent, changed, stylizer_of, with_options
from texnet.studio.paint_options import PaintOptions
from texnet.studio.pictures import jpeg
from texnet.stylize import ColorKeeper
from texnet.stylize.stylizer import StylizeFn
from texnet.video.camera import CameraTracker
from texnet.video.steady import SteadyStylizer

CHANNELS = 4  # R, G, B and an alpha that a camera has no use for, as pages read them
QUALITY = 88  # of JPEG


@dataclass
class _Camera:
    """One camera at one size, as it is followed, and the networks that painted it lately."""

    tracker: CameraTracker = field(default_factory=CameraTracker)
    networks: Recent[SteadyStylizer] = field(default_factory=lambda: Recent(2))


CAMERAS: Recent[_Camera] = Recent(4)


def camera(options: PaintOptions, pixels: str, width: int, height: int, session: str) -> tuple[Any, bytes]:
    """The next picture of a camera painted, as JPEG; ``pixels`` are its RGBA bytes in base64, row by row.

    ``session`` tells cameras from each other: what one shows is followed from picture to picture. Of the options, masks and
    strokes of another size do not count. UserError for another number of bytes.
    """
    began = time.perf_counter()
    image = _image(b64decode(pixels), width, height)
    name = options.networks[0]
    stylizer = stylizer_of(name)
    with torch.inference_mode():
        followed = CAMERAS.get((session, width, height), _Camera)
        view = followed.tracker.follow(image)
        steady = followed.networks.get((name, changed(name)), lambda: SteadyStylizer(stylizer, is_constant=False))
        steady.look(image, view)
        paint: StylizeFn = ColorKeeper(steady, options.keep_colors) if options.keep_colors else steady
        output = paint(image, stylizer.nearest_noise_factor(options.factor), options.seed)
    return {"milliseconds": 1000 * (time.perf_counter() - began)}, jpeg(output[0], QUALITY)


def _image(data: bytes, width: int, height: int) -> Tensor:
    """RGBA bytes as a picture, (1, 3, H, W) in [0, 1]."""
    if len(data) != CHANNELS * width * height:
        raise UserError(f"{len(data)} bytes are no picture of {width}x{height} pixels")
    pixels = torch.frombuffer(bytearray(data), dtype=torch.uint8).view(height, width, CHANNELS)
    return to_float(pixels[..., :3].permute(2, 0, 1)[None])  # (1, 3, H, W)


FUNCTIONS = {"camera": with_options(camera)}
