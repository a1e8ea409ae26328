"""The options of texnet styles."""

from __future__ import annotations

from dataclasses import dataclass

from texnet.config.fields import option, require


@dataclass(frozen=True)
class ShelfConfig:
    """Styles."""

    styles_dir: str = option("", "folder of styles, NAME.pt each; default: those that come with texnet", metavar="DIR")
    ckpt: str = option("", "show the styles of this file of many in place of a folder's", metavar="FILE")
    remove: str = option("", "remove this style from the file that --ckpt names; the others stay as they are", metavar="NAME")
    card: str = option("", "print all that is known of this style", metavar="NAME")
    sheet: str = option(
        "", "draw a contact sheet into this file: style, photo, and the photo at factors 0.5, 1 and 1.5", metavar="FILE"
    )
    photo: str = option("", "photo for the contact sheet; default: an astronaut, of scikit-image", metavar="FILE")
    readme: str = option("", "write all cards into this Markdown file, and the previews as NAME.jpg beside it", metavar="FILE")
    gallery: str = option(
        "", "write a page of painted photos into this Markdown file, and its pictures into images/ beside it", metavar="FILE"
    )

    def __post_init__(self) -> None:
        require(not (self.ckpt and self.styles_dir), "--styles_dir and --ckpt: give one of them")
        require(bool(self.ckpt) or not self.remove, "--remove: name the file of many styles with --ckpt")
