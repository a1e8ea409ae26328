"""The card of a style: what a gallery says of it beside its license, its training and its preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from texnet.checkpoint.validation import check_count, check_line, check_numbers, read_settings


@dataclass(frozen=True)
class StyleCard:
    """Where the style picture is from, and what ``texnet evaluate`` measured.

    ``credit`` is the picture's source: author, title, year. ``measured`` are means over ``num_photos`` photos of ``image_size``
    pixels that no training saw, at noise factor 1, by a loss with the features ``features``; docs/evaluation.md explains each.
    """

    credit: str = ""
    num_photos: int = 0
    image_size: int = 0
    features: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)


def check_card(plain: Any) -> StyleCard:
    """The card of a checkpoint, which may have none; UserError where it is not one."""
    card = read_settings(StyleCard, {} if plain is None else plain, "card")
    check_line(card.credit, "card: the credit")
    check_line(card.features, "card: features")
    check_count(card.num_photos, "card: num_photos")
    check_count(card.image_size, "card: image_size")
    check_numbers(card.measured, "card: measured")
    return card
