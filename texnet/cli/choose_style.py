"""The flag --style: which style, or which blend, of a file that holds many."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from texnet.config import require

PATH_LETTERS = set("/\\*?[")  # which names of styles do not have


def choose_styles(ckpt: Sequence[str], style: Sequence[str]) -> tuple[str, ...]:
    """The addresses of networks, of one file with the styles that --style names. UserError where there is no one file."""
    if not style:
        return tuple(ckpt)
    require(len(ckpt) == 1, "--style is for one file of many styles; of several files name each as FILE#STYLE")
    from texnet.checkpoint import name_style, parse_styles

    parse_styles(style)
    return (name_style(ckpt[0], style),)


def all_styles(ckpt: Sequence[str]) -> tuple[str, ...]:
    """Networks, and in place of a file of many styles each of its styles."""
    from texnet.checkpoint import list_styles, name_style

    addresses: list[str] = []
    for path in ckpt:
        names = list_styles(path) if Path(path).is_file() else []
        addresses += [name_style(path, [name]) for name in names] or [path]
    return tuple(addresses)


def is_style(word: str) -> bool:
    """Whether a word behind --style can be a style's name, or is a picture."""
    name, _, share = word.rpartition(":")
    return not set(word) & PATH_LETTERS and ("." not in word or (bool(name) and _is_number(share)))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
