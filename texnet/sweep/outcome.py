"""What became of a run, in its folder beside what training leaves there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from texnet.files import write_atomically
from texnet.sweep.judge import Verdict
from texnet.training.run import SHARED

OUTCOME = "outcome.json"
DONE, PRUNED, DIVERGED, UNFINISHED = "done", "pruned", "diverged", "unfinished"


@dataclass(frozen=True)
class Outcome:
    """Done and judged, given up because others were better, diverged, or not at its end yet."""

    state: str = UNFINISHED
    verdict: Verdict = field(default_factory=dict)  # by kind, where it is done

    def write(self, folder: Path) -> None:
        """Keep it in a run's folder."""
        content = {"state": self.state, "criterion": self.verdict}
        write_atomically(folder / OUTCOME, json.dumps(content, indent=2).encode())


def read_outcome(folder: Path) -> Outcome:
    """The outcome of the run in a folder."""
    path = folder / OUTCOME
    if not path.is_file():
        return Outcome()
    content = json.loads(path.read_text(encoding="utf-8"))
    return Outcome(content["state"], content["criterion"])


def is_trained(folder: Path) -> bool:
    """Whether the run in a folder came to its end."""
    return (folder / SHARED).is_file()
