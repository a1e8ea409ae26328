"""Settings of the page as flags of the command line, and the flags as the page shows them.

The commands themselves check the settings, by a dry run of the very words that will run.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from texnet.config import DataConfig, GeneratorConfig, LossConfig, OptimConfig, RunConfig
from texnet.studio.error_responses import Refusal
from texnet.studio.helper import environment

TRAINING = (DataConfig, GeneratorConfig, LossConfig, OptimConfig)
OF_RUN = ("license", "credit", "checkpoint_every", "keep_epochs", "snapshot_every", "log_every", "preview_every", "viz")
PATHS = frozenset({"data_dir", "texture", "vgg_weights", "init"})
WORDS_OF_INIT = frozenset({"pretrained", "scratch"})
SECONDS = 60  # that a dry run may take

Value = bool | int | float | str | list[Any] | None


def described_options() -> list[dict[str, Any]]:
    """Every flag that the page offers: name, group, help, kind, default and choices."""
    return [
        {
            "name": item.name,
            "group": (config_type.__doc__ or "").split(".")[0],
            "help": item.metadata["help"],
            "kind": _kind(item.name, hint),
            "default": list(item.default) if isinstance(item.default, tuple) else item.default,
            "choices": list(item.metadata["argparse"].get("choices", ())),
        }
        for config_type, item, hint in _fields()
    ]


def as_flags(settings: Mapping[str, Value], resolve: Callable[[str], Path]) -> list[str]:
    """Settings as words of a command line; paths are resolved. Refusal for a name that the page does not offer."""
    known = {item.name: hint for _, item, hint in _fields()}
    words: list[str] = []
    for name, value in settings.items():
        if name not in known:
            raise Refusal(400, f"--{name} is no setting of a training")
        if value is None or value == "" or value == []:
            continue
        if name in PATHS and not (name == "init" and value in WORDS_OF_INIT):
            value = str(resolve(str(value)))
        words += _words(name, value, known[name])
    return words


def swept_flags(axes: Mapping[str, list[Any]], resolve: Callable[[str], Path]) -> list[str]:
    """Several values of each setting as words of texnet sweep's command line."""
    known = {item.name for config_type, item, _ in _fields() if config_type in TRAINING}
    words: list[str] = []
    for name, values in axes.items():
        if name not in known or not isinstance(values, list) or len(values) < 2:
            raise Refusal(400, f"--{name}: a setting of trainings with two values or more")
        shown = [str(resolve(str(value))) if name in PATHS else str(value) for value in values]
        if any(word.startswith("-") for word in shown):
            raise Refusal(400, f"--{name}: a value begins with a dash")
        words += [f"--{name}", *shown]
    return words


def dry_run(words: list[str]) -> dict[str, Any]:
    """All settings of a training, as the command understands its words; Refusal with its own complaint where it does not."""
    config: dict[str, Any] = json.loads(run_texnet(["train", "--dry_run", *words], SECONDS))
    return config


def run_texnet(words: list[str], seconds: float) -> str:
    """What a command prints. Refusal with its own complaint where it fails, and where it takes longer than some seconds."""
    command = [sys.executable, "-m", "texnet", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=environment(), check=False)
    except subprocess.TimeoutExpired:
        remedy = "this machine is busy, try again"
        raise Refusal(503, f"texnet {words[0]} took longer than {seconds:g} seconds: {remedy}") from None
    if done.returncode:
        complaint = done.stderr.strip().splitlines()
        raise Refusal(422, (complaint[-1] if complaint else f"texnet {words[0]} failed").removeprefix("texnet: "))
    return done.stdout


def _fields() -> Iterator[tuple[type[Any], dataclasses.Field[Any], Any]]:
    for config_type in (*TRAINING, RunConfig):
        hints = typing.get_type_hints(config_type)
        for item in dataclasses.fields(config_type):
            if config_type is not RunConfig or item.name in OF_RUN:
                yield config_type, item, hints[item.name]


def _kind(name: str, hint: Any) -> str:
    if name in PATHS:
        return "path"
    kinds = {bool: "switch", int: "integer", float: "number"}
    of_hint = [kinds[kind] for kind in (bool, int, float) if kind in (hint, *typing.get_args(hint))]
    return "list" if typing.get_origin(hint) is tuple else (of_hint or ["text"])[0]


def _words(name: str, value: Value, hint: Any) -> list[str]:
    if hint is bool:
        return [f"--{name}" if value else f"--no-{name}"]
    if isinstance(value, list):
        values = [str(one) for one in value]
        if any(one.startswith("-") for one in values):
            raise Refusal(400, f"--{name}: a value begins with a dash")
        return [f"--{name}", *values]
    if isinstance(value, bool | dict):
        raise Refusal(400, f"--{name}: not a value of it")
    return [f"--{name}={value}"]
