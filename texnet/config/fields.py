"""What a config is made of: options that are also flags, their checks, and the conversion to plain dicts and back.

``None`` stands for "the default, which depends on other options"; an empty string or tuple for "none named".
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import typing
from dataclasses import field
from typing import Any, TypeVar

from texnet.errors import UserError

T = TypeVar("T")

SEEDS = range(2**63)
NAME_A_NETWORK = "name a trained network, for example checkpoints/mosaic/style.pt"


def option(default: Any, help: str, *, missing: str = "", is_network: bool = False, **argparse_keywords: Any) -> Any:
    """A dataclass field that is also a command-line flag; extra keywords go to ``add_argument``.

    ``missing`` marks a flag that a command cannot do without, and says what to give: see :func:`check_given`. ``is_network``
    marks one whose values are networks, by file or by name: see :func:`texnet.shipped.find_network`.
    """
    metadata = {"help": help, "missing": missing, "is_network": is_network, "argparse": argparse_keywords}
    return field(default=default, metadata=metadata)


def style_option() -> Any:
    """The option --style, of what paints with a file of many styles."""
    return option(
        (),
        "style of a file of many: its name; or a blend, NAME:SHARE for each style",
        nargs="+",
        metavar="NAME[:SHARE]",
    )


def check_given(config: Any) -> None:
    """UserError for the first required option that is empty."""
    for item in dataclasses.fields(config):
        missing, value = item.metadata.get("missing"), getattr(config, item.name)
        given = any(value) if isinstance(value, tuple) else bool(value)
        require(not missing or given, f"--{item.name} is missing: {missing}")


def check_seed(seed: int) -> None:
    """UserError for a seed that no random number generator takes."""
    require(seed in SEEDS, "--seed must be between 0 and 2^63 - 1")


def expand_home(word: str) -> str:
    """A path in which ``~`` at its beginning, which shells leave alone in ``--output=~/x``, is the home folder, if any."""
    return os.path.expanduser(word)  # noqa: PTH111 - Path's own raises where there is no home


def number(word: str) -> float:
    """A flag's value as a number; argparse reports another word with what else could be meant."""
    try:
        return float(word)
    except ValueError:
        message = f"{word!r} is not a number; a picture that says where to paint is a --mask"
        raise argparse.ArgumentTypeError(message) from None


def parse_size(words: str) -> tuple[int, int]:
    """``"2048x1024"`` -> (2048, 1024): width and height in pixels; ValueError where it is not two numbers."""
    width, height = map(int, words.split("x"))
    return width, height


def require(condition: bool, message: str) -> None:
    """Raise UserError(message), which the commands print as one line, unless the condition holds."""
    if not condition:
        raise UserError(message)


def to_dict(config: Any) -> dict[str, Any]:
    """A config as nested plain dicts, lists, numbers, strings and None: fit for JSON and ``weights_only`` loading."""
    plain: dict[str, Any] = {}
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            plain[item.name] = to_dict(value)
        else:
            plain[item.name] = list(value) if isinstance(value, tuple) else value
    return plain


def from_dict(config_type: type[T], plain: dict[str, Any]) -> T:
    """The inverse of :func:`to_dict`; missing keys take their defaults, unknown keys are a UserError."""
    hints = typing.get_type_hints(config_type)
    known = {item.name for item in dataclasses.fields(config_type)}  # type: ignore[arg-type]
    unknown = sorted(set(plain) - known)
    require(not unknown, f"unknown settings {', '.join(unknown)}: written by a newer texnet?")
    return config_type(**{name: _from_plain(hints[name], value) for name, value in plain.items()})


def to_flags(config: Any) -> list[str]:
    """The words of a command line that stand for a config: a flag for each option, also those inside it, unlike its default."""
    words: list[str] = []
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            words += to_flags(value)
        elif value == item.default:
            continue
        elif isinstance(value, bool):
            words.append(f"--{item.name}" if value else f"--no-{item.name}")
        else:
            words += [f"--{item.name}", *map(str, value if isinstance(value, tuple) else [value])]
    return words


def _from_plain(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return from_dict(hint, value)  # type: ignore[arg-type]
    return tuple(value) if isinstance(value, list) else value
