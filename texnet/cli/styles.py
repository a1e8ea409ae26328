"""texnet styles: list the styles that come with texnet, print a card, draw a contact sheet, write the pages that show them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from texnet.cli.allocator import tune_malloc
from texnet.cli.commands import run_command
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import ShelfConfig, require

if TYPE_CHECKING:
    from texnet.gallery import ShelfStyle

PHOTO_SIZE = 256  # pixels: the long side of the photo on a contact sheet


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, read, print or draw."""
    run_command(lambda: styles(_parser().parse_args(argv)))


def styles(arguments: argparse.Namespace) -> int:
    """The command itself; the exit code."""
    config = from_options(ShelfConfig, vars(arguments))
    require(bool(config.sheet) or not config.photo, "--photo is for a contact sheet: name its file with --sheet")
    _check_page(config.readme, "--readme")
    _check_page(config.gallery, "--gallery")
    if config.remove:
        return _remove(config)
    from texnet.gallery import card_lines, find_style, list_styles, read_many, read_shelf

    found = read_many(config.ckpt) if config.ckpt else read_shelf(config.styles_dir)
    if config.card:
        print("\n".join(f"{term}: {value}" for term, value in card_lines(find_style(found, config.card))))
    if config.sheet:
        _draw_sheet(found, config)
    if config.readme or config.gallery:
        _write_pages(found, config)
    if not (config.card or config.sheet or config.readme or config.gallery):
        print(list_styles(found))
        print(f"\nstylize with: texnet stylize --ckpt {f'{config.ckpt} --style ' if config.ckpt else ''}NAME photo.jpg")
    return 0


def _remove(config: ShelfConfig) -> int:
    from texnet.checkpoint import StyleCollection

    rest = StyleCollection.load(config.ckpt).without(config.remove)
    rest.save(config.ckpt)
    print(f"{config.ckpt}: {config.remove} is removed, {len(rest.entries)} left")
    return 0


def _check_page(path: str, flag: str) -> None:
    require(not path or path.endswith(".md"), f"{flag} {path}: a page in Markdown; name a .md file")


def _draw_sheet(found: Sequence[ShelfStyle], config: ShelfConfig) -> None:
    from tqdm import tqdm

    from texnet.drawing.samples import sample_photo
    from texnet.gallery import render_sheet
    from texnet.images import check_writable, limit_size, load_picture, save_image

    check_writable(Path(config.sheet))
    tune_malloc()
    photo = limit_size(load_picture(config.photo or sample_photo("astronaut")).on_white, PHOTO_SIZE)
    with tqdm(total=len(found), unit="style", disable=None) as bar:
        save_image(render_sheet(found, photo, bar.update), config.sheet, is_result=True)
    print(f"{len(found)} styles: {config.sheet}")


def _write_pages(found: Sequence[ShelfStyle], config: ShelfConfig) -> None:
    from tqdm import tqdm

    from texnet.gallery import missing_parts, write_gallery, write_readme

    tune_malloc()
    for style in found:
        missing = missing_parts(style.checkpoint)
        if missing:
            print(f"{style.name}: the card lacks {', '.join(missing)}")
    if config.readme:
        write_readme(found, Path(config.readme))
        print(f"{len(found)} cards: {config.readme}")
    if config.gallery:
        with tqdm(total=len(found), unit="style", disable=None) as bar:
            write_gallery(found, Path(config.gallery), bar.update)
        print(f"{len(found)} styles: {config.gallery}")


def _parser() -> Parser:
    parser = Parser("styles", "List the styles that come with texnet, and show them.", example="--sheet styles.png")
    add_options(parser, ShelfConfig)
    return parser
