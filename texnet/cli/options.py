"""Config dataclasses <-> command-line flags: a field's name is its flag, its default the flag's default."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import typing
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from texnet.cli.commands import fail
from texnet.config import TrainConfig

T = TypeVar("T")


class Parser(argparse.ArgumentParser):
    """A parser whose complaint about a command line is one line, as every mistake's."""

    def error(self, message: str) -> NoReturn:
        sys.exit(fail(f"{message} (see {self.prog} --help)"))


class _Switches(argparse.BooleanOptionalAction):
    """A switch that may be given in both forms: a list of what was given, in that order."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: str | None = None) -> None:
        before = getattr(namespace, self.dest, [])
        setattr(namespace, self.dest, [*before, not (option_string or "").startswith("--no-")])


def add_options(
    parser: argparse.ArgumentParser,
    config_type: type[Any],
    base: Any = None,
    *,
    several: bool = False,
    without: Collection[str] = (),
) -> None:
    """A flag for every field of the dataclass and of those inside it, each dataclass a titled group.

    Flags that are not given leave no trace in the parsed namespace: see :func:`from_options`. The help tells the
    values of ``base``, or else the defaults. With ``several`` each takes one value or more: see :func:`split_axes`.
    """
    hints = typing.get_type_hints(config_type)
    group = parser.add_argument_group((config_type.__doc__ or "").rstrip("."))
    base = config_type() if base is None else base
    for item in dataclasses.fields(config_type):
        if dataclasses.is_dataclass(hints[item.name]):
            add_options(parser, hints[item.name], getattr(base, item.name), several=several, without=without)
        elif item.name not in without:
            group.add_argument(f"--{item.name}", **_keywords(item, hints[item.name], getattr(base, item.name), several))


def split_axes(
    config_types: Sequence[type[Any]], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
    """Flags that were parsed with ``several``: those with one value, beside all other flags, and those with more."""
    scalars = {item.name for config_type in config_types for item in dataclasses.fields(config_type) if _is_scalar(item)}
    axes = {name: tuple(value) for name, value in given.items() if name in scalars and len(value) > 1}
    fixed = {name: value[0] if name in scalars else value for name, value in given.items() if name not in axes}
    return fixed, axes


def training_options(given: Mapping[str, Any], base: TrainConfig | None = None) -> TrainConfig:
    """As :func:`from_options`; what was given changes some defaults.

    A stated number of steps or minutes lifts that of epochs; textures are made by a pyramid.
    """
    implied: dict[str, Any] = {"epochs": 0} if "max_steps" in given or "max_minutes" in given else {}
    if base is None:
        implied |= {"generator": "pyramid"} if given.get("no_content") else {}
    return from_options(TrainConfig, {**implied, **given}, base)


def from_options(config_type: type[T], given: Mapping[str, Any], base: T | None = None) -> T:
    """The config of the flags that were given; the others keep the values of ``base``, or their defaults.

    ValueError where a value is out of its range.
    """
    hints = typing.get_type_hints(config_type)
    base = config_type() if base is None else base
    values: dict[str, Any] = {}
    for item in dataclasses.fields(config_type):  # type: ignore[arg-type]
        before = getattr(base, item.name)
        if dataclasses.is_dataclass(before):
            values[item.name] = from_options(hints[item.name], given, before)
        else:
            value = given.get(item.name, before)
            values[item.name] = tuple(value) if isinstance(value, list) else value
    return config_type(**values)


def _is_scalar(item: dataclasses.Field[Any]) -> bool:
    return not isinstance(item.default, tuple)


def _keywords(item: dataclasses.Field[Any], hint: Any, default: Any, several: bool) -> dict[str, Any]:
    keywords = {"help": _help(item, default), "default": argparse.SUPPRESS, **item.metadata["argparse"]}
    if hint is bool:
        # the --no- form also undoes what a resumed run was begun with
        keywords["action"] = _Switches if several else argparse.BooleanOptionalAction
        return keywords
    if "choices" not in keywords:
        keywords.setdefault("type", hint if hint in (int, float) else str)
    if several and _is_scalar(item):
        keywords["nargs"] = "+"
    if "choices" in keywords:
        keywords["choices"] = [choice for choice in keywords["choices"] if choice]
    return keywords


def _help(item: dataclasses.Field[Any], default: Any) -> str:
    text = item.metadata["help"].replace("%", "%%")
    has_default = default not in ("", (), False) and "default" not in text
    words = " ".join(map(str, default)) if isinstance(default, tuple) else "on" if default is True else default
    return f"{text} (default: {words})" if has_default else text
