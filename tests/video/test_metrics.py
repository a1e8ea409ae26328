"""Metrics of flicker: 0 for what does not flicker, known values for what does."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.video.helpers import scene
from texnet.video import metrics


def unchanged(frame: Tensor) -> Tensor:
    return frame


def anew(frame: Tensor) -> Tensor:
    return torch.rand_like(frame)


@pytest.mark.parametrize("step", [(0.0, 1.0), (3.0, 0.0), (0.5, 0.5)])
def test_a_pan_itself_does_not_flicker_and_noise_does(step: tuple[float, float]) -> None:
    photo = scene(240)
    assert metrics.pan_flicker(lambda: unchanged, photo, step) < 0.15
    assert metrics.pan_flicker(lambda: anew, photo, step) > 1.1


def test_deviation_and_gain_are_relative_to_the_noise() -> None:
    photo = 0.25 + 0.5 * scene(64)
    for measure in (metrics.static_deviation, metrics.noise_gain):
        assert measure(lambda: unchanged, photo) == pytest.approx(1, abs=1e-3)
        assert measure(lambda: lambda frame: 0.5 * frame, photo) == pytest.approx(0.5, abs=1e-3)


def test_an_even_ramp_has_no_pop_and_a_jump_is_one() -> None:
    photo = 0.2 + 0.6 * scene(64)
    assert metrics.exposure_pop(lambda: unchanged, photo) < 2.5
    assert metrics.exposure_pop(lambda: lambda frame: frame + 0.2 * (frame.mean() > 1.05 * photo.mean()), photo) > 10


def test_a_known_motion_has_no_warping_error_and_noise_has() -> None:
    pytest.importorskip("skimage")
    whole = scene(100)
    frames = [whole[..., k : k + 64, 2 * k : 2 * k + 64] for k in range(3)]
    flows = metrics.find_flows(frames)
    assert all(float(holds.float().mean()) > 0.7 for _, holds in flows)
    error = metrics.warping_error(frames, flows)
    assert error < 0.1 * metrics.warping_error([torch.rand_like(frame) for frame in frames], flows)
