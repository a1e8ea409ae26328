"""Every option of texnet: its name, type, default, help and validation, and nowhere else.

The command line (:mod:`texnet.cli.options`), the checkpoints and ``config.json`` are all made from
these dataclasses. Imports nothing heavy, so that ``--help`` answers at once.
"""

from __future__ import annotations

import dataclasses
import math
import re
import typing
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

GENERATOR_NAMES = ("residual",)
FEATURES_NAMES = ("vgg19", "vgg16")
STATISTIC_NAMES = ("gram", "covariance")
OPTIMIZER_NAMES = ("lbfgs", "adam")
PRECISION_NAMES = ("auto", "bfloat16", "float32")
MEASUREMENT_NAMES = ("training", "parts", "stylizing", "startup")
SEEDS = range(2**63)


def option(default: Any, help: str, **argparse_keywords: Any) -> Any:
    """A dataclass field that is also a command-line flag; extra keywords go to ``add_argument``."""
    return field(default=default, metadata={"help": help, "argparse": argparse_keywords})


def require(condition: bool, message: str) -> None:
    """Raise ValueError(message), the user's mistake in one line, unless the condition holds."""
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True)
class DataConfig:
    """The photos to learn on."""

    data_dir: str = option(
        "", "COCO root (train2017/ beside annotations/) or any folder of pictures, at any depth", metavar="DIR"
    )
    split: str = option("train", "split of a COCO root: train, val, or a folder's name such as train2014", metavar="NAME")
    categories: tuple[str, ...] = option(
        (), "keep only COCO photos that show one of these, for example: person dog", nargs="+", metavar="NAME"
    )
    max_images: int = option(0, "use only this many photos, drawn by the seed; 0 = all", metavar="N")
    held_out: int = option(
        16, "photos that are not trained on but kept for judging: previews, sweeps; at most a tenth of all", metavar="N"
    )
    image_size: int = option(256, "side of the square training crops, pixels", metavar="PX")
    batch_size: int = option(4, "photos per step (per process under torchrun)", metavar="N")
    num_workers: int = option(2, "threads that decode photos", metavar="N")
    cache_share: float = option(
        0.25,
        "share of the free memory in which decoded photos may be kept (of the card's when training there)",
        metavar="SHARE",
    )

    def __post_init__(self) -> None:
        require(self.max_images >= 0, "--max_images must be 0 (all) or more")
        require(self.held_out >= 0, "--held_out must be 0 or more")
        require(self.image_size >= 32, "--image_size must be at least 32 pixels")
        require(self.batch_size >= 1, "--batch_size must be at least 1")
        require(self.num_workers >= 1, "--num_workers must be at least 1")
        require(0.0 <= self.cache_share <= 0.9, "--cache_share must be between 0 and 0.9")


@dataclass(frozen=True)
class GeneratorConfig:
    """The network that repaints; all of it shapes the weights and travels in the checkpoint."""

    generator: str = option("residual", "architecture of the generator", choices=GENERATOR_NAMES)
    width: int = option(24, "channels of the first layer; the trunk has four times as many", metavar="N")
    num_blocks: int = option(5, "residual blocks in the trunk", metavar="N")
    noise_channels: int = option(3, "channels of seeded noise that join the photo", metavar="N")
    max_noise_factor: float = option(2.0, "largest noise factor that is trained and served", metavar="F")

    def __post_init__(self) -> None:
        require(self.width >= 2, "--width must be at least 2")
        require(self.num_blocks >= 1, "--num_blocks must be at least 1")
        require(self.noise_channels >= 0, "--noise_channels must be 0 or more")
        require(1 <= self.max_noise_factor <= 10, "--max_noise_factor must be between 1, the trained style, and 10")


@dataclass(frozen=True)
class LossConfig:
    """What the generator is asked to achieve."""

    texture: str = option("", "the style picture", metavar="FILE")
    style_size: int = option(
        512, "long side of the style picture, pixels: sets the size of the strokes; 0 = as it is", metavar="PX"
    )
    preset: str = option(
        "texnet",
        "layers, weights and statistic of the loss; the four flags below change parts of it",
        choices=("texnet", "gatys", "johnson"),
    )
    features: str = option("vgg19", "network that sees the pictures", choices=FEATURES_NAMES)
    vgg_weights: str = option(
        "", "its weights, torchvision's state dict; default: $TEXNET_VGG_WEIGHTS, the torch hub cache, download", metavar="FILE"
    )
    style_layers: tuple[str, ...] = option(
        (),
        "layers whose statistics are the style, such as relu1_1; a weight may follow: relu1_1=2",
        nargs="+",
        metavar="LAYER[=W]",
    )
    content_layers: tuple[str, ...] = option(
        (), "layers that keep the photo's content; a weight may follow", nargs="+", metavar="LAYER[=W]"
    )
    statistic: str = option(
        "", "what of a layer is the style: Gram matrix, or covariance and mean", choices=("", *STATISTIC_NAMES)
    )
    style_weight: float = option(0.0, "weight of the style against the content; 0 = the preset's", metavar="W")
    content_weight: float = option(1.0, "weight of the content", metavar="W")
    tv_weight: float = option(0.02, "weight of the total variation, which smooths", metavar="W")

    def __post_init__(self) -> None:
        require(self.style_size == 0 or self.style_size >= 32, "--style_size must be 0 or at least 32 pixels")
        for name in ("style_weight", "content_weight", "tv_weight"):
            require(0 <= getattr(self, name) < math.inf, f"--{name} must be a number, and not negative")


