"""The options of texnet train: everything that a run depends on, which its checkpoints carry."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from texnet.config.device import precision_option
from texnet.config.fields import check_seed, option, require
from texnet.config.run import RunConfig

GENERATOR_NAMES = ("residual", "light", "pyramid")
FEATURES_NAMES = ("vgg19", "vgg16", "compact")
PRESET_NAMES = ("texnet", "gatys", "johnson", "pyramid")
STATISTIC_NAMES = ("gram", "covariance", "sqrt_moments")
LEARNING_RATES = {"residual": 4e-3, "light": 4e-3, "pyramid": 1e-2}  # pyramid: Ulyanov et al. 2017, with instance norm

SMALLEST_STEADY = 64  # pixels: a smaller crop has little left between the edges that are not compared

# what a continued run may change, besides all of RunConfig; the file of the texture, that is, not the picture
CHANGEABLE = {"data_dir", "num_workers", "cache_fraction", "vgg_weights", "epochs", "max_steps", "max_minutes", "texture"}


@dataclass(frozen=True)
class DataConfig:
    """Training photos."""

    data_dir: str = option(
        "",
        "COCO root (train2017/, val2017/, annotations/) or any folder of pictures, at any depth",
        metavar="DIR",
        missing="name a COCO root or a folder of pictures",
    )
    split: str = option("train", "split of a COCO root: train, val, or a folder's name such as train2014", metavar="NAME")
    categories: tuple[str, ...] = option(
        (), "use only COCO photos that show one of these categories, for example: person dog", nargs="+", metavar="NAME"
    )
    max_images: int = option(0, "use only this many photos, chosen by the seed; 0 = all", metavar="N")
    num_val: int = option(
        16,
        "photos held out for previews, calibration and sweeps, out of the tenth (by a hash of the file's name) "
        "that is never trained on; 0 = train on all",
        metavar="N",
    )
    image_size: int = option(256, "side of the square training crops, pixels", metavar="PX")
    batch_size: int = option(4, "photos per step (per process under torchrun)", metavar="N")
    num_workers: int = option(2, "threads that decode photos", metavar="N")
    cache_fraction: float = option(
        0.25,
        "fraction of the free memory (of the GPU when training there) in which decoded photos may be cached",
        metavar="FRACTION",
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
    """Generator."""

    generator: str = option("residual", "architecture of the generator", choices=GENERATOR_NAMES)
    width: int = option(
        24,
        "channels of the first layer; the residual trunk has four times as many, each scale of a pyramid a third",
        metavar="N",
    )
    num_blocks: int = option(5, "residual blocks in the trunk; of a pyramid the joins, one fewer than its scales", metavar="N")
    noise_channels: int = option(3, "channels of seeded noise that are concatenated to the photo", metavar="N")
    max_noise_factor: float = option(2.0, "largest noise factor to train for", metavar="F")
    fixed_noise_factor: float = option(
        0.0, "train for this one noise factor only, the baseline of evaluate --regret; 0 = for all of them", metavar="F"
    )
    no_content: bool = option(
        False, "train a texture generator on noise alone, without photos and content loss; see texnet synthesize"
    )

    def __post_init__(self) -> None:
        require(self.width >= 2, "--width must be at least 2")
        require(self.num_blocks >= 1, "--num_blocks must be at least 1")
        require(self.noise_channels >= 0, "--noise_channels must be 0 or more")
        require(self.noise_channels > 0 or not self.no_content, "--noise_channels must be 1 or more with --no_content")
        require(1 <= self.max_noise_factor <= 10, "--max_noise_factor must be between 1, the trained style, and 10")
        within = 0 <= self.fixed_noise_factor <= self.max_noise_factor
        require(within, "--fixed_noise_factor must be 0 (all of them) or a noise factor up to --max_noise_factor")
        require(
            not (self.fixed_noise_factor and self.no_content),
            "--fixed_noise_factor is for photos: leave it out with --no_content",
        )


@dataclass(frozen=True)
class LossConfig:
    """Perceptual loss."""

    texture: str = option("", "style picture", metavar="FILE", missing="name the style picture")
    style_size: int = option(
        512, "long side of the style picture, pixels, which sets the size of the strokes; 0 = its own size", metavar="PX"
    )
    preset: str = option(
        "texnet",
        "layers, weights and statistic of the loss; the flags below replace parts of it",
        choices=PRESET_NAMES,
    )
    features: str = option(
        "auto",
        "feature network; auto: vgg19 if its weights are on this machine, else compact, which comes with texnet",
        choices=("auto", *FEATURES_NAMES),
    )
    vgg_weights: str = option(
        "",
        "weights of the feature network, torchvision's state dict; default: $TEXNET_VGG_WEIGHTS for vgg19 or "
        "$TEXNET_VGG16_WEIGHTS for vgg16, torch's cache, and download if --features names a VGG",
        metavar="FILE",
    )
    style_layers: tuple[str, ...] = option(
        (),
        "layers of the style loss, such as relu1_1, or hues, palette; a weight may follow: relu1_1=2; default: the preset's",
        nargs="+",
        metavar="LAYER[=W]",
    )
    content_layers: tuple[str, ...] = option(
        (), "layers of the content loss; a weight may follow; default: the preset's", nargs="+", metavar="LAYER[=W]"
    )
    statistic: str | None = option(
        None,
        "statistic of a style layer: Gram matrix, mean and covariance, or these of square roots; default: the preset's",
        choices=STATISTIC_NAMES,
    )
    style_weight: float | None = option(
        None, "weight of the style loss; default: the preset's, 8 for texnet, 15 for pyramid, else 5", metavar="W"
    )
    content_weight: float = option(1.0, "weight of the content loss", metavar="W")
    luminance_weight: float | None = option(
        None,
        "weight of the luminance loss, which keeps light and dark where the photo has them; default: the preset's, "
        "2 for texnet, else 0",
        metavar="W",
    )
    match_colors: bool = option(
        False, "match the style's colors to each photo's by mean and covariance: strokes are painted, the photo's colors stay"
    )
    tv_weight: float = option(0.02, "weight of the total variation loss, which smooths", metavar="W")
    diversity_weight: float = option(
        0.0, "weight of the diversity loss between two noises, which then share a photo of the batch", metavar="W"
    )
    steady_weight: float = option(
        0.0,
        "weight of the steadiness loss between two views of a photo, in the last third of training: for video frame by frame",
        metavar="W",
    )

    def __post_init__(self) -> None:
        require(self.style_size == 0 or self.style_size >= 32, "--style_size must be 0 or at least 32 pixels")
        for name in ("style_weight", "content_weight", "luminance_weight", "tv_weight", "diversity_weight", "steady_weight"):
            weight = getattr(self, name)
            require(weight is None or 0 <= weight < math.inf, f"--{name} must be a number, and not negative")


@dataclass(frozen=True)
class OptimConfig:
    """Optimization. Training ends at the first limit that is reached."""

    epochs: int = option(2, "passes over the photos; 0 = no such limit, as where only steps or minutes are given", metavar="N")
    max_steps: int = option(0, "stop after this many steps; 0 = no such limit", metavar="N")
    max_minutes: float = option(0.0, "stop after this many minutes of training; 0 = no such limit", metavar="MIN")
    init: str = option(
        "pretrained",
        "initial weights: the pretrained generator that comes with texnet, scratch, or a checkpoint of the same shape",
        metavar="pretrained|scratch|FILE",
    )
    learning_rate: float | None = option(
        None,
        "peak learning rate: linear warm-up, then cosine decay to zero; default: 0.004, for a pyramid 0.01",
        metavar="LR",
    )
    warmup_steps: int = option(5, "steps until the learning rate peaks", metavar="N")
    clip_norm: float = option(5.0, "largest norm of the gradient, to which longer ones are clipped", metavar="NORM")
    progressive_crops: bool = option(True, "start with crops of half the size, which are four times as fast")
    seed: int = option(0, "seed of all randomness", metavar="N")
    precision: str = precision_option()

    def __post_init__(self) -> None:
        for name in ("epochs", "max_steps", "max_minutes", "warmup_steps"):
            require(0 <= getattr(self, name) < math.inf, f"--{name} must be a number, and not negative")
        require(
            bool(self.epochs or self.max_steps or self.max_minutes),
            "training without end: give one of --epochs, --max_steps, --max_minutes",
        )
        rate = self.learning_rate
        require(rate is None or 0 < rate < math.inf, "--learning_rate must be a positive number")
        require(self.clip_norm > 0, "--clip_norm must be positive")
        check_seed(self.seed)


@dataclass(frozen=True)
class StylesConfig:
    """Several styles in one network, of several style pictures."""

    style_rank: int = option(
        8,
        "rank of the difference that each style makes to every kernel; 0 = norms alone, the smallest file",
        metavar="R",
    )
    append_to: str = option("", "file of many styles, styles.pt, that gets this one too", metavar="FILE")

    def __post_init__(self) -> None:
        require(0 <= self.style_rank <= 256, "--style_rank must be between 0 and 256")


@dataclass(frozen=True)
class TrainConfig:
    """Everything that a training run depends on."""

    data: DataConfig = field(default_factory=DataConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    styles: StylesConfig = field(default_factory=StylesConfig)
    run: RunConfig = field(default_factory=RunConfig)

    def __post_init__(self) -> None:
        pairs = self.data.batch_size % 2 == 0 or not self.loss.diversity_weight
        require(pairs, f"--batch_size {self.data.batch_size}: must be even with --diversity_weight, which compares pairs")
        if self.loss.steady_weight:
            require(
                not self.generator.no_content, "--steady_weight: not with --no_content, where there is no photo to see twice"
            )
            wide = self.data.image_size >= SMALLEST_STEADY
            require(wide, f"--image_size {self.data.image_size}: --steady_weight needs at least {SMALLEST_STEADY} pixels")
        if self.loss.match_colors:
            require(not self.generator.no_content, "--match_colors: is for photos; leave it out with --no_content")
            require(not self.run.compile, "--compile: not with --match_colors, whose style targets change with every photo")

    @property
    def learning_rate(self) -> float:
        """Peak learning rate: as given, or the generator's own."""
        given = self.optim.learning_rate
        return LEARNING_RATES[self.generator.generator] if given is None else given


def check_same_run(before: TrainConfig, now: TrainConfig) -> None:
    """UserError names an option that a continued run cannot change: anything else would make it another run."""
    for part in ("data", "generator", "loss", "optim", "styles"):
        was, is_now = getattr(before, part), getattr(now, part)
        for name in was.__dataclass_fields__:
            old, new = getattr(was, name), getattr(is_now, name)
            fixed = name not in CHANGEABLE
            require(not fixed or old == new, f"--{name} {new}: this run began with {old}; start a new run to change it")
