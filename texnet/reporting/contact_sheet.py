"""Contact sheets: pictures in rows and columns, with captions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from texnet.images import to_bytes, to_float

CAPTION_SIZE, GAP = 16, 4  # pixels
LINE_HEIGHT = 20  # pixels
HIGHLIGHT = "#b3261e"


def contact_sheet(rows: Sequence[Sequence[Tensor]], captions: Sequence[str] = (), highlighted: Collection[int] = ()) -> Tensor:
    """Pictures, each (1, 3, H, W), in rows on white with a caption over each column: one picture (1, 3, H, W).

    Pictures keep their size; columns and rows are as wide and high as their largest. Captions may have several lines;
    those of ``highlighted`` columns are red.
    """
    widths = [max(row[i].shape[3] for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    heights = [max(image.shape[2] for image in row) for row in rows]
    top = header_height(captions)
    size = (sum(widths) + GAP * (len(widths) - 1), top + sum(heights) + GAP * (len(heights) - 1))
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(CAPTION_SIZE)
    lefts = [sum(widths[:i]) + GAP * i for i in range(len(widths))]
    for i, (left, caption) in enumerate(zip(lefts, captions, strict=False)):
        for number, line in enumerate(caption.split("\n")):
            place = (left + GAP, CAPTION_SIZE // 3 + number * LINE_HEIGHT)
            draw.text(place, line, HIGHLIGHT if i in highlighted else "black", font)
    for i, row in enumerate(rows):
        for left, image in zip(lefts, row, strict=False):
            pixels = to_bytes(image[0]).permute(1, 2, 0).cpu().numpy()  # (H, W, 3)
            sheet.paste(Image.fromarray(pixels), (left, top + sum(heights[:i]) + GAP * i))

    return to_float(torch.from_numpy(np.array(sheet)).permute(2, 0, 1)[None])


def label(text: str, size: tuple[int, int]) -> Tensor:
    """A name on white, a line per word between underscores, for the first column: (1, 3, height, width) in [0, 1]."""
    height, width = size
    tile = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(tile), ImageFont.load_default(CAPTION_SIZE)
    for number, line in enumerate(text.split("_")):
        draw.text((GAP, GAP + number * LINE_HEIGHT), line, "black", font)
    return to_float(torch.from_numpy(np.array(tile)).permute(2, 0, 1)[None])


def header_height(captions: Sequence[str]) -> int:
    """Pixels above the first row, which the captions take."""
    lines = max((caption.count("\n") + 1 for caption in captions), default=0)
    return lines * LINE_HEIGHT + CAPTION_SIZE * 3 // 4 if lines else 0
