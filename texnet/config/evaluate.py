"""The options of texnet evaluate, beside those of the loss."""

from __future__ import annotations

from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig
from texnet.config.fields import check_seed, option, require
from texnet.config.train import FEATURES_NAMES


@dataclass(frozen=True)
class EvaluateConfig:
    """Evaluation."""

    ckpt: tuple[str, ...] = option(
        (),
        "networks: checkpoints of texnet, or state dicts of pytorch/examples fast_neural_style",
        nargs="+",
        metavar="FILE|NAME",
        is_network=True,
        missing="name one network or more, for example checkpoints/mosaic/style.pt",
    )
    runs: tuple[str, ...] = option(
        (), "instead of --ckpt, folders of runs: the loss of their checkpoints against time", nargs="+", metavar="DIR"
    )
    video: str = option(
        "", "instead of losses on photos, flicker on a video, or on a folder of frames: pans, noise, exposure", metavar="PATH"
    )
    data_dir: str = option(
        "", "photos, COCO root or folder; of those that a network was trained on only what its training held out", metavar="DIR"
    )
    split: str = option("val", "split of --data_dir where it is a COCO root", metavar="NAME")
    output: str = option("evaluation", "folder for table, JSON and plots", metavar="DIR")
    max_images: int = option(20, "use only this many photos, chosen by their names, or frames; 0 = all", metavar="N")
    image_size: int = option(256, "side of the center crop of each photo, pixels", metavar="PX")
    noise_factor: float = option(1.0, "style strength at which the networks are evaluated", metavar="F")
    num_seeds: int = option(8, "pictures per texture, for networks trained with --no_content", metavar="N")
    curve_images: int = option(8, "photos for the strength curve; 0 = no curve", metavar="N")
    curve_step: float = option(0.05, "step of the noise factor along the strength curve, which runs from 0 to 2", metavar="F")
    optimum_steps: int = option(
        0, "compare with so many L-BFGS steps from the photo, or from noise for textures; 0 = no comparison", metavar="N"
    )
    optimum_images: int = option(0, "photos or seeds for that comparison; 0 = all", metavar="N")
    regret: tuple[str, ...] = option(
        (),
        "networks trained with --fixed_noise_factor: how much worse than these one network for all strengths is",
        nargs="+",
        metavar="FILE|NAME",
        is_network=True,
    )
    cache_dir: str = option(
        "", "folder in which results of that optimization are kept; default: texnet in the user's cache folder", metavar="DIR"
    )
    eval_features: str = option("random", "second feature network to evaluate with", choices=("random", *FEATURES_NAMES))
    eval_weights: str = option("", "its weights, where it is a VGG; default: as for --vgg_weights", metavar="FILE")
    seed: int = option(0, "seed of the generator's noise", metavar="N")
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        for name in ("max_images", "curve_images", "optimum_steps", "optimum_images", "noise_factor"):
            require(getattr(self, name) >= 0, f"--{name} must not be negative")
        require(self.num_seeds >= 2, "--num_seeds must be at least 2")
        require(not (self.ckpt and self.runs), "--runs takes the place of --ckpt: give one of them")
        require(not (self.runs and (self.regret or self.optimum_steps)), "--regret and --optimum_steps need --ckpt, not --runs")
        require(not (self.runs and self.video), "--video needs --ckpt, not --runs")
        require(self.image_size >= 64, "--image_size must be at least 64 pixels")
        require(0.01 <= self.curve_step <= 0.5, "--curve_step must be between 0.01 and 0.5")
        check_seed(self.seed)
