"""How a checkpoint is named: a file, or ``FILE#STYLE`` for a style or a blend of a file that holds many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from texnet.checkpoint.collection import is_collection
from texnet.checkpoint.content import read_content
from texnet.errors import UserError
from texnet.shipped import STYLE_MARK

PLUS, SHARE = "+", ":"


def split_address(address: str | Path) -> tuple[Path, dict[str, float]]:
    """``"styles.pt#wave:0.7+scream:0.3"`` -> the file and the shares, which add up to 1; no shares where no style is named.

    A file whose own name has a ``#`` is that file. UserError where a share is no number above 0.
    """
    words = str(address)
    if STYLE_MARK not in words or Path(words).is_file():
        return Path(words), {}
    path, _, styles = words.rpartition(STYLE_MARK)
    return Path(path), parse_styles(styles.split(PLUS))


def parse_styles(words: Sequence[str]) -> dict[str, float]:
    """``["wave:0.7", "scream:0.3"]`` -> shares that add up to 1; where no share is given, all have the same."""
    shares: dict[str, float] = {}
    for word in words:
        name, colon, share = word.rpartition(SHARE)
        name, value = (name, share) if colon else (word, "1")
        shares[name] = shares.get(name, 0.0) + _share(word, value)
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def name_style(path: str, styles: Sequence[str]) -> str:
    """The address of styles, as words of --style, in a file."""
    return path + STYLE_MARK + PLUS.join(styles) if styles else path


def list_styles(path: str | Path) -> list[str]:
    """The names of the styles in a file of many; none for other files. UserError or OSError where it cannot be read."""
    content = read_content(Path(path))
    return [str(name) for name in content["collection"]] if is_collection(content) else []


def _share(word: str, value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        raise UserError(f"--style {word}: a style's name, or NAME:SHARE with a number, such as wave:0.7") from None
    if not 0 < share < math.inf:
        raise UserError(f"--style {word}: a share is a number above 0")
    return share
