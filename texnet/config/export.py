"""The options of texnet export."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from texnet.config.fields import NAME_A_NETWORK, number, option, require

FORMAT_NAMES = ("onnx", "pt2")


@dataclass(frozen=True)
class ExportConfig:
    """Exporting."""

    ckpt: str = option(
        "",
        "trained network: style.pt or any checkpoint of a run",
        metavar="FILE",
        missing=NAME_A_NETWORK,
    )
    output: str = option("exported", "folder to write into, or a file's name", metavar="PATH")
    format: str = option(
        "onnx", "onnx, for onnxruntime, browsers and other runtimes; pt2, for torch.export.load", choices=FORMAT_NAMES
    )
    fold: float | None = option(
        None,
        "fold this noise factor into the weights: a smaller and faster network, of one strength; default: it is an input",
        type=number,
        metavar="F",
    )
    size: str = option(
        "",
        "width and height in pixels that the network is for, multiples of its stride: a simpler graph; default: any size",
        metavar="WxH",
    )
    half: bool = option(False, "keep the weights as float16, in half the size; the network still computes in float32")
    overwrite: bool = option(False, "replace an existing file")

    def __post_init__(self) -> None:
        sides = re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}", self.size)
        require(not self.size or bool(sides), f"--size {self.size}: must be WIDTHxHEIGHT in pixels, such as 512x384")
        fold = self.fold
        require(fold is None or 0 < fold < math.inf, "--fold must be a number above 0, at which a network paints")
