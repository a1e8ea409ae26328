"""What became of a run, in its folder beside what training leaves there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from texnet.files import read_json, write_atomically
from texnet.sweep.criterion import Scores
from texnet.training.run_dir import STYLE_FILE

STATUS_FILE = "status.json"
DONE, PRUNED, DIVERGED, UNFINISHED = "done", "pruned", "diverged", "unfinished"


@dataclass(frozen=True)
class RunStatus:
    """Done and judged, given up because others were better, diverged, or not at its end yet."""

    state: str = UNFINISHED
    scores: Scores = field(default_factory=dict)  # by kind, where it is done

    def write(self, folder: Path) -> None:
        """Keep it in a run's folder."""
        content = {"state": self.state, "criterion": self.scores}
        write_atomically(folder / STATUS_FILE, json.dumps(content, indent=2).encode())


def read_status(folder: Path) -> RunStatus:
    """The status of the run in a folder."""
    path = folder / STATUS_FILE
    if not path.is_file():
        return RunStatus()
    content = read_json(path)
    return RunStatus(content["state"], content["criterion"])


def is_trained(folder: Path) -> bool:
    """Whether the run in a folder came to its end."""
    return (folder / STYLE_FILE).is_file()
