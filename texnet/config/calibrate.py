"""The options of texnet calibrate."""

from __future__ import annotations

from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig
from texnet.config.fields import NAME_A_NETWORK, option


@dataclass(frozen=True)
class CalibrateConfig:
    """Calibration."""

    ckpt: tuple[str, ...] = option(
        (),
        "trained networks, whose files are updated",
        nargs="+",
        metavar="FILE|NAME",
        is_network=True,
        missing=NAME_A_NETWORK,
    )
    data_dir: str = option(
        "",
        "photos that they were not trained on, COCO root or folder; default: those that training held out",
        metavar="DIR",
    )
    split: str = option("val", "split of --data_dir where it is a COCO root", metavar="NAME")
    texture: str = option("", "style picture; default: the file it was trained on", metavar="FILE")
    vgg_weights: str = option("", "weights of the loss's feature network; default: as in training", metavar="FILE")
    device: DeviceConfig = field(default_factory=DeviceConfig)