@dataclass(frozen=True)
class OptimConfig:
    """How long and how fast to learn. Training ends at the first limit that is reached."""

    epochs: int = option(2, "passes over the photos; 0 = no limit of this kind", metavar="N")
    max_steps: int = option(0, "end after this many steps; 0 = no limit of this kind", metavar="N")
    max_minutes: float = option(0.0, "end after this many minutes of training; 0 = no limit of this kind", metavar="MIN")
    learning_rate: float = option(2e-3, "peak of the learning rate, which warms up and falls to zero along a cosine")
    warmup_steps: int = option(50, "steps until the learning rate peaks", metavar="N")
    clip_norm: float = option(5.0, "largest norm of the gradient; longer ones are cut to it", metavar="NORM")
    progressive: bool = option(True, "begin with crops of half the size, which are four times as fast")
    seed: int = option(0, "seed of all randomness", metavar="N")
    precision: str = option(
        "auto", "number format of the convolutions; auto: bfloat16 where the hardware is fast at it", choices=PRECISION_NAMES
    )

    def __post_init__(self) -> None:
        for name in ("epochs", "max_steps", "max_minutes", "warmup_steps"):
            require(0 <= getattr(self, name) < math.inf, f"--{name} must be a number, and not negative")
        require(
            bool(self.epochs or self.max_steps or self.max_minutes),
            "training without end: give one of --epochs, --max_steps, --max_minutes",
        )
        require(0 < self.learning_rate < math.inf, "--learning_rate must be a positive number")
        require(self.clip_norm > 0, "--clip_norm must be positive")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")


@dataclass(frozen=True)
class RunConfig:
    """Where it runs, what it writes and who watches."""

    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")
    checkpoint_dir: str = option("checkpoints", "folder of the runs", metavar="DIR")
    run_name: str = option("", "folder of this run in it; default: the texture's name, numbered where taken", metavar="NAME")
    checkpoint_every: int = option(0, "steps between checkpoints besides those of the epochs; 0 = none", metavar="N")
    log_every: int = option(10, "steps between lines of metrics.jsonl", metavar="N")
    preview_every: int = option(200, "steps between previews; 0 = only at the end", metavar="N")
    verbose: bool = option(False, "print a line at each log step instead of a progress bar")
    viz: bool = option(False, "show the run live in Visdom")
    viz_server: str = option("localhost", "host of the Visdom server", metavar="HOST")
    viz_port: int = option(8097, "its port", metavar="PORT")
    viz_env: str = option("", "Visdom environment; default: the run's name", metavar="NAME")

    def __post_init__(self) -> None:
        require(self.log_every >= 1, "--log_every must be at least 1")
        for name in ("checkpoint_every", "preview_every"):
            require(getattr(self, name) >= 0, f"--{name} must not be negative")
        require(0 < self.viz_port < 2**16, "--viz_port must be between 1 and 65535")
        _check_device(self.device, self.cuda)
        require("/" not in self.run_name and self.run_name not in (".", ".."), "--run_name must be a plain folder name")


