"""The pages that show styles, made from their cards: the README of their folder, and a gallery of painted photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint.packing import pack_preview
from texnet.files import write_atomically
from texnet.gallery.preview import square_photo
from texnet.gallery.sheet import tile_of
from texnet.gallery.shelf import ShelfStyle, card_lines, list_styles
from texnet.images import resize_long, save_image, side_by_side
from texnet.stylize import Stylizer

PHOTOS = {  # of scikit-image: what is painted, and whom it is by
    "astronaut": "an astronaut (NASA, public domain)",
    "chelsea": "a cat (Stefan van der Walt, CC0)",
    "coffee": "a cup of coffee (Rachel Michetti, CC0)",
}
PAINTED, SIDE = 384, 256  # pixels to a side, as painted and as shown in the gallery
GAP = 4  # pixels of white between pictures
CREDIT = "<sup>The photo in the previews is an astronaut, by NASA, in the public domain, from scikit-image.</sup>"
NONE = "No style has been shipped yet."
README = """# Styles that come with texnet

Each file is a network that paints in one style, from any folder: `texnet stylize --ckpt NAME photo.jpg`. `texnet styles` lists
them. `pip install ./checkpoints` brings them to an installation without this clone. Folders of your own trainings land here,
too, and are not committed.

This page is written from the cards in the files: `texnet styles --styles_dir checkpoints --readme checkpoints/README.md`.
[Evaluation](../docs/evaluation.md) explains what was measured, at noise factor 1, on photos that no training saw. 2nd content,
2nd style and SSIM are neutral: no training minimized them. Losses compare only among networks that learned and were measured
with one statistic of features, which the cards name. [The gallery](../docs/gallery.md) has larger pictures.
"""
GALLERY = """# Gallery

The styles that come with texnet, at noise factor 1. On the left the style picture, then three photos of scikit-image:
{photos}.
[The cards](../checkpoints/README.md) have source, license, training and quality of each style.

    texnet styles --styles_dir checkpoints --gallery docs/gallery.md
"""


def write_readme(styles: Sequence[ShelfStyle], path: Path) -> None:
    """Write the cards into a Markdown file, and each preview as NAME.jpg beside it."""
    for style in styles:
        if style.checkpoint.preview is not None:
            write_atomically(path.with_name(f"{style.name}.jpg"), pack_preview(style.checkpoint.preview).numpy().tobytes())
    write_atomically(path, readme_text(styles).encode())


def readme_text(styles: Sequence[ShelfStyle]) -> str:
    """The cards in Markdown: a table of all, a section for each."""
    parts = [README, list_styles(styles) if styles else NONE]
    for style in styles:
        alt = f"{style.name}: style and photo; below them the photo at noise factors 0.5, 1 and 1.5"
        shown = [f"![{alt}]({style.name}.jpg)"] if style.checkpoint.preview is not None else []
        facts = "\n".join(f"- {term}: {value}" for term, value in card_lines(style))
        parts += [f"## {style.name}", *shown, facts]
    parts += [CREDIT] if styles else []
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def write_gallery(styles: Sequence[ShelfStyle], path: Path, on_style: Callable[[], object] = lambda: None) -> None:
    """Paint the photos in each style, and write them as images/gallery_NAME.jpg beside the Markdown file that shows them.

    ``on_style`` is called after each style. UserError where scikit-image is not installed.
    """
    photos = [square_photo(name, PAINTED) for name in PHOTOS]
    folder = path.parent / "images"
    if styles:
        _save_row([torch.ones_like(photos[0]), *photos], folder / "gallery_photos.jpg")
    for style in styles:
        stylizer = Stylizer.of(style.checkpoint)
        _save_row([tile_of(style), *(stylizer(photo) for photo in photos)], folder / picture_of(style))
        on_style()
    write_atomically(path, gallery_text(styles).encode())


def gallery_text(styles: Sequence[ShelfStyle]) -> str:
    """The page of painted photos in Markdown."""
    *most, last = PHOTOS.values()
    parts = [GALLERY.format(photos=f"{', '.join(most)} and {last}")]
    parts += ["![The three photos](images/gallery_photos.jpg)"] if styles else [NONE]
    for style in styles:
        checkpoint = style.checkpoint
        alt = f"{style.name}: the style picture, an astronaut, a cat and a cup of coffee in it"
        network = f"{checkpoint.generator_config.generator} network, {checkpoint.training.steps:,} steps"
        words = "; ".join(filter(None, [checkpoint.card.credit, checkpoint.license, network]))
        command = f"`texnet stylize --ckpt {style.name} photo.jpg`"
        parts += [f"## {style.name}", f"![{alt}](images/{picture_of(style)})", f"<sup>{words}: {command}</sup>"]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def picture_of(style: ShelfStyle) -> str:
    """The file of a style's row in the gallery."""
    return f"gallery_{style.name}.jpg"


def _save_row(tiles: Sequence[Tensor], path: Path) -> None:
    """Squares (1, 3, S, S), brought to one size, side by side with white between them."""
    tiles = [resize_long(tile, SIDE) for tile in tiles]
    gap = torch.ones(1, 3, tiles[0].shape[2], GAP)
    spaced = [part for tile in tiles for part in (tile, gap)][:-1]
    save_image(side_by_side(spaced), path)
