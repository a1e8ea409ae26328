"""What a training depends on; all of it travels in the checkpoint."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from texnet.config.fields import PRECISION_NAMES, SEEDS, check_device, option, require

GENERATOR_NAMES = ("residual", "light", "pyramid")
FEATURES_NAMES = ("vgg19", "vgg16", "compact")
STATISTIC_NAMES = ("gram", "covariance", "sqrt_moments")
LEARNING_RATES = {"residual": 2e-3, "light": 2e-3, "pyramid": 1e-2}  # pyramid: Ulyanov et al. 2017, with instance norm


@dataclass(frozen=True)
class DataConfig:
    """The photos to learn on."""

    data_dir: str = option(
        "", "COCO root (train2017/, val2017/, annotations/) or any folder of pictures, at any depth", metavar="DIR"
    )
    split: str = option("train", "split of a COCO root: train, val, or a folder's name such as train2014", metavar="NAME")
    categories: tuple[str, ...] = option(
        (), "keep only COCO photos that show one of these, for example: person dog", nargs="+", metavar="NAME"
    )
    max_images: int = option(0, "use only this many photos, drawn by the seed; 0 = all", metavar="N")
    num_val: int = option(
        16, "photos that are not trained on but kept for judging: previews, sweeps; at most a tenth of all", metavar="N"
    )
    image_size: int = option(256, "side of the square training crops, pixels", metavar="PX")
    batch_size: int = option(4, "photos per step (per process under torchrun)", metavar="N")
    num_workers: int = option(2, "threads that decode photos", metavar="N")
    cache_fraction: float = option(
        0.25,
        "share of the free memory in which decoded photos may be kept (of the card's when training there)",
        metavar="SHARE",
    )

    def __post_init__(self) -> None:
        require(self.max_images >= 0, "--max_images must be 0 (all) or more")
        require(self.num_val >= 0, "--num_val must be 0 or more")
        require(self.image_size >= 32, "--image_size must be at least 32 pixels")
        require(self.batch_size >= 1, "--batch_size must be at least 1")
        require(self.num_workers >= 1, "--num_workers must be at least 1")
        require(0.0 <= self.cache_fraction <= 0.9, "--cache_fraction must be between 0 and 0.9")


@dataclass(frozen=True)
class GeneratorConfig:
    """The network that repaints; all of it shapes the weights and travels in the checkpoint."""

    generator: str = option("residual", "architecture of the generator", choices=GENERATOR_NAMES)
    width: int = option(
        24, "channels of the first layer; the trunk has four times as many, each scale of a pyramid a third", metavar="N"
    )
    num_blocks: int = option(5, "residual blocks in the trunk; joins of a pyramid, which has a scale more", metavar="N")
    noise_channels: int = option(3, "channels of seeded noise that join the photo", metavar="N")
    max_noise_factor: float = option(2.0, "largest noise factor that is trained and served", metavar="F")
    fixed_noise_factor: float = option(
        0.0, "train for this one noise factor alone, to measure what the dial costs; 0 = for all strengths", metavar="F"
    )
    no_content: bool = option(False, "make a texture out of noise alone, which tiles: no photos, no content; see synthesize")

    def __post_init__(self) -> None:
        require(self.width >= 2, "--width must be at least 2")
        require(self.num_blocks >= 1, "--num_blocks must be at least 1")
        require(self.noise_channels >= 0, "--noise_channels must be 0 or more")
        require(self.noise_channels > 0 or not self.no_content, "--noise_channels must be 1 or more with --no_content")
        require(1 <= self.max_noise_factor <= 10, "--max_noise_factor must be between 1, the trained style, and 10")
        within = 0 <= self.fixed_noise_factor <= self.max_noise_factor
        require(within, "--fixed_noise_factor must be 0 (all strengths) or a noise factor up to --max_noise_factor")
        require(
            not (self.fixed_noise_factor and self.no_content),
            "--fixed_noise_factor is for photos: leave it out with --no_content",
        )


@dataclass(frozen=True)
class LossConfig:
    """What the generator is asked to achieve."""

    texture: str = option("", "the style picture", metavar="FILE")
    style_size: int = option(
        512, "long side of the style picture, pixels: sets the size of the strokes; 0 = as it is", metavar="PX"
    )
    preset: str = option(
        "texnet",
        "layers, weights and statistic of the loss; the flags for these change parts of it",
        choices=("texnet", "gatys", "johnson", "pyramid"),
    )
    features: str = option(
        "auto",
        "network that sees the pictures; auto: vgg19 where its weights are at hand, else compact, which is part of texnet",
        choices=("auto", *FEATURES_NAMES),
    )
    vgg_weights: str = option(
        "",
        "weights of a VGG, torchvision's state dict; default: $TEXNET_VGG_WEIGHTS, torch's cache, and download for "
        "--features vgg19 or vgg16",
        metavar="FILE",
    )
    style_layers: tuple[str, ...] = option(
        (),
        "layers whose statistics are the style, such as relu1_1, or hues; a weight may follow: relu1_1=2; default: preset's",
        nargs="+",
        metavar="LAYER[=W]",
    )
    content_layers: tuple[str, ...] = option(
        (), "layers that keep the photo's content; a weight may follow; default: the preset's", nargs="+", metavar="LAYER[=W]"
    )
    statistic: str = option(
        "",
        "what is the style of a layer: Gram matrix, mean and covariance, or those of square roots; default: the preset's",
        choices=("", *STATISTIC_NAMES),
    )
    style_weight: float = option(0.0, "weight of the style against the content; 0 = the preset's: 18 for texnet", metavar="W")
    content_weight: float = option(1.0, "weight of the content", metavar="W")
    tv_weight: float = option(0.02, "weight of the total variation, which smooths", metavar="W")
    diversity_weight: float = option(
        0.0, "weight of the difference that other noise makes; a photo then fills two places of a batch", metavar="W"
    )

    def __post_init__(self) -> None:
        require(self.style_size == 0 or self.style_size >= 32, "--style_size must be 0 or at least 32 pixels")
        for name in ("style_weight", "content_weight", "tv_weight", "diversity_weight"):
            require(0 <= getattr(self, name) < math.inf, f"--{name} must be a number, and not negative")


@dataclass(frozen=True)
class OptimConfig:
    """How long and how fast to learn. Training ends at the first limit that is reached."""

    epochs: int = option(
        2, "passes over the photos; 0 = no limit of this kind, as where steps or minutes alone are given", metavar="N"
    )
    max_steps: int = option(0, "end after this many steps; 0 = no limit of this kind", metavar="N")
    max_minutes: float = option(0.0, "end after this many minutes of training; 0 = no limit of this kind", metavar="MIN")
    init: str = option(
        "pretrained",
        "where to begin: the base that is part of texnet for the default shape, scratch, or a checkpoint of the same shape",
        metavar="pretrained|scratch|FILE",
    )
    learning_rate: float = option(
        0.0, "peak of the learning rate, which warms up and falls to zero along a cosine; 0 = 0.002, for a pyramid 0.01"
    )
    warmup_steps: int = option(50, "steps until the learning rate peaks", metavar="N")
    clip_norm: float = option(5.0, "largest norm of the gradient; longer ones are cut to it", metavar="NORM")
    progressive_crops: bool = option(True, "begin with crops of half the size, which are four times as fast")
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
        require(0 <= self.learning_rate < math.inf, "--learning_rate must be a positive number, or 0 for the generator's own")
        require(self.clip_norm > 0, "--clip_norm must be positive")
        require(self.seed in SEEDS, "--seed must be between 0 and 2^63 - 1")


@dataclass(frozen=True)
class RunConfig:
    """Where it runs, what it writes and who watches."""

    device: str = option("", "cpu, cuda, mps or xpu; default: the best one present", metavar="NAME")
    cuda: bool = option(False, "short for --device cuda")
    compile: bool = option(False, "compile network and loss, for each size of the crops anew, which takes minutes")
    checkpoint_dir: str = option("checkpoints", "folder of the runs", metavar="DIR")
    run_name: str = option("", "folder of this run in it; default: the texture's name, numbered where taken", metavar="NAME")
    license: str = option("", "license of the trained style, recorded in style.pt, for example CC-BY-4.0", metavar="NAME")
    checkpoint_every: int = option(
        500, "steps between latest.pt, to resume from, besides the ends of epochs; 0 = those alone", metavar="N"
    )
    keep_epochs: int = option(10, "newest checkpoints of epochs that are kept; 0 = all", metavar="N")
    snapshot_every: int = option(
        0, "steps between small checkpoints that are kept, step-000100.pt, to compare runs by; 0 = none", metavar="N"
    )
    log_every: int = option(10, "steps between lines of metrics.jsonl", metavar="N")
    preview_every: int = option(200, "steps between previews; 0 = only at the end", metavar="N")
    verbose: bool = option(False, "print a line at each log step instead of a progress bar")
    viz: bool = option(False, "show the run live in Visdom")
    viz_server: str = option("localhost", "host of the Visdom server", metavar="HOST")
    viz_port: int = option(8097, "its port", metavar="PORT")
    viz_env: str = option("", "Visdom environment; default: the run's name", metavar="NAME")

    def __post_init__(self) -> None:
        require(self.log_every >= 1, "--log_every must be at least 1")
        for name in ("checkpoint_every", "keep_epochs", "snapshot_every", "preview_every"):
            require(getattr(self, name) >= 0, f"--{name} must not be negative")
        require(0 < self.viz_port < 2**16, "--viz_port must be between 1 and 65535")
        check_device(self.device, self.cuda)
        line = self.license.isprintable() and len(self.license) <= 200
        require(line, "--license must be one line of at most 200 printable characters")
        require("/" not in self.run_name and self.run_name not in (".", ".."), "--run_name must be a plain folder name")


@dataclass(frozen=True)
class TrainConfig:
    """Everything a training run depends on."""

    data: DataConfig = field(default_factory=DataConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    run: RunConfig = field(default_factory=RunConfig)

    def __post_init__(self) -> None:
        pairs = self.data.batch_size % 2 == 0 or not self.loss.diversity_weight
        require(pairs, f"--batch_size {self.data.batch_size}: must be even with --diversity_weight, which compares pairs")

    @property
    def learning_rate(self) -> float:
        """Peak of the learning rate: as given, or the generator's own."""
        return self.optim.learning_rate or LEARNING_RATES[self.generator.generator]