@dataclass(frozen=True)
class TrainConfig:
    """Everything a training run depends on."""

    data: DataConfig = field(default_factory=DataConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    run: RunConfig = field(default_factory=RunConfig)


@dataclass(frozen=True)
class StylizeConfig:
    """How to repaint."""

    ckpt: str = option("", "trained network: style.pt or any checkpoint of a run", metavar="FILE")
    output: str = option("stylized", "folder to write into, or a file's name for a single picture", metavar="PATH")
    noise_factor: tuple[float, ...] = option(
        (1.0,),
        "strength of the style: 0 the photo itself, 1 the trained style, above 1 stronger; several make a strip",
        nargs="+",
        type=float,
        metavar="F",
    )
    seed: int = option(0, "seed of the noise: another seed, other strokes", metavar="N")
    max_size: int = option(0, "reduce larger pictures to this long side, pixels; 0 = keep their size", metavar="PX")
    refine: int = option(0, "steps of slow optimisation after the network, with the loss it was trained with", metavar="N")
    texture: str = option("", "the style picture, for --refine; default: the file it was trained on", metavar="FILE")
    vgg_weights: str = option("", "weights of the loss's network, for --refine; default: as in training", metavar="FILE")
    overwrite: bool = option(False, "replace files that exist")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")

    def __post_init__(self) -> None:
        require(all(0 <= factor < math.inf for factor in self.noise_factor), "--noise_factor must be numbers, none negative")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")
        require(self.max_size == 0 or self.max_size >= 16, "--max_size must be 0 or at least 16 pixels")
        require(self.refine >= 0, "--refine must not be negative")
        _check_device(self.device, self.cuda)


@dataclass(frozen=True)
class OptimizeConfig:
    """What to optimise, and how."""

    content: str = option("", "the photo", metavar="FILE")
    output: str = option("optimized", "folder to write into", metavar="DIR")
    steps: int = option(500, "steps of the optimiser", metavar="N")
    optimizer: str = option("lbfgs", "how the pixels are improved", choices=OPTIMIZER_NAMES)
    init: str = option("content", "where to begin: content, noise, or a picture's file", metavar="content|noise|FILE")
    image_size: int = option(512, "long side of the result, pixels; 0 = the photo's own", metavar="PX")
    levels: int = option(
        0, "sizes to pass through, each twice the one before; 0 = as many as leave 256 pixels to the first", metavar="N"
    )
    snapshot_every: int = option(100, "steps between pictures on the way; 0 = none", metavar="N")
    seed: int = option(0, "seed of the noise to begin with", metavar="N")
    overwrite: bool = option(False, "replace files that exist")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")
    precision: str = option("float32", "number format of the features; L-BFGS wants exact gradients", choices=PRECISION_NAMES)

    def __post_init__(self) -> None:
        for name in ("steps", "levels", "snapshot_every"):
            require(getattr(self, name) >= 0, f"--{name} must not be negative")
        require(self.image_size == 0 or self.image_size >= 32, "--image_size must be 0 or at least 32 pixels")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")
        _check_device(self.device, self.cuda)


@dataclass(frozen=True)
class BenchmarkConfig:
    """What to measure."""

    only: tuple[str, ...] = option(MEASUREMENT_NAMES, "what to measure", nargs="+", choices=MEASUREMENT_NAMES)
    size: int = option(256, "side of the pictures in training, pixels", metavar="PX")
    sizes: tuple[str, ...] = option(
        ("256x256", "512x512", "1920x1080", "3840x2160"), "pictures to stylise, pixels", nargs="+", metavar="WxH"
    )
    rounds: int = option(7, "timed rounds; medians are reported", metavar="N")
    output: str = option("", "write all figures into this JSON file as well", metavar="FILE")
    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")
    precision: str = option("auto", "number format of texnet's convolutions in training", choices=PRECISION_NAMES)

    def __post_init__(self) -> None:
        require(self.size >= 32, "--size must be at least 32 pixels")
        for size in self.sizes:
            require(bool(re.fullmatch(r"\d{2,5}x\d{2,5}", size)), f"--sizes {size}: write WIDTHxHEIGHT, such as 1920x1080")
        require(self.rounds >= 1, "--rounds must be at least 1")
        _check_device(self.device, self.cuda)


@dataclass(frozen=True)
class SweepConfig:
    """How to sweep: flags of the groups below that get several values are the axes, all their combinations are trained."""

    sweep_dir: str = option("", "folder of the sweep and its runs; default: sweeps/ and the texture's name", metavar="DIR")
    criterion: str = option("total", "term of the loss that judges; the lowest is best", choices=("total", "style", "content"))
    search: int = option(
        0, "instead of all combinations so many trials, guided; two numbers of a flag are then a range", metavar="N"
    )
    storage: str = option(
        "",
        "database of the search, SQLAlchemy's URL, which machines can share; default: SQLite in its folder",
        metavar="URL",
    )

    def __post_init__(self) -> None:
        require(self.search >= 0, "--search must be 0 (all combinations) or more")
        require(not self.storage or self.search > 0, "--storage is for --search N: give that too")


def to_dict(config: Any) -> dict[str, Any]:
    """A config as nested plain dicts, lists, numbers and strings: fit for JSON and ``weights_only`` loading."""
    plain: dict[str, Any] = {}
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            plain[item.name] = to_dict(value)
        else:
            plain[item.name] = list(value) if isinstance(value, tuple) else value
    return plain


def from_dict(config_type: type[T], plain: dict[str, Any]) -> T:
    """The inverse of :func:`to_dict`; missing keys take their defaults, unknown keys are an error."""
    hints = typing.get_type_hints(config_type)
    known = {item.name for item in dataclasses.fields(config_type)}  # type: ignore[arg-type]
    unknown = sorted(set(plain) - known)
    require(not unknown, f"unknown settings {', '.join(unknown)}: written by a newer texnet?")
    return config_type(**{name: _from_plain(hints[name], value) for name, value in plain.items()})


def _check_device(device: str, cuda: bool) -> None:
    agree = not cuda or device in ("", "cuda")
    require(agree, f"--cuda contradicts --device {device}: give one of them, or --no-cuda if a resumed run began with --cuda")


def _from_plain(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return from_dict(hint, value)  # type: ignore[arg-type]
    return tuple(value) if isinstance(value, list) else value
