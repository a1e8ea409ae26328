"""What a sweep consists of: the settings that its runs share, the axes along which they differ, and their folders."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from texnet.config import LossConfig, TrainConfig, from_dict, require, to_dict
from texnet.errors import UserError
from texnet.files import read_json, write_atomically

Value = bool | int | float | str
Values = dict[str, Value]
Axes = Mapping[str, tuple[Value, ...]]

SETTINGS = "sweep.json"
# what may change when a sweep is continued, besides all of RunConfig: where things are, not what is trained
CHANGEABLE = {"data_dir", "num_workers", "cache_fraction", "vgg_weights"}
MAX_NAME = 200  # bytes of a run's folder name
LARGEST_LINEAR_RATIO = 10  # ranges that span more are searched on a logarithmic scale


@dataclass(frozen=True)
class Setting:
    """A point of the axes, and the training that belongs to it."""

    name: str
    values: Values
    config: TrainConfig

    @property
    def folder(self) -> Path:
        """The folder of its run, as ``texnet train`` would make it."""
        return Path(self.config.run.checkpoint_dir) / self.config.run.run_name


@dataclass(frozen=True)
class Sweep:
    """Trainings in one folder that differ along the axes; ``base`` is the one at the first value of each.

    ``num_trials`` > 0 is the number of trials that are guided, on axes that are ranges or choices; 0 trains all combinations.
    """

    folder: Path
    base: TrainConfig
    axes: Axes
    criterion: str = "total"
    num_trials: int = 0

    def setting(self, name: str, values: Values) -> Setting:
        """A point of the axes under a name; ValueError where a value is out of its range."""
        run = replace(self.base.run, checkpoint_dir=str(self.folder), run_name=name)
        return Setting(name, values, replace(with_values(self.base, values), run=run))

    def grid(self) -> list[Setting]:
        """All combinations in the order given, the last axis fastest."""
        combinations = (dict(zip(self.axes, point, strict=True)) for point in itertools.product(*self.axes.values()))
        settings = [self.setting(run_name(values), values) for values in combinations]
        names = [setting.name for setting in settings]
        twice = next((name for name in names if names.count(name) > 1), "")
        require(not twice, f"two combinations would share the folder {twice}: rename a file, or leave one out")
        return settings

    def begun(self) -> list[Setting]:
        """What has a folder: the runs of the grid, or all trials so far, in their order."""
        if not self.num_trials:
            return [setting for setting in self.grid() if (setting.folder / "config.json").is_file()]
        trials = (self._trial(path.parent) for path in sorted(self.folder.glob("trial-*/config.json")))
        return [trial for trial in trials if trial is not None]

    def criterion_loss(self, setting: Setting) -> LossConfig:
        """The loss of the criterion: options that are swept have their defaults in it, except the style picture itself."""
        defaults: dict[str, Any] = {
            item.name: item.default for item in dataclasses.fields(LossConfig) if item.name in self.axes
        }
        return replace(self.base.loss, **{**defaults, "texture": setting.config.loss.texture})

    def _trial(self, folder: Path) -> Setting | None:
        """What was trained in a folder; None where its settings are damaged."""
        try:
            flat = dict(_flags(read_json(folder / "config.json")))
            return self.setting(folder.name, {name: flat[name] for name in self.axes})
        except (UserError, AttributeError, KeyError, TypeError):
            return None


def distinct(axes: Axes) -> tuple[dict[str, tuple[Value, ...]], Values]:
    """Axes without values that are equal, such as 1 and 1.0, and the options of which one value is left."""
    unique = {name: tuple(dict.fromkeys(values)) for name, values in axes.items()}
    return (
        {name: values for name, values in unique.items() if len(values) > 1},
        {name: values[0] for name, values in unique.items() if len(values) == 1},
    )


def check_axes(axes: Axes, *, search: bool) -> None:
    """ValueError where there is nothing to sweep, or a value comes twice."""
    what = "two values for a range, more for choices" if search else "two values or more"
    require(bool(axes), f"nothing to sweep: give a flag {what}, for example --style_weight 1 {'30' if search else '0.1 0.01'}")
    for name, values in axes.items():
        twice = next((value for value in values if values.count(value) > 1), None)
        require(twice is None, f"--{name} {twice} is given twice")


def check_installed(*, search: bool) -> None:
    """ValueError where a package that tables, pictures or the search are made with is missing."""
    for package in ("matplotlib", "optuna") if search else ("matplotlib",):
        require(importlib.util.find_spec(package) is not None, f"sweeps need {package}: pip install 'texnet[sweep]'")


def is_range(values: tuple[Value, ...]) -> bool:
    """Whether an axis of a search is a range of numbers, not a choice."""
    return len(values) == 2 and not any(isinstance(value, bool | str) for value in values)


def is_logarithmic(values: tuple[Any, ...]) -> bool:
    """Whether a range spans so much that its orders of magnitude are what counts."""
    return min(values) > 0 and max(values) / min(values) >= LARGEST_LINEAR_RATIO


def with_values(config: TrainConfig, values: Values) -> TrainConfig:
    """A config with some options changed, each in the part that has it."""
    for part in dataclasses.fields(config):
        own = getattr(config, part.name)
        changed = {name: value for name, value in values.items() if hasattr(own, name)}
        config = replace(config, **{part.name: replace(own, **changed)})
    return config


def run_name(values: Values) -> str:
    """A folder's name that says the values: ``style_weight=0.1,width=16``; of a file its name.

    What would be too long for a file system ends in a hash.
    """
    name = ",".join(re.sub(r"[^-+.=\w]", "_", f"{name}={show(value)}") for name, value in values.items())
    whole = name.encode()
    short = whole[: MAX_NAME - 9].decode(errors="ignore")
    return name if len(whole) <= MAX_NAME else f"{short}-{hashlib.sha256(whole).hexdigest()[:8]}"


def show(value: Value, digits: int = 15) -> str:
    """A value in a few characters: numbers without trailing zeros, of a file its name."""
    if isinstance(value, float):
        return f"{value + 0.0:.{digits}g}"  # -0 is 0
    return Path(value).name if isinstance(value, str) else str(value)


def claim_folder(sweep: Sweep) -> None:
    """Write down what the sweep is, or ValueError, in one line, where its folder was begun as another one."""
    path = sweep.folder / SETTINGS
    now = {
        "mode": "search" if sweep.num_trials else "grid",
        # a grid may get more values, the space and the aim of a search stay
        "axes": {name: list(values) if sweep.num_trials else [] for name, values in sweep.axes.items()},
        "criterion": sweep.criterion if sweep.num_trials else "",
        "config": to_dict(sweep.base),
    }
    if path.is_file():
        _check_same(read_json(path), now, sweep)
    write_atomically(path, json.dumps(now, indent=2).encode())


def _check_same(before: dict[str, Any], now: dict[str, Any], sweep: Sweep) -> None:
    remedy = f"in {sweep.folder}; choose another --sweep_dir"
    for part in ("mode", "axes", "criterion"):
        require(before[part] == now[part], f"another sweep was begun ({part}: {_words(before[part])}) {remedy}")
    known = dict(_flags(to_dict(from_dict(TrainConfig, before["config"]))))
    for name, value in _flags(now["config"]):
        if name not in sweep.axes and name not in CHANGEABLE:
            require(known[name] == value, f"--{name} {value}: a sweep was begun with {known[name]} {remedy}")


def _words(part: Any) -> str:
    if not isinstance(part, dict):
        return str(part)
    return ", ".join(" ".join([name, *map(str, values)]) for name, values in part.items())


def _flags(config: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The options of a config in plain form, without those of RunConfig."""
    return ((name, value) for part, options in config.items() if part != "run" for name, value in options.items())
