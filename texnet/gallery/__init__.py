"""The styles that come with texnet: their cards, a list, a contact sheet, and the pages that show them."""

from __future__ import annotations

from texnet.gallery.finish import Finished, finish_style
from texnet.gallery.measured import read_measured
from texnet.gallery.pages import gallery_text, readme_text, write_gallery, write_readme
from texnet.gallery.sheet import render_sheet
from texnet.gallery.shelf import ShelfStyle, card_lines, find_style, list_styles, missing_parts, read_many, read_shelf

__all__ = [
    "Finished",
    "ShelfStyle",
    "card_lines",
    "find_style",
    "finish_style",
    "gallery_text",
    "list_styles",
    "missing_parts",
    "read_many",
    "read_measured",
    "read_shelf",
    "readme_text",
    "render_sheet",
    "write_gallery",
    "write_readme",
]
