"""Config dataclasses and command-line flags: a field's name is its flag, its default the flag's default."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import typing
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from texnet.cli.commands import fail
from texnet.config import TrainConfig, check_same_run, expand_home
from texnet.shipped import find_network

T = TypeVar("T")

PLACES = {"FILE", "DIR", "PATH"}  # metavars of flags whose values are paths


class Parser(argparse.ArgumentParser):
    """The parser of a command: its usage shows what must be given, its errors are one line.

    What is not given leaves no trace in the parsed namespace: see :func:`from_options`.
    """

    def __init__(self, command: str, description: str, *, example: str = "", usage: str | None = None) -> None:
        epilog = f"example: texnet {command} {example}" if example else None
        super().__init__(
            prog=f"texnet {command}",
            description=description,
            epilog=epilog,
            usage=usage,
            argument_default=argparse.SUPPRESS,
        )
        self.required: list[argparse.Action] = []  # flags that the command checks itself, to say what to give

    def format_usage(self) -> str:
        """The usage line, short where none was given."""
        self.usage = self.usage or self._short_usage()
        return super().format_usage()

    def format_help(self) -> str:
        """The help, with that usage line."""
        self.usage = self.usage or self._short_usage()
        return super().format_help()

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse's, but positional arguments may stand anywhere, also behind a flag that takes several numbers."""
        words = list(sys.argv[1:] if args is None else args)
        if self._get_positional_actions():
            flags, positional = self._separate(words)
            words = [*flags, "--", *positional] if positional else flags
        return super().parse_known_args(words, namespace)

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the command line, and exit."""
        sys.exit(fail(f"{message} (see {self.prog} --help)"))

    def _separate(self, words: Sequence[str]) -> tuple[list[str], list[str]]:
        """Flags with their values, and positional arguments: what follows ``--``, and what no flag before it takes."""
        flags: list[str] = []
        positional: list[str] = []
        takers: list[argparse.Action] = []  # the flag whose values come next
        for place, word in enumerate(words):
            if word == "--":
                return flags, [*positional, *words[place + 1 :]]
            if self._is_flag(word):
                flags.append(word)
                takers = [] if "=" in word else self._takers(word)
            elif takers and (
                takers[0].nargs not in ("+", "*") or _fits(takers[0], word) or flags[-1] in takers[0].option_strings
            ):
                flags.append(word)
                takers = takers if takers[0].nargs in ("+", "*") else []
            else:
                positional.append(word)
                takers = []
        return flags, positional

    def _is_flag(self, word: str) -> bool:
        return len(word) > 1 and word[0] == "-" and " " not in word and not self._negative_number_matcher.match(word)

    def _takers(self, word: str) -> list[argparse.Action]:
        """The flag that a word or its beginning names, if it takes values."""
        named = [self._option_string_actions.get(word)] if word in self._option_string_actions else []
        begun = [action for name, action in self._option_string_actions.items() if name.startswith(word)]
        return [action for action in named or begun[:1] if action is not None and action.nargs != 0]

    def _short_usage(self) -> str:
        """Positional arguments and required flags; sixty optional ones would hide them."""
        positional = [f"[{a.metavar} ...]" if a.nargs == "*" else f"[{a.metavar}]" for a in self._get_positional_actions()]
        flags = [f"{a.option_strings[0]} {a.metavar}{' ...' if a.nargs == '+' else ''}" for a in self.required]
        return " ".join(["%(prog)s", *positional, *flags, "[options]"])


class _Switches(argparse.BooleanOptionalAction):
    """A switch that may be given in both forms: a list of the forms given, in that order."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: str | None = None) -> None:
        before = getattr(namespace, self.dest, [])
        setattr(namespace, self.dest, [*before, not (option_string or "").startswith("--no-")])


