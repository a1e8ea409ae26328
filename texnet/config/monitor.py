"""The options of texnet monitor."""

from __future__ import annotations

from dataclasses import dataclass

from texnet.config.fields import option, require

PORTS = range(1, 2**16)


@dataclass(frozen=True)
class MonitorConfig:
    """Visdom server."""

    port: int = option(8097, "port to listen on, on 127.0.0.1", metavar="PORT")
    env_dir: str = option("~/.visdom", "folder in which Visdom keeps its saved environments", metavar="DIR")

    def __post_init__(self) -> None:
        require(self.port in PORTS, "--port must be between 1 and 65535")
