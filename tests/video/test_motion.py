"""Phase correlation finds shifts to a fraction of a pixel, and says when there is none."""

from __future__ import annotations

import pytest
import torch

from tests.video.helpers import scene
from texnet.metrics import rms
from texnet.video.motion import find_shift, move, small_luminance


@pytest.mark.parametrize("step", [(0, 0), (0, 1), (3, -2), (-12, 20)])
@pytest.mark.parametrize("noise", [0.0, 2 / 255])
def test_whole_pixels_are_found_in_noise_too(step: tuple[int, int], noise: float) -> None:
    whole = scene(160)[:, :, :, :]
    top, left = 20 + step[0], 20 + step[1]
    before, after = whole[..., 20:110, 20:130], whole[..., top : top + 90, left : left + 110]
    after = after + noise * torch.randn(after.shape, generator=torch.Generator().manual_seed(0))
    found = find_shift(small_luminance(before)[0], small_luminance(after)[0])
    assert (found.down, found.right) == pytest.approx((-step[0], -step[1]), abs=0.05)
    assert found.share > 0.8
    assert found.is_known


def test_half_a_pixel_is_found() -> None:
    whole = torch.nn.functional.interpolate(scene(160), scale_factor=2.0, mode="bicubic").clamp(0, 1)
    frames = [torch.nn.functional.avg_pool2d(whole[..., k : k + 200, 3 * k : 3 * k + 200], 2) for k in (0, 1)]
    found = find_shift(*(small_luminance(frame)[0] for frame in frames))
    assert (found.down, found.right) == pytest.approx((-0.5, -1.5), abs=0.05)


def test_a_large_frame_is_looked_at_in_small() -> None:
    gray, scale = small_luminance(torch.rand(1, 3, 360, 640))
    assert gray.shape == (180, 320)
    assert scale == 2


def test_pictures_of_other_things_share_nothing() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.rand(2, 64, 64, generator=generator)
    assert not find_shift(a, b).is_known


def test_a_picture_moved_there_and_back_is_nearly_the_same() -> None:
    picture = scene(80)
    assert float(rms(move(move(picture, 0.5, -0.3), -0.5, 0.3) - picture)) < 0.02


def test_a_picture_moves_down_and_right() -> None:
    picture = torch.nn.functional.avg_pool2d(scene(160), 4)
    moved = move(picture, 0.5, 0.0)
    assert float(rms(moved[..., 5:-5, :] - (picture[..., 5:-5, :] + picture[..., 4:-6, :]) / 2)) < float(rms(moved - picture))
