"""Where masks come from: picture files, the outlines of COCO's objects, and what other masks leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from texnet.config import StylizeConfig
from texnet.config.stylize import REST
from texnet.data.coco_objects import CocoObjects
from texnet.errors import UserError
from texnet.files import exists
from texnet.images import load_picture
from texnet.metrics import luminance
from texnet.picture_files import Report, say_nothing
from texnet.stylize.masks import feather, fit_mask

Source = Callable[[Path], Tensor]  # the mask for a photo's file, (H, W) in [0, 1]


class Masks:
    """The masks of one network or several: call it with a photo's file and size.

    ``sources`` has a name, as messages give it, and a source for each network, None for the one that paints what the others
    leave. ``strongest`` is the largest value that a mask may have.
    """

    def __init__(
        self, sources: Sequence[tuple[str, Source | None]], *, invert: bool = False, radius: int = 0, strongest: float = 1.0
    ) -> None:
        self.sources = sources
        self.invert = invert
        self.radius = radius
        self.strongest = strongest

    def __call__(self, photo: Path, size: tuple[int, int]) -> Tensor:
        """The masks for a photo's file, (networks, H, W) in [0, 1], for its pixels' size, (height, width).

        Each is brought to the size, inverted, feathered. UserError where one is of another shape or there is none.
        """
        masks: list[Tensor | None] = [
            source and self._edit(fit_mask(source(photo), size, name)) for name, source in self.sources
        ]
        given = [mask for mask in masks if mask is not None]
        rest = (1 - torch.stack(given).sum(0)).clamp(min=0)
        return torch.stack([rest if mask is None else mask for mask in masks])

    def _edit(self, mask: Tensor) -> Tensor:
        return feather(1 - mask if self.invert else mask, self.radius)


def build_masks(config: StylizeConfig, log: Report = say_nothing) -> Masks | None:
    """The masks that a config asks for, None where it asks for none; their files are read here.

    ``log`` gets what of the annotations is left out. Errors as of :func:`load_mask` and
    :class:`texnet.data.coco_objects.CocoObjects`.
    """
    if config.mask_from_coco:
        objects = CocoObjects(Path(config.mask_from_coco), config.categories, log)
        is_all = len(config.ckpt) <= 1 and not config.invert_mask
        source = partial(_find_objects if is_all else CocoObjects.mask, objects)
        rest: list[tuple[str, Source | None]] = [(REST, None)] * (len(config.ckpt) - 1)
        name = f"--mask_from_coco {config.mask_from_coco}"
        return Masks([(name, source), *rest], invert=config.invert_mask, radius=config.feather)
    if not config.mask:
        return None
    loaded = {path: load_mask(path) for path in config.mask if path != REST}
    is_soft = len(loaded) == len(config.mask) == 1 and not config.invert_mask
    return Masks(
        [(f"--mask {path}", partial(_same, loaded[path]) if path in loaded else None) for path in config.mask],
        invert=config.invert_mask,
        radius=config.feather,
        strongest=next(iter(loaded.values())).max().item() if is_soft else 1.0,
    )


def load_mask(path: str | Path) -> Tensor:
    """A mask from a picture, (H, W) in [0, 1]: black 0, white 1; what is transparent counts as black.

    UnreadablePictureError names a file that is no picture, FileNotFoundError one that is not there, UserError one that is
    black wherever it is not transparent.
    """
    if not exists(path):
        raise FileNotFoundError(f"--mask {path}: no such picture")
    picture = load_picture(path)
    gray = luminance(picture.pixels)[0].round() / 255  # leaves the bytes of a gray picture as they are
    if picture.alpha is None:
        return gray
    gray *= picture.alpha / 255
    if not gray.any():
        raise UserError(f"--mask {path}: black wherever it is not transparent, so nothing would be painted; use white")
    return gray


def _same(mask: Tensor, photo: Path) -> Tensor:
    return mask


def _find_objects(objects: CocoObjects, photo: Path) -> Tensor:
    """The objects of a photo; UserError where it shows none, as nothing would be painted."""
    mask = objects.mask(photo)
    if not mask.any():
        raise UserError(f"--mask_from_coco {objects.path}: no {objects.what} in this photo; leave it out")
    return mask
