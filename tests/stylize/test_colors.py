"""The photo's colors under the painting's lightness."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from texnet.images import to_bytes
from texnet.oklab import to_oklab
from texnet.stylize import ColorKeeper, Stylizer, keep_colors, stylize_with_mask


@pytest.fixture
def photo() -> Tensor:
    """A picture of random bytes, taller than a strip."""
    return torch.randint(0, 256, (1, 3, 300, 10), generator=torch.Generator().manual_seed(0)).float() / 255


@pytest.fixture
def painting() -> Tensor:
    """Another one."""
    return torch.randint(0, 256, (1, 3, 300, 10), generator=torch.Generator().manual_seed(1)).float() / 255


def dull(image: Tensor) -> Tensor:
    """Nearer to gray and to middle lightness, so that sRGB has every color of one in the lightness of another."""
    gray = image.mean(1, keepdim=True)
    return 0.5 + 0.3 * (gray - 0.5) + 0.1 * (image - gray)


def test_lightness_is_the_paintings_and_color_the_photos(photo: Tensor, painting: Tensor) -> None:
    photo, painting = dull(photo), dull(painting)
    kept, painted, seen = (to_oklab(image) for image in (keep_colors(painting, photo), painting, photo))
    torch.testing.assert_close(kept[:, :1], painted[:, :1], rtol=0, atol=1e-4)
    torch.testing.assert_close(kept[:, 1:], seen[:, 1:], rtol=0, atol=1e-4)


def test_an_amount_between_mixes_the_colors(photo: Tensor, painting: Tensor) -> None:
    photo, painting = dull(photo), dull(painting)
    kept, painted, seen = (to_oklab(image) for image in (keep_colors(painting, photo, 0.25), painting, photo))
    torch.testing.assert_close(kept[:, 1:], 0.75 * painted[:, 1:] + 0.25 * seen[:, 1:], rtol=0, atol=1e-4)


def test_lightness_is_the_paintings_also_where_srgb_lacks_the_color(photo: Tensor, painting: Tensor) -> None:
    kept = keep_colors(painting, photo)
    assert kept.shape == photo.shape and kept.min() >= 0 and kept.max() <= 1
    torch.testing.assert_close(to_oklab(kept)[:, 0], to_oklab(painting)[:, 0], rtol=0, atol=0.02)


def test_amount_zero_is_the_painting_itself(photo: Tensor, painting: Tensor) -> None:
    assert torch.equal(keep_colors(painting, photo, 0), painting)


def test_a_photo_keeps_its_bytes(photo: Tensor) -> None:
    assert torch.equal(to_bytes(keep_colors(photo, photo)), to_bytes(photo))


def test_a_gray_photo_is_painted_gray(painting: Tensor) -> None:
    kept = to_bytes(keep_colors(painting, torch.full_like(painting, 0.4))).int()
    assert (kept.amax(1) - kept.amin(1)).max() <= 1


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_another_amount_is_refused(photo: Tensor, amount: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        keep_colors(photo, photo, amount)


def test_another_size_is_refused(photo: Tensor) -> None:
    with pytest.raises(ValueError, match="differ in size"):
        keep_colors(photo[..., 1:], photo)


def test_a_stylizer_that_keeps_colors_serves_every_factor_and_masks(stylizer: Stylizer, photo: Tensor) -> None:
    keeper = ColorKeeper(stylizer)
    assert torch.equal(keeper(photo, 0.0), photo)
    for factor in (0.3, 1.0, 1.5):
        assert torch.equal(keeper(photo, factor, 2), keep_colors(stylizer(photo, factor, 2), photo))
    mask = torch.zeros(300, 10)
    mask[150:] = 1
    masked = stylize_with_mask(keeper, photo, mask)
    assert torch.equal(masked[..., :150, :], photo[..., :150, :])
    assert torch.equal(masked[..., 150:, :], keeper(photo)[..., 150:, :])


def test_a_batch_is_as_its_pictures_one_by_one(photo: Tensor, painting: Tensor) -> None:
    both = keep_colors(torch.cat([painting, photo]), torch.cat([photo, painting]), 0.6)
    torch.testing.assert_close(both, torch.cat([keep_colors(painting, photo, 0.6), keep_colors(photo, painting, 0.6)]))
