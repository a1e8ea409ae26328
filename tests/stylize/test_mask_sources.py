"""Masks from files, from COCO's objects, and what other masks leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from texnet.config import StylizeConfig
from texnet.errors import UnreadablePictureError, UserError
from texnet.stylize.mask_sources import Masks, build_masks, load_mask
from texnet.stylize.masks import fit_mask

HEIGHT, WIDTH = 20, 24
PHOTO = Path("photo.jpg")


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
        fit_mask(load_mask(path), (HEIGHT, WIDTH), f"--mask {path}")


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


def masks_of(photo: Path = PHOTO, size: tuple[int, int] = (HEIGHT, WIDTH), **options: Any) -> Tensor:
    """The masks, (networks, H, W), that options of texnet stylize ask for."""
    masks = build_masks(StylizeConfig(**options))
    assert masks is not None
    return masks(photo, size)


def test_no_mask_is_none() -> None:
    assert build_masks(StylizeConfig()) is None


def test_an_inverted_mask_is_white_where_it_was_black(tmp_path: Path) -> None:
    mask = str(save_mask(tmp_path / "mask.png", WIDTH, HEIGHT))
    assert torch.equal(masks_of(mask=(mask,), invert_mask=True), 1 - masks_of(mask=(mask,)))


def test_a_feather_counts_pixels_of_the_picture_not_of_the_mask(tmp_path: Path) -> None:
    mask = str(save_mask(tmp_path / "mask.png", 10 * WIDTH, 10 * HEIGHT))
    soft = masks_of(mask=(mask,), feather=3)[0, 0]
    assert ((soft > 0) & (soft < 1)).nonzero().flatten().tolist() == [*range(8, 16)]  # resizing softens a pixel to each side


def test_the_rest_is_what_the_other_masks_leave(tmp_path: Path) -> None:
    mask = str(save_mask(tmp_path / "mask.png", WIDTH, HEIGHT))
    masks = masks_of(ckpt=("a.pt", "b.pt"), mask=("rest", mask), feather=4)
    torch.testing.assert_close(masks.sum(0), torch.ones(HEIGHT, WIDTH), rtol=0, atol=1e-6)
    assert masks[:, 0, 0].tolist() == [1, 0]


def test_the_strongest_value_of_a_gray_mask_limits_the_noise_factor(tmp_path: Path) -> None:
    Image.new("L", (4, 4), 51).save(tmp_path / "gray.png")
    config = StylizeConfig(mask=(str(tmp_path / "gray.png"),))
    masks = build_masks(config)
    assert isinstance(masks, Masks) and masks.strongest == pytest.approx(0.2)


@pytest.fixture
def outlines(tmp_path: Path) -> Path:
    """Annotations of a.jpg, 24x20, with a person on its left half and a dog below it; b.jpg shows a dog alone."""
    content = {
        "images": [{"id": n, "file_name": f"{name}.jpg", "width": WIDTH, "height": HEIGHT} for n, name in enumerate("ab")],
        "annotations": [
            {"image_id": 0, "category_id": 1, "segmentation": [[0, 0, 12, 0, 12, 20, 0, 20]]},
            {"image_id": 0, "category_id": 2, "segmentation": [[0, 10, 24, 10, 24, 20, 0, 20]]},
            {"image_id": 1, "category_id": 2, "segmentation": [[0, 10, 24, 10, 24, 20, 0, 20]]},
        ],
        "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "dog"}],
    }
    (tmp_path / "coco.json").write_text(json.dumps(content))
    return tmp_path / "coco.json"


def test_objects_of_coco_are_a_mask_of_the_pictures_size(outlines: Path) -> None:
    person = masks_of(Path("a.jpg"), (40, 48), mask_from_coco=str(outlines), categories=("person",))
    assert person.shape == (1, 40, 48)
    assert (person[..., :23].min().item(), person[..., 25:].max().item()) == (1, 0)
    both = masks_of(Path("a.jpg"), mask_from_coco=str(outlines))
    assert both[0].sum() == 12 * 20 + 12 * 10


def test_a_second_network_paints_what_is_around_the_objects(outlines: Path) -> None:
    masks = masks_of(Path("b.jpg"), ckpt=("a.pt", "b.pt"), mask_from_coco=str(outlines), categories=("person",))
    assert masks[:, 0, 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("b.jpg", "no person in this photo; leave it out"), ("c.jpg", "does not list this photo")],
)
def test_a_photo_without_what_is_asked_for_is_refused(outlines: Path, name: str, complaint: str) -> None:
    with pytest.raises(UserError, match=rf"^--mask_from_coco {outlines}: {complaint}$"):
        masks_of(Path(name), mask_from_coco=str(outlines), categories=("person",))


def test_a_photo_of_another_shape_than_its_annotations_is_refused(outlines: Path) -> None:
    with pytest.raises(UserError, match=rf"^--mask_from_coco {outlines}: 24x20 pixels do not fit a picture of 20x24"):
        masks_of(Path("a.jpg"), (24, 20), mask_from_coco=str(outlines))
