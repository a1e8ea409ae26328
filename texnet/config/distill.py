"""The options of texnet distill, beside those of the photos."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig
from texnet.config.fields import check_seed, option, require

STYLE_TAPS = ("relu1_2", "relu2_2", "relu3_2", "relu4_1")  # the default loss's: the compact network must have these
COMPACT_TAPS = (
    *("relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1", "relu3_2", "relu3_3", "relu3_4"),
    *("relu4_1", "relu4_2", "relu4_3", "relu5_1"),
)


@dataclass(frozen=True)
class DistillConfig:
    """Distillation."""

    textures: tuple[str, ...] = option(
        (),
        "style pictures, folders or patterns",
        nargs="+",
        metavar="PATH",
        missing="name style pictures or their folder",
    )
    ckpt: tuple[str, ...] = option(
        (), "trained networks whose outputs join the training data", nargs="+", metavar="FILE|NAME", is_network=True
    )
    taps: tuple[str, ...] = option(COMPACT_TAPS, "layers that the student learns", nargs="+", metavar="LAYER")
    vgg_weights: str = option("", "weights of VGG-19; default: $TEXNET_VGG_WEIGHTS, torch's cache, download", metavar="FILE")
    init: str = option("", "weights to start from, written by this command", metavar="FILE")
    sample_batches: int = option(160, "batches of pictures on which VGG-19's channels are selected", metavar="N")
    max_steps: int = option(0, "stop after this many steps; 0 = no such limit", metavar="N")
    max_minutes: float = option(60.0, "stop after this many minutes; 0 = no such limit", metavar="MIN")
    learning_rate: float = option(2e-4, "peak learning rate: linear warm-up, then cosine decay to zero", metavar="LR")
    output: str = option("compact.pt", "file to write", metavar="FILE")
    seed: int = option(0, "seed of all randomness", metavar="N")
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        require(self.max_steps > 0 or self.max_minutes > 0, "training without end: give --max_steps or --max_minutes")
        fixed = next((tap for tap in self.taps if tap in ("hues", "palette")), None)
        require(fixed is None, f"--taps {fixed}: every network has them, they cannot be learned")
        require(
            not any(tap.startswith("pool") for tap in self.taps), "--taps: convolutions and relus can be learned, pools not"
        )
        require(set(STYLE_TAPS) <= set(self.taps), f"--taps must have those of the default loss: {' '.join(STYLE_TAPS)}")
        require(self.sample_batches >= 1, "--sample_batches must be at least 1")
        require(0 < self.learning_rate < math.inf, "--learning_rate must be a positive number")
        check_seed(self.seed)