def add_options(
    parser: Parser,
    config_type: type[Any],
    base: Any = None,
    *,
    several: bool = False,
    without: Collection[str] = (),
) -> None:
    """A flag for every field of the dataclass and of those inside it, each dataclass a titled group.

    The help shows the values of ``base`` as defaults. With ``several`` each flag takes one value or more: see
    :func:`split_axes`.
    """
    hints = typing.get_type_hints(config_type)
    group = parser.add_argument_group((config_type.__doc__ or "").rstrip("."))
    base = config_type() if base is None else base
    for item in dataclasses.fields(config_type):
        if dataclasses.is_dataclass(hints[item.name]):
            add_options(parser, hints[item.name], getattr(base, item.name), several=several, without=without)
        elif item.name not in without:
            keywords = _keywords(item, hints[item.name], getattr(base, item.name), several)
            action = group.add_argument(f"--{item.name}", **keywords)
            if item.metadata.get("missing"):
                parser.required.append(action)


def split_axes(
    config_types: Sequence[type[Any]], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
    """Split flags that were parsed with ``several``: those with one value, together with all other flags, and the axes."""
    scalars = {item.name for config_type in config_types for item in dataclasses.fields(config_type) if _is_scalar(item)}
    axes = {name: tuple(value) for name, value in given.items() if name in scalars and len(value) > 1}
    fixed = {name: value[0] if name in scalars else value for name, value in given.items() if name not in axes}
    return fixed, axes


def training_options(given: Mapping[str, Any], base: TrainConfig | None = None) -> TrainConfig:
    """As :func:`from_options`, with defaults that depend on other flags.

    A given number of steps or minutes replaces that of epochs; textures are learned by a pyramid.
    """
    implied: dict[str, Any] = {"epochs": 0} if "max_steps" in given or "max_minutes" in given else {}
    if base is None:
        implied |= {"generator": "pyramid"} if given.get("no_content") else {}
    return from_options(TrainConfig, {**implied, **given}, base)


def resumed_options(given: Mapping[str, Any], before: TrainConfig) -> TrainConfig:
    """The settings of a run that goes on, with the flags that were given. UserError for one that would make it another run."""
    given = {name: value for name, value in given.items() if (name, value) != ("features", "auto")}
    config = training_options(given, before)
    check_same_run(before, config)
    return config


def from_options(config_type: type[T], given: Mapping[str, Any], base: T | None = None) -> T:
    """The config of the flags that were given; the others keep the values of ``base``, or their defaults.

    Networks that were named become their files. UserError where a value is out of its range, FileNotFoundError for a name that
    no network has.
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
            if item.name in given and item.metadata.get("is_network"):
                value = find_network(value) if isinstance(value, str) else [find_network(words) for words in value]
            values[item.name] = tuple(value) if isinstance(value, list) else value
    return config_type(**values)


def _fits(action: argparse.Action, word: str) -> bool:
    """Whether a word can be a value of a flag that takes several: of numbers only a number can."""
    try:
        action.type(word) if callable(action.type) else word
    except (ValueError, argparse.ArgumentTypeError):
        return False
    return True


def _is_scalar(item: dataclasses.Field[Any]) -> bool:
    return not isinstance(item.default, tuple)


def _keywords(item: dataclasses.Field[Any], hint: Any, default: Any, several: bool) -> dict[str, Any]:
    keywords = {"help": _help(item, default), **item.metadata["argparse"], "default": argparse.SUPPRESS}
    if hint is bool:
        # the --no- form also undoes what a resumed run began with
        keywords["action"] = _Switches if several else argparse.BooleanOptionalAction
        return keywords
    if "choices" not in keywords:
        text = expand_home if PLACES.intersection(keywords.get("metavar", "").split("|")) else str
        keywords.setdefault("type", next((kind for kind in (int, float) if kind in (hint, *typing.get_args(hint))), text))
    if several and _is_scalar(item):
        keywords["nargs"] = "+"
    return keywords


def _help(item: dataclasses.Field[Any], default: Any) -> str:
    text = item.metadata["help"].replace("%", "%%")
    says_nothing = default is None or default is False or default in ("", ()) or "default" in text
    words = " ".join(map(str, default)) if isinstance(default, tuple) else "on" if default is True else default
    return text if says_nothing else f"{text} (default: {words})"
