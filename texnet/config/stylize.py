"""The options of texnet stylize."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig, precision_option
from texnet.config.fields import check_seed, number, option, require, style_option

CODEC_NAMES = ("h264", "hevc", "vp9", "av1")
PROJECTION_NAMES = ("flat", "equirectangular")
STATISTICS_NAMES = ("exact", "guide")
TILE_MULTIPLE = 256  # pixels
REST = "rest"  # in place of a mask: what the other masks leave
MAX_FEATHER = 10_000
MAX_FPS, MAX_CRF = 1000, 63


class TimedFactor(float):
    """A noise factor that a video has at a time: 3:1 is full style, three ``seconds`` after its begin."""

    seconds: float

    def __new__(cls, seconds: float, factor: float) -> TimedFactor:
        timed = super().__new__(cls, factor)
        timed.seconds = seconds
        return timed


def factor(word: str) -> float:
    """A noise factor, or one at a time of a video, seconds:factor."""
    seconds, separator, rest = word.partition(":")
    return TimedFactor(number(seconds), number(rest)) if separator else number(word)


@dataclass(frozen=True)
class StylizeConfig:
    """Stylizing."""

    ckpt: tuple[str, ...] = option(
        (),
        "trained network: style.pt or any checkpoint of a run, or the name of a style of texnet styles; several, names or "
        "files ending in .pt or .pth, paint by a mask each",
        nargs="+",
        metavar="FILE|NAME",
        is_network=True,
    )
    style: tuple[str, ...] = style_option()
    output: str = option("stylized", "folder to write into, or a file's name for a single picture", metavar="PATH")
    noise_factor: tuple[float, ...] = option(
        (1.0,),
        "style strength: 0 the photo itself, 1 the trained style, above 1 stronger; in a video 0:0 3:1 are "
        "seconds:factor; several values make a strip",
        nargs="+",
        type=factor,
        metavar="F",
    )
    projection: str = option(
        "flat", "equirectangular: a panorama of the whole sphere, which wraps around without a seam", choices=PROJECTION_NAMES
    )
    keep_colors: float = option(
        0.0, "how much of the photo's colors to keep under the painting's light and dark: 0 nothing, 1 all", metavar="0..1"
    )
    stroke_size: float = option(
        1.0, "how many times as large strokes are as the network learned them, 0.5 to 4; edges stay sharp", metavar="K"
    )
    mask: tuple[str, ...] = option(
        (),
        "gray picture that says where to paint: it multiplies the noise factor, black keeps the photo, white has all of it; "
        "one for each network, or the word rest for what the others leave",
        nargs="+",
        metavar="FILE",
    )
    invert_mask: bool = option(False, "paint where masks are black, and keep the photo where they are white")
    feather: int = option(0, "soften the edges of masks by this many pixels to each side", metavar="PX")
    mask_from_coco: str = option(
        "",
        "COCO annotation file with the outlines of objects: paint them alone; a second network paints the rest",
        metavar="FILE",
    )
    categories: tuple[str, ...] = option(
        (), "categories of --mask_from_coco, for example: person dog; default: all", nargs="+", metavar="NAME"
    )
    seed: int = option(0, "seed of the noise: another seed, other strokes", metavar="N")
    max_size: int = option(0, "reduce larger pictures to this long side, pixels; 0 = keep their size", metavar="PX")
    tile: int = option(
        0,
        "paint larger pictures in tiles of this side, a multiple of 256 pixels: the same picture in little memory; 0 = where "
        "memory does not suffice",
        metavar="PX",
    )
    statistics: str = option(
        "exact",
        "in tiles, what the norms' statistics are of: exact, the whole picture; guide, a reduced one, which is faster and "
        "paints another picture",
        choices=STATISTICS_NAMES,
    )
    tiff_pyramid: bool = option(False, "in tiles, write a .tif with smaller copies for viewers of large pictures")
    refine: int = option(0, "L-BFGS steps on the pixels after the network, with the loss of its training", metavar="N")
    texture: str = option(
        "",
        "style picture for --refine; default: the file it was trained on. Without --ckpt: any picture, an untrained preview of "
        "whose style is painted",
        metavar="FILE",
    )
    vgg_weights: str = option("", "VGG weights for --refine; default: as in training", metavar="FILE")
    overwrite: bool = option(False, "replace existing files")
    fps: float = option(0.0, "take folders for films, each picture a frame, at so many frames a second", metavar="FPS")
    codec: str = option("", "codec of a video; default: h264, in WebM vp9", choices=("", *CODEC_NAMES))
    crf: int | None = option(
        None, "quality of a video: lower is better and larger; default: by the codec, h264 18", metavar="N"
    )
    precision: str = precision_option()
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        require(all(0 <= factor < math.inf for factor in self.noise_factor), "--noise_factor must be numbers, none negative")
        seconds = [factor.seconds for factor in self.noise_factor if isinstance(factor, TimedFactor)]
        require(all(0 <= second < math.inf for second in seconds), "--noise_factor: seconds must be numbers, none negative")
        require(0 <= self.keep_colors <= 1, "--keep_colors must be between 0 and 1")
        check_seed(self.seed)
        require(self.max_size == 0 or self.max_size >= 16, "--max_size must be 0 or at least 16 pixels")
        require(self.refine >= 0, "--refine must not be negative")
        require(not self.refine or bool(self.ckpt), "--refine needs a trained network: name one with --ckpt")
        require(len(self.ckpt) <= 1 or not self.texture, "--texture names one style picture: leave it out with several --ckpt")
        require(
            self.projection == "flat" or not self.refine,
            f"--refine does not know --projection {self.projection}: leave one out",
        )
        require(0 <= self.fps <= MAX_FPS, f"--fps must be between 0 and {MAX_FPS}")
        require(self.crf is None or 0 <= self.crf <= MAX_CRF, f"--crf must be between 0 and {MAX_CRF}")
        self._check_masks()
        self._check_sizes()

    def _check_sizes(self) -> None:
        require(0.5 <= self.stroke_size <= 4, "--stroke_size must be between 0.5 and 4")
        require(self.tile >= 0 and self.tile % TILE_MULTIPLE == 0, f"--tile must be a multiple of {TILE_MULTIPLE} pixels")
        whole = "--refine" if self.refine else f"--projection {self.projection}" if self.projection != "flat" else ""
        require(not whole or not self.tile, f"{whole} needs the whole picture: leave --tile out, or give --max_size")
        require(not whole or self.stroke_size == 1, f"{whole} does not know --stroke_size: leave one out")

    def _check_masks(self) -> None:
        networks, masks = max(1, len(self.ckpt)), len(self.mask)
        require(not (self.mask and self.mask_from_coco), "--mask and --mask_from_coco: give one of them")
        require(not self.categories or bool(self.mask_from_coco), "--categories needs --mask_from_coco")
        require(
            not self.mask_from_coco or networks <= 2, "--mask_from_coco is for one --ckpt, or for two: objects, and the rest"
        )
        complaint = f"--mask: {masks} of them for {networks} networks; give one for each, or the word {REST} for one"
        require(bool(self.mask_from_coco) or masks in ((0, 1) if networks == 1 else (networks,)), complaint)
        require(self.mask.count(REST) <= min(1, networks - 1), f"--mask {REST}: what the masks of other networks leave")
        require(0 <= self.feather <= MAX_FEATHER, f"--feather must be between 0 and {MAX_FEATHER} pixels")
        has_mask = bool(self.mask or self.mask_from_coco)
        require(
            has_mask or not (self.feather or self.invert_mask), "--feather and --invert_mask need a --mask or --mask_from_coco"
        )
