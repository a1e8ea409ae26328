"""The options of the other commands."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from texnet.config.fields import PRECISION_NAMES, SEEDS, check_device, option, require
from texnet.config.training import FEATURES_NAMES

STYLE_TAPS = ("relu1_2", "relu2_2", "relu3_2", "relu4_1")  # those that the compact network must have: the default loss's
COMPACT_TAPS = (
    *("relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1", "relu3_2", "relu3_3", "relu3_4"),
    *("relu4_1", "relu4_2", "relu4_3", "relu5_1"),
)
MEASUREMENT_NAMES = ("training", "profile", "stylizing", "startup")


@dataclass(frozen=True)
class PretrainConfig:
    """The styles to learn a base from."""

    textures: tuple[str, ...] = option((), "style pictures, folders or patterns", nargs="+", metavar="PATH")
    num_styles: int = option(48, "variations of them: other sizes, mirrored, other colors", metavar="N")
    steps_per_style: int = option(150, "steps on one style before the next", metavar="N")
    output: str = option("base.pt", "file to write the base to, again after every style", metavar="FILE")

    def __post_init__(self) -> None:
        require(self.num_styles >= 1, "--num_styles must be at least 1")
        require(self.steps_per_style >= 1, "--steps_per_style must be at least 1")


@dataclass(frozen=True)
class DistillConfig:
    """What to teach the compact network, and how long."""

    textures: tuple[str, ...] = option((), "style pictures, folders or patterns", nargs="+", metavar="PATH")
    ckpt: tuple[str, ...] = option((), "trained networks whose paintings it should see too", nargs="+", metavar="FILE")
    taps: tuple[str, ...] = option(COMPACT_TAPS, "layers that it should give", nargs="+", metavar="LAYER")
    vgg_weights: str = option(
        "", "VGG-19's weights; default: $TEXNET_VGG_WEIGHTS, torch's cache, then download", metavar="FILE"
    )
    init: str = option("", "weights to go on from, written by this command", metavar="FILE")
    sample_batches: int = option(160, "batches of pictures to choose VGG-19's channels from", metavar="N")
    max_steps: int = option(0, "end after this many steps; 0 = no limit of this kind", metavar="N")
    max_minutes: float = option(60.0, "end after this many minutes; 0 = no limit of this kind", metavar="MIN")
    learning_rate: float = option(2e-4, "peak of the learning rate, which warms up and falls to zero along a cosine")
    output: str = option("compact.pt", "file to write", metavar="FILE")
    seed: int = option(0, "seed of all randomness", metavar="N")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")

    def __post_init__(self) -> None:
        require(self.max_steps > 0 or self.max_minutes > 0, "teaching without end: give --max_steps or --max_minutes")
        require("hues" not in self.taps, "--taps hues: every network has them, they cannot be taught")
        require(not any(tap.startswith("pool") for tap in self.taps), "--taps: convolutions and relus can be taught, pools not")
        require(set(STYLE_TAPS) <= set(self.taps), f"--taps must have those that count most: {' '.join(STYLE_TAPS)}")
        require(self.sample_batches >= 1, "--sample_batches must be at least 1")
        require(0 < self.learning_rate < math.inf, "--learning_rate must be a positive number")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")
        check_device(self.device, self.cuda)


@dataclass(frozen=True)
class CalibrateConfig:
    """What to calibrate, and on what."""

    ckpt: tuple[str, ...] = option((), "trained networks, which are written anew", nargs="+", metavar="FILE")
    data_dir: str = option(
        "", "photos that they were not trained on, COCO root or folder; default: those that training held out", metavar="DIR"
    )
    texture: str = option("", "the style picture; default: the file it was trained on", metavar="FILE")
    vgg_weights: str = option("", "weights of the loss's network; default: as in training", metavar="FILE")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")

    def __post_init__(self) -> None:
        check_device(self.device, self.cuda)


@dataclass(frozen=True)
class EvaluateConfig:
    """What to judge, and by what."""

    ckpt: tuple[str, ...] = option(
        (), "networks: checkpoints of texnet, or state dicts of pytorch/examples fast_neural_style", nargs="+", metavar="FILE"
    )
    runs: tuple[str, ...] = option(
        (), "instead of --ckpt, folders of runs: the loss of their checkpoints against time", nargs="+", metavar="DIR"
    )
    data_dir: str = option("", "photos that none of them was trained on", metavar="DIR")
    output: str = option("evaluation", "folder for table, JSON and plots", metavar="DIR")
    max_images: int = option(20, "use only the first so many photos; 0 = all", metavar="N")
    image_size: int = option(256, "side of the square that is cut out of the middle of each photo, pixels", metavar="PX")
    noise_factor: float = option(1.0, "strength at which the networks are judged", metavar="F")
    num_seeds: int = option(8, "pictures of each texture, where the networks were trained with --no_content", metavar="N")
    curve_images: int = option(8, "photos for the strength curve; 0 = no curve", metavar="N")
    curve_step: float = option(0.05, "step of the noise factor along the strength curve, from 0 through 1 to 2", metavar="F")
    optimum_steps: int = option(
        0, "compare with so many L-BFGS steps from the photo, for textures from noise; 0 = not", metavar="N"
    )
    optimum_images: int = option(0, "photos or seeds for that comparison; 0 = all", metavar="N")
    regret: tuple[str, ...] = option(
        (),
        "networks trained with --fixed_noise_factor, to say how much worse at that strength one for all is",
        nargs="+",
        metavar="FILE",
    )
    cache_dir: str = option(
        "", "where results of the optimization are kept; default: texnet in the user's cache folder", metavar="DIR"
    )
    eval_features: str = option("random", "another extractor to judge by", choices=("random", *FEATURES_NAMES))
    eval_weights: str = option("", "its weights, where it is a VGG", metavar="FILE")
    seed: int = option(0, "seed of the noise that joins the photos", metavar="N")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")

    def __post_init__(self) -> None:
        for name in ("max_images", "curve_images", "optimum_steps", "optimum_images", "noise_factor"):
            require(getattr(self, name) >= 0, f"--{name} must not be negative")
        require(self.num_seeds >= 2, "--num_seeds must be at least 2")
        require(not (self.ckpt and self.runs), "--runs takes the place of --ckpt: give one of them")
        require(not (self.runs and (self.regret or self.optimum_steps)), "--regret and --optimum_steps need --ckpt, not --runs")
        require(self.image_size >= 64, "--image_size must be at least 64 pixels")
        require(0.01 <= self.curve_step <= 0.5, "--curve_step must be between 0.01 and 0.5")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")
        check_device(self.device, self.cuda)


@dataclass(frozen=True)
class BenchmarkConfig:
    """What to measure."""

    only: tuple[str, ...] = option(MEASUREMENT_NAMES, "what to measure", nargs="+", choices=MEASUREMENT_NAMES)
    size: int = option(256, "side of the pictures in training, pixels", metavar="PX")
    sizes: tuple[str, ...] = option(
        ("256x256", "512x512", "1920x1080", "3840x2160"), "pictures to stylize, pixels", nargs="+", metavar="WxH"
    )
    rounds: int = option(7, "timed rounds; medians are reported", metavar="N")
    output: str = option("", "write all figures into this JSON file as well", metavar="FILE")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")
    precision: str = option("auto", "number format of texnet's convolutions", choices=PRECISION_NAMES)

    def __post_init__(self) -> None:
        require(self.size >= 32, "--size must be at least 32 pixels")
        for size in self.sizes:
            require(bool(re.fullmatch(r"\d{2,5}x\d{2,5}", size)), f"--sizes {size}: write WIDTHxHEIGHT, such as 1920x1080")
        require(self.rounds >= 1, "--rounds must be at least 1")
        check_device(self.device, self.cuda)


@dataclass(frozen=True)
class SweepConfig:
    """How to sweep: flags of the groups below that get several values are the axes, all their combinations are trained."""

    sweep_dir: str = option("", "folder of the sweep and its runs; default: sweeps/ and the texture's name", metavar="DIR")
    criterion: str = option(
        "total", "term of the loss to compare by; the lowest is best", choices=("total", "style", "content")
    )
    num_trials: int = option(
        0, "instead of all combinations so many trials, guided; two numbers of a flag are then a range", metavar="N"
    )
    storage: str = option(
        "",
        "database of the search, SQLAlchemy's URL, which machines can share; default: SQLite in its folder",
        metavar="URL",
    )

    def __post_init__(self) -> None:
        require(self.num_trials >= 0, "--num_trials must be 0 (all combinations) or more")
        require(not self.storage or self.num_trials > 0, "--storage is for --num_trials N: give that too")
