"""The options of texnet sweep, beside those of training, which are its axes."""

from __future__ import annotations

from dataclasses import dataclass

from texnet.config.fields import option, require

CRITERION_NAMES = ("total", "style", "content")


@dataclass(frozen=True)
class SweepConfig:
    """Sweep: the flags of training that get several values are its axes, all their combinations are trained."""

    sweep_dir: str = option("", "folder of the sweep and its runs; default: sweeps/ and the texture's name", metavar="DIR")
    criterion: str = option("total", "term of the loss to compare by; the lowest is best", choices=CRITERION_NAMES)
    num_trials: int = option(
        0,
        "number of trials of a guided search instead of all combinations; two numbers of a flag are then a range; "
        "0 = all combinations",
        metavar="N",
    )
    storage: str = option(
        "",
        "database of the search, an SQLAlchemy URL, which several machines can share; default: SQLite in the sweep's folder",
        metavar="URL",
    )

    def __post_init__(self) -> None:
        require(self.num_trials >= 0, "--num_trials must be 0 (all combinations) or more")
        require(not self.storage or self.num_trials > 0, "--storage is for --num_trials N: give that too")
