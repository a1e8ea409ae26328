"""The options of texnet live."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from texnet.config.device import DeviceConfig, precision_option
from texnet.config.fields import NAME_A_NETWORK, check_seed, option, require, style_option
from texnet.config.monitor import PORTS

LEAST_SIZE, MOST_SIZE = 128, 4096
MAX_FPS = 120
MOST_NETWORKS = 9  # one for each key


@dataclass(frozen=True)
class LiveConfig:
    """Live pictures."""

    ckpt: tuple[str, ...] = option(
        (),
        "trained networks; the keys 1 to 9 choose among them",
        nargs="+",
        metavar="FILE|NAME",
        is_network=True,
        missing=NAME_A_NETWORK,
    )
    style: tuple[str, ...] = style_option()
    camera: str = option(
        "0", "number of a camera, or a video's file in its place, which is played over and over", metavar="N|FILE"
    )
    port: int = option(8099, "port to listen on, on 127.0.0.1", metavar="PORT")
    fps: float = option(15.0, "frames a second to hold: pictures are as large as that allows", metavar="FPS")
    max_size: int = option(640, "long side of the pictures at most, pixels", metavar="PX")
    noise_factor: float = option(1.0, "style strength to begin with; the page has a slider", metavar="F")
    keep_colors: float = option(0.0, "how much of the camera's colors to keep: 0 nothing, 1 all", metavar="0..1")
    seed: int = option(0, "seed of the noise: another seed, other strokes", metavar="N")
    output: str = option("recordings", "folder for what is recorded", metavar="DIR")
    precision: str = precision_option()
    device: DeviceConfig = field(default_factory=DeviceConfig)

    def __post_init__(self) -> None:
        require(self.port in PORTS, "--port must be between 1 and 65535")
        require(1 <= self.fps <= MAX_FPS, f"--fps must be between 1 and {MAX_FPS}")
        require(LEAST_SIZE <= self.max_size <= MOST_SIZE, f"--max_size must be between {LEAST_SIZE} and {MOST_SIZE} pixels")
        require(0 <= self.noise_factor < math.inf, "--noise_factor must be a number that is not negative")
        require(0 <= self.keep_colors <= 1, "--keep_colors must be between 0 and 1")
        require(len(self.ckpt) <= MOST_NETWORKS, "--ckpt: nine networks at most, one for each key")
        check_seed(self.seed)
