"""A noise factor for every pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from texnet.errors import UnreadablePictureError, UserError
from texnet.stylize import Stylizer
from texnet.stylize.masks import SPACING, fit_mask, load_mask, stylize_with_mask

HEIGHT, WIDTH = 20, 24


@pytest.fixture
def image() -> Tensor:
    """A picture of random bytes."""
    return torch.randint(0, 256, (1, 3, HEIGHT, WIDTH), generator=torch.Generator().manual_seed(0)).float() / 255


@pytest.mark.parametrize("factor", [0.0, 0.25, 0.7, 1.0, 1.5])
def test_a_map_of_one_value_paints_what_that_factor_does(stylizer: Stylizer, image: Tensor, factor: float) -> None:
    painted = stylize_with_mask(stylizer, image, torch.full((HEIGHT, WIDTH), factor))
    torch.testing.assert_close(painted, stylizer(image, factor), rtol=0, atol=1e-6)


def test_where_a_map_is_black_or_white_it_is_the_photo_or_the_full_style(stylizer: Stylizer, image: Tensor) -> None:
    ramp = torch.linspace(-0.5, 1.5, WIDTH).clamp(0, 1).expand(HEIGHT, WIDTH)
    painted = stylize_with_mask(stylizer, image, ramp)
    assert torch.equal(painted[..., ramp[0] == 0], image[..., ramp[0] == 0])
    assert torch.equal(painted[..., ramp[0] == 1], stylizer(image, 1.0)[..., ramp[0] == 1])


def test_between_two_levels_a_pixel_is_their_mixture(stylizer: Stylizer, image: Tensor) -> None:
    factors = torch.zeros(HEIGHT, WIDTH)
    factors[:, 1:], factors[:, 12:] = 5.25 * SPACING, 1.0
    between = 0.75 * stylizer(image, 5 * SPACING) + 0.25 * stylizer(image, 6 * SPACING)
    painted = stylize_with_mask(stylizer, image, factors)
    torch.testing.assert_close(painted[..., 1:12], between[..., 1:12], rtol=0, atol=1e-6)


def test_each_picture_of_a_batch_may_have_a_map_of_its_own(stylizer: Stylizer, image: Tensor) -> None:
    factors = torch.stack([torch.zeros(1, HEIGHT, WIDTH), torch.ones(1, HEIGHT, WIDTH)])
    painted = stylize_with_mask(stylizer, image.expand(2, -1, -1, -1), factors)
    assert torch.equal(painted[:1], image)
    torch.testing.assert_close(painted[1:], stylizer(image, 1.0), rtol=0, atol=1e-5)


def test_levels_at_which_no_pixel_is_are_not_painted(image: Tensor) -> None:
    painted_at: list[float] = []

    def paint(image: Tensor, factor: float, seed: int) -> Tensor:
        painted_at.append(factor)
        return image

    half = torch.zeros(HEIGHT, WIDTH)
    half[:, 12:] = 1
    stylize_with_mask(paint, image, half)
    assert painted_at == [0.0, 1.0]


@pytest.mark.parametrize("factor", [-0.1, 1.6, float("nan"), float("inf")])
def test_a_factor_that_was_not_trained_is_refused(stylizer: Stylizer, image: Tensor, factor: float) -> None:
    factors = torch.ones(HEIGHT, WIDTH)
    factors[3, 4] = factor
    with pytest.raises(ValueError, match=r"noise.factor"):
        stylize_with_mask(stylizer, image, factors)


def test_a_map_of_another_size_than_the_picture_is_refused(stylizer: Stylizer, image: Tensor) -> None:
    with pytest.raises(ValueError, match=r"differ in size: 23x20 and 24x20 pixels$"):
        stylize_with_mask(stylizer, image, torch.ones(HEIGHT, WIDTH - 1))


def save_mask(path: Path, width: int, height: int, mode: str = "L") -> Path:
    """A mask that is black on the left, white on the right."""
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, width // 2 :] = 255
    Image.fromarray(pixels).convert(mode).save(path)
    return path


@pytest.mark.parametrize("mode", ["L", "RGB", "1", "P"])
def test_black_is_zero_and_white_is_one(tmp_path: Path, mode: str) -> None:
    factors = load_mask(save_mask(tmp_path / "mask.png", 8, 6, mode))
    assert factors.shape == (6, 8)
    assert factors.unique().tolist() == [0.0, 1.0]


def test_a_gray_picture_keeps_its_bytes(tmp_path: Path) -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(ramp).save(tmp_path / "mask.png")
    assert torch.equal(load_mask(tmp_path / "mask.png"), torch.from_numpy(ramp).float() / 255)


@pytest.mark.parametrize(("width", "height"), [(24, 20), (48, 40), (12, 10), (240, 199)])
def test_a_mask_of_the_pictures_shape_is_brought_to_its_size(tmp_path: Path, width: int, height: int) -> None:
    factors = fit_mask(load_mask(save_mask(tmp_path / "mask.png", width, height)), (HEIGHT, WIDTH), "mask.png")
    assert factors.shape == (HEIGHT, WIDTH)
    assert (factors[:, :9].max().item(), factors[:, -9:].min().item()) == (0.0, 1.0)


def test_a_mask_of_another_shape_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = save_mask(tmp_path / "mask.png", 20, 24)
    with pytest.raises(ValueError, match=rf"^--mask {path}: 20x24 pixels do not fit a picture of 24x20; "):
        fit_mask(load_mask(path), (HEIGHT, WIDTH), str(path))


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"^--mask strong: no such picture$"):
        load_mask("strong")
    (tmp_path / "mask.png").write_text("no picture")
    with pytest.raises(UnreadablePictureError, match=r"mask\.png: not a picture"):
        load_mask(tmp_path / "mask.png")


def test_what_is_transparent_counts_as_black(tmp_path: Path) -> None:
    drawn = Image.new("RGBA", (8, 6), (255, 255, 255, 0))
    drawn.paste((255, 255, 255, 255), (4, 0, 8, 6))
    drawn.save(tmp_path / "mask.png")
    assert load_mask(tmp_path / "mask.png")[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_a_mask_that_is_black_wherever_it_is_not_transparent_is_refused(tmp_path: Path) -> None:
    drawn = Image.new("RGBA", (8, 6), (255, 255, 255, 0))
    drawn.paste((0, 0, 0, 255), (4, 0, 8, 6))
    drawn.save(tmp_path / "mask.png")
    with pytest.raises(UserError, match=r"^--mask .*mask\.png: black wherever it is not transparent"):
        load_mask(tmp_path / "mask.png")
