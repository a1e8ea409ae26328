"""The options of texnet studio."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from texnet.config.fields import option, require
from texnet.config.monitor import PORTS

LOOPBACK = "127.0.0.1"
LARGEST_UPLOAD, LARGEST_VIDEO = 4096, 65536  # megabytes


@dataclass(frozen=True)
class StudioConfig:
    """Studio."""

    port: int = option(3000, "port to listen on", metavar="PORT")
    host: str = option(
        LOOPBACK,
        "address to listen on; any other than this machine's own needs --password_file and --folders",
        metavar="ADDRESS",
    )
    host_names: tuple[str, ...] = option(
        (),
        "further names by which browsers reach the studio, as of a proxy, for example studio.example.org:443",
        nargs="+",
        metavar="NAME",
    )
    password_file: str = option("", "file whose first line is the password that the page asks for", metavar="FILE")
    folders: tuple[str, ...] = option(
        (),
        "folders below which photos and style pictures may be chosen, hidden ones excepted; default: the home folder and the "
        "working folder",
        nargs="+",
        metavar="DIR",
    )
    checkpoint_dir: str = option("checkpoints", "folder of the runs", metavar="DIR")
    sweep_dir: str = option("sweeps", "folder of the sweeps", metavar="DIR")
    studio_dir: str = option("studio", "folder of the queue, the history, uploads and results", metavar="DIR")
    max_upload: int = option(64, "largest picture or checkpoint that may be uploaded, megabytes", metavar="MB")
    max_video: int = option(2048, "largest video that may be uploaded, megabytes", metavar="MB")
    browser: bool = option(True, "open the page in the browser")

    def __post_init__(self) -> None:
        require(self.port in PORTS, "--port must be between 1 and 65535")
        require(1 <= self.max_upload <= LARGEST_UPLOAD, f"--max_upload must be between 1 and {LARGEST_UPLOAD} megabytes")
        require(1 <= self.max_video <= LARGEST_VIDEO, f"--max_video must be between 1 and {LARGEST_VIDEO} megabytes")
        require(
            self.is_local or bool(self.password_file),
            f"--host {self.host}: others can reach it there; give --password_file, a file with the password in its first line",
        )
        require(
            self.is_local or bool(self.folders),
            f"--host {self.host}: others can reach it there; give --folders, below which they may choose pictures",
        )

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
