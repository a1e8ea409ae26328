"""A camera's noise is averaged out of what stays, and nothing that moves leaves a trace."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.video.helpers import pan, scene
from texnet.metrics import rms
from texnet.rng import make_generator
from texnet.video.denoise import LARGEST_NOISE, MEMORY, NoiseFilter

NOISE = 2 / 255


def noisy(frames: list[Tensor], deviation: float = NOISE) -> list[Tensor]:
    generator = make_generator(0, "sensor noise")
    return [frame + deviation * torch.randn(frame.shape, generator=generator) for frame in frames]


def test_the_noise_of_a_still_falls_as_frames_are_averaged() -> None:
    still, quiet = scene(64), NoiseFilter()
    errors = [float(rms(quiet(frame, (0, 0)) - still)) / NOISE for frame in noisy([still] * 20)]
    assert errors[0] == pytest.approx(1, abs=0.05)
    assert errors[3] == pytest.approx(0.5, abs=0.08)
    assert max(errors[MEMORY:]) < 0.4


def test_frames_without_noise_stay_what_they_are() -> None:
    quiet = NoiseFilter()
    assert all(torch.equal(quiet(scene(64), (0, 0)), scene(64)) for _ in range(4))


@pytest.mark.parametrize("step", [(1, 2), (-1, 3), (0, -2), (70, 0)])
def test_in_a_pan_the_average_stays_on_what_it_shows(step: tuple[int, int]) -> None:
    if step[0] > 60:  # nothing in common
        frames = [scene(64, seed) for seed in range(8)]
    else:
        world = scene(160)
        corners = [(40 + k * step[0], 40 + k * step[1]) for k in range(8)]
        frames = [world[..., top : top + 64, left : left + 64] for top, left in corners]
    quiet = NoiseFilter()
    for k, frame in enumerate(noisy(frames)):
        found = quiet(frame, (k * step[0], k * step[1]))
    center = (..., slice(24, 40), slice(24, 40))
    ratio = float(rms((found - frames[-1])[center]) / NOISE)
    assert ratio == pytest.approx(1, abs=0.1) if step[0] > 60 else ratio < 0.5


def test_what_moves_on_its_own_leaves_no_trace() -> None:
    background = scene(64)
    frames = []
    for k in range(10):
        frame = background.clone()
        frame[..., 20:36, 4 + 5 * k : 16 + 5 * k] = torch.tensor([0.9, 0.2, 0.1])[:, None, None]
        frames.append(frame)
    quiet = NoiseFilter()
    for frame, clean in zip(noisy(frames), frames, strict=True):
        assert (quiet(frame, (0, 0)) - clean).abs().max() < 0.06


@pytest.mark.parametrize("amplitude", [2, 4, 6, 9])
def test_faint_patterns_that_move_are_kept(amplitude: float) -> None:
    """Half of the frame has moving things of strong contrast, the other half faint waves: clouds, water, skin."""
    busy, quiet, place = scene(160), NoiseFilter(), torch.arange(64)
    for k in range(10):
        wave = amplitude / 255 * torch.sin(2 * torch.pi * (place - 2 * k) / 16)
        frame = torch.cat([busy[..., 5 * k : 5 * k + 32, 3 * k : 3 * k + 64], 0.5 + wave.expand(1, 3, 32, 64)], dim=2)
        found = quiet(frame, (0, 0))
    assert rms((found - frame)[..., 36:, :]) < 0.1 * rms(wave)


def test_a_slow_change_of_the_light_is_followed() -> None:
    still, quiet = 0.5 * scene(64), NoiseFilter()
    for k in range(100):
        frame = still + 0.004 * k
        assert (quiet(frame, (0, 0)) - frame).abs().max() < 4 * LARGEST_NOISE


def test_frames_of_another_size_begin_anew() -> None:
    quiet = NoiseFilter()
    quiet(pan(1)[0], (0, 0))
    assert torch.equal(quiet(scene(64), (0, 0)), scene(64))
