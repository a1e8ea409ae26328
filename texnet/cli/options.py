"""Config dataclasses <-> command-line flags: a field's name is its flag, its default the flag's default."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import typing
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from texnet.cli import fail

T = TypeVar("T")


class Parser(argparse.ArgumentParser):
    """A parser whose complaint about a command line is one line, as every mistake's."""

    def error(self, message: str) -> NoReturn:
        sys.exit(fail(f"{message} (see {self.prog} --help)"))


def add_options(parser: argparse.ArgumentParser, config_type: type[Any]) -> None:
    """A flag for every field of the dataclass and of those inside it, each dataclass a titled group.

    Flags that are not given leave no trace in the parsed namespace: see :func:`from_options`.
    """
    hints = typing.get_type_hints(config_type)
    group = parser.add_argument_group((config_type.__doc__ or "").rstrip("."))
    for item in dataclasses.fields(config_type):
        if dataclasses.is_dataclass(hints[item.name]):
            add_options(parser, hints[item.name])
        else:
            group.add_argument(f"--{item.name}", **_keywords(item, hints[item.name]))


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


def _keywords(item: dataclasses.Field[Any], hint: Any) -> dict[str, Any]:
    keywords = {"help": _help(item), "default": argparse.SUPPRESS, **item.metadata["argparse"]}
    if hint is bool:
        keywords["action"] = argparse.BooleanOptionalAction  # the --no- form also undoes what a resumed run was begun with
    elif "choices" not in keywords:
        keywords.setdefault("type", hint if hint in (int, float) else str)
    if "choices" in keywords:
        keywords["choices"] = [choice for choice in keywords["choices"] if choice]
    return keywords


def _help(item: dataclasses.Field[Any]) -> str:
    text = item.metadata["help"].replace("%", "%%")
    has_default = item.default not in ("", (), False) and "default" not in text
    default = " ".join(map(str, item.default)) if isinstance(item.default, tuple) else item.default
    return f"{text} (default: {default})" if has_default and default is not True else text
