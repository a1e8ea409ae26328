"""The options of texnet export."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from texnet.config.fields import NAME_A_NETWORK, number, option, require, style_option

FORMAT_NAMES = ("onnx", "pt2", "web")


@dataclass(frozen=True)
class ExportConfig:
    """Exporting."""

    ckpt: tuple[str, ...] = option(
        (),
        "trained network: style.pt or any checkpoint of a run, or the name of a style of texnet styles; several for a page",
        nargs="+",
        metavar="FILE|NAME",
        is_network=True,
        missing=NAME_A_NETWORK,
    )
    style: tuple[str, ...] = style_option()
    output: str = option("exported", "folder to write into, or a file's name; for a page its folder", metavar="PATH")
    format: str = option(
        "onnx",
        "onnx, for onnxruntime, browsers and other runtimes; pt2, for torch.export.load; web, a page that paints by itself",
        choices=FORMAT_NAMES,
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
    runtime: str = option(
        "",
        "for web: folder of the npm package onnxruntime-web; default: npm downloads it once into the user's caches",
        metavar="DIR",
    )
    webgpu: bool = option(True, "for web: bring the files, 27 MB, with which the page can use the graphics processor")
    example: str = option("", "for web: photo that the page opens with; default: a drawn scene", metavar="FILE")
    overwrite: bool = option(False, "replace an existing file, or an existing page")

    def __post_init__(self) -> None:
        sides = re.fullmatch(r"[1-9]\d{0,4}x[1-9]\d{0,4}", self.size)
        require(not self.size or bool(sides), f"--size {self.size}: must be WIDTHxHEIGHT in pixels, such as 512x384")
        fold = self.fold
        require(fold is None or 0 < fold < math.inf, "--fold must be a number above 0, at which a network paints")
        web = self.format == "web"
        require(web or len(self.ckpt) <= 1, f"--ckpt: --format {self.format} is of one network; name one, or --format web")
        require(not web or (fold is None and not self.size), "--format web paints any size and strength: no --fold, no --size")
        require(web or not (self.runtime or self.example), "--runtime and --example are for --format web")
