"""The options of a run: device, files, logging."""

from __future__ import annotations

from dataclasses import dataclass, field

from texnet.config.address import parse_address
from texnet.config.device import DeviceConfig
from texnet.config.fields import option, require


@dataclass(frozen=True)
class RunConfig:
    """Run: device, files, logging."""

    device: DeviceConfig = field(default_factory=DeviceConfig)
    compile: bool = option(False, "compile generator and loss, once for each crop size, which takes minutes")
    checkpoint_dir: str = option("checkpoints", "folder of the runs", metavar="DIR")
    run_name: str = option("", "folder of this run in it; default: the texture's name, numbered where taken", metavar="NAME")
    license: str = option("", "license of the trained style, recorded in style.pt, for example CC-BY-4.0", metavar="NAME")
    credit: str = option(
        "", 'author, title and year of the style picture, recorded in style.pt, for example "Hokusai, The Great Wave, 1831"'
    )
    checkpoint_every: int = option(
        500, "steps between writes of latest.pt, to resume from, besides the ends of epochs; 0 = only those", metavar="N"
    )
    keep_epochs: int = option(
        10,
        "number of epoch checkpoints to keep, the newest; 0 = all; between the first and the last epoch one is written at most "
        "once a minute",
        metavar="N",
    )
    snapshot_every: int = option(
        0, "steps between snapshots for stylizing, step-000100.pt, which are all kept; 0 = none", metavar="N"
    )
    log_every: int = option(10, "steps between lines of metrics.jsonl", metavar="N")
    preview_every: int = option(
        200, "steps between previews, after one at once and one after 30 steps; 0 = only at the end", metavar="N"
    )
    verbose: bool = option(False, "print a line per log step instead of a progress bar")
    viz: bool = option(False, "show the run live in Visdom")
    viz_server: str = option(
        "localhost", "host of the Visdom server, or its address, such as https://host/visdom", metavar="HOST"
    )
    viz_port: int | None = option(
        None, "port of the Visdom server; default: that of --viz_server, else 8097, or 443 for https", metavar="PORT"
    )
    viz_env: str = option("", "Visdom environment; default: the run's name, numbered where another run has it", metavar="NAME")

    def __post_init__(self) -> None:
        require(self.log_every >= 1, "--log_every must be at least 1")
        for name in ("checkpoint_every", "keep_epochs", "snapshot_every", "preview_every"):
            require(getattr(self, name) >= 0, f"--{name} must not be negative")
        require(self.viz_port is None or 0 < self.viz_port < 2**16, "--viz_port must be between 1 and 65535")
        parse_address(self.viz_server, self.viz_port)
        for name in ("license", "credit"):
            text = getattr(self, name)
            require(text.isprintable() and len(text) <= 200, f"--{name} must be one line of at most 200 printable characters")
        require("/" not in self.run_name and self.run_name not in (".", ".."), "--run_name must be a plain folder name")
