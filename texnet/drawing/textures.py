"""The style pictures that come with texnet, by name, and their files."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image

from texnet.drawing.batik import draw_batik
from texnet.drawing.chalk import draw_chalk_hatching
from texnet.drawing.ink_and_wash import draw_ink_and_wash
from texnet.drawing.mosaic import draw_mosaic_floor, draw_stained_glass
from texnet.drawing.oil_paint import draw_brush_strokes, draw_pointillism
from texnet.drawing.prints import draw_marbled_paper, draw_woodcut_waves
from texnet.files import write_atomically

# each draws an RGB picture (size, size) from a size and a seed
TEXTURES: dict[str, Callable[[int, int], Image.Image]] = {
    "batik": draw_batik,
    "brush_strokes": draw_brush_strokes,
    "chalk_hatching": draw_chalk_hatching,
    "ink_and_wash": draw_ink_and_wash,
    "marbled_paper": draw_marbled_paper,
    "mosaic": draw_mosaic_floor,
    "pointillism": draw_pointillism,
    "stained_glass": draw_stained_glass,
    "woodcut_waves": draw_woodcut_waves,
}
SUFFIX, OTHER_SUFFIXES = ".jpg", {"stained_glass": ".png"}
SAVE_OPTIONS: dict[str, dict[str, int]] = {
    ".jpg": {"quality": 78, "optimize": True, "progressive": True},
    ".png": {"optimize": True},
}


def texture_file(name: str) -> str:
    """The name of a texture's file."""
    return name + OTHER_SUFFIXES.get(name, SUFFIX)


def save_texture(name: str, folder: str | Path, size: int = 1024, seed: int = 0) -> Path:
    """Draw a texture into a folder, all or nothing; the file."""
    path, buffer = Path(folder) / texture_file(name), BytesIO()
    TEXTURES[name](size, seed).save(buffer, Image.registered_extensions()[path.suffix], **SAVE_OPTIONS[path.suffix])
    write_atomically(path, buffer.getvalue())
    return path
