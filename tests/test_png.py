"""PNG in strips, read by Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from texnet.images import load_picture
from texnet.png import save_strips


@pytest.mark.parametrize("heights", [[5], [4, 4, 1], [1, 1]])
@pytest.mark.parametrize("width", [1, 7, 300])
def test_strips_become_one_picture(tmp_path: Path, heights: list[int], width: int) -> None:
    strips = [torch.randint(0, 256, (3, height, width), dtype=torch.uint8) for height in heights]
    save_strips(strips, tmp_path / "new" / "a.png", (sum(heights), width))
    assert torch.equal(load_picture(tmp_path / "new" / "a.png").pixels, torch.cat(strips, dim=1))


def test_the_file_says_that_it_is_srgb(tmp_path: Path) -> None:
    save_strips([torch.zeros(3, 2, 2, dtype=torch.uint8)], tmp_path / "a.png", (2, 2))
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.info["srgb"] == 0


def test_what_is_cut_off_leaves_nothing(tmp_path: Path) -> None:
    def cut_off() -> Iterator[Tensor]:
        yield torch.zeros(3, 2, 2, dtype=torch.uint8)
        raise RuntimeError("cut off")

    with pytest.raises(RuntimeError, match="cut off"):
        save_strips(cut_off(), tmp_path / "a.png", (4, 2))
    assert list(tmp_path.iterdir()) == []
