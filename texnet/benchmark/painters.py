"""The networks whose stylising is compared, with random weights, which cost the same as trained ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.benchmark.subject import Subject
from texnet.generators import build_generator
from texnet.peers import TransformerNet, paint_with
from texnet.stylize import Stylizer

PEER_BYTES_PER_PIXEL = 1100  # measured: peak memory of a pass


@dataclass(frozen=True)
class Painter:
    """A function from a picture to a picture, (1, 3, H, W) in [0, 1] on the CPU, and the memory that it needs."""

    paint: Callable[[Tensor], Tensor]
    bytes_per_pixel: int


def build_painter(name: str, subject: Subject) -> Painter:
    """``ours``, as Stylizer runs it, or ``peer``, eager and in float32."""
    return PAINTERS[name](subject)


def _build_ours(subject: Subject) -> Painter:
    config = subject.training.generator
    generator = build_generator(config).requires_grad_(False)
    stylizer = Stylizer(
        generator,
        style="random",
        max_noise_factor=config.max_noise_factor,
        device=subject.device,
        precision=subject.precision,
    )
    return Painter(stylizer, stylizer.bytes_per_pixel)


def _build_peer(subject: Subject) -> Painter:
    network = TransformerNet().to(subject.device).eval()

    @torch.no_grad()
    def paint(image: Tensor) -> Tensor:
        return paint_with(network, image.to(subject.device)).cpu()

    return Painter(paint, PEER_BYTES_PER_PIXEL)


PAINTERS: dict[str, Callable[[Subject], Painter]] = {"ours": _build_ours, "peer": _build_peer}
