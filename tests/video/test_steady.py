"""Strokes stay on what they paint: in a pan, under noise and exposure, over a cut and with a changing noise factor."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from tests.video.helpers import pan, scene
from texnet.errors import UserError
from texnet.metrics import rms
from texnet.stylize import Stylizer
from texnet.video import CameraTracker, SteadyStylizer, View
from texnet.video.metrics import static_deviation
from texnet.video.scenery import GLIDE, Scenery


def paint(stylizer: Stylizer, frames: list[Tensor], factors: list[float] | None = None) -> list[Tensor]:
    steady, tracker = SteadyStylizer(stylizer, is_constant=factors is None), CameraTracker()
    outputs = []
    for number, frame in enumerate(frames):
        steady.look(frame, tracker.follow(frame))
        outputs.append(steady(frame, factors[number] if factors else 1.0))
    return outputs


def flicker(outputs: list[Tensor], down: int, right: int) -> float:
    margin = 20
    errors = [
        rms((b[..., :-down, :-right] - a[..., down:, right:])[..., margin:-margin, margin:-margin])
        for a, b in itertools.pairwise(outputs)
    ]
    return float(torch.stack(errors).mean() / outputs[0].std())


def test_the_first_frame_is_what_the_stylizer_paints(stylizer: Stylizer) -> None:
    frame = scene(64)
    torch.testing.assert_close(paint(stylizer, [frame])[0], stylizer(frame), atol=1e-4, rtol=0)


def test_strokes_move_with_a_pan(stylizer: Stylizer) -> None:
    frames = pan(4, (1, 3), size=(96, 128))
    assert flicker(paint(stylizer, frames), 1, 3) < 0.05
    assert flicker([stylizer(frame) for frame in frames], 1, 3) > 0.1


def test_a_still_frame_is_painted_the_same_again(stylizer: Stylizer) -> None:
    first, *others = paint(stylizer, [scene(64)] * 4)
    assert all(torch.equal(other, first) for other in others)


def test_after_a_cut_a_frame_is_painted_as_if_it_came_first(stylizer: Stylizer) -> None:
    second = pan(3, seed=5)
    outputs = paint(stylizer, [*pan(3, seed=1), *second])
    torch.testing.assert_close(outputs[3], stylizer(second[0]), atol=1e-4, rtol=0)


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.1])
def test_another_exposure_changes_the_painting_as_it_does_the_frame(gain: float, stylizer: Stylizer) -> None:
    still = scene(64) * 0.8
    first, second = paint(stylizer, [still, still * gain])
    torch.testing.assert_close(second, (first * gain).clamp(0, 1), atol=0.02, rtol=0)


def test_noise_factor_zero_gives_the_frame(stylizer: Stylizer) -> None:
    frame = scene(64)
    assert torch.equal(paint(stylizer, [frame], [0.0])[0], frame)


def test_a_changing_noise_factor_changes_the_painting_evenly(stylizer: Stylizer) -> None:
    factors = [0.02 * k for k in range(51)]
    outputs = paint(stylizer, [scene(48)] * 51, factors)
    steps = torch.stack([rms(b - a) for a, b in itertools.pairwise(outputs)])
    assert float(steps.max()) < 5 * float(steps.median())
    torch.testing.assert_close(outputs[-1], stylizer(scene(48)), atol=1e-4, rtol=0)


def test_a_scene_without_a_cut_passes_evenly_into_the_next(stylizer: Stylizer) -> None:
    steady, still, other = SteadyStylizer(stylizer), scene(48), scene(48, seed=5)
    steady.look(still, View())
    steady(still)
    outputs = []
    for _ in range(GLIDE + 2):
        steady.look(other, View(scene=1, is_cut=False))
        outputs.append(steady(other))
    torch.testing.assert_close(outputs[-1], stylizer(other), atol=1e-4, rtol=0)
    steps = [float(rms(b - a)) for a, b in itertools.pairwise(outputs)]
    assert max(steps) < float(rms(outputs[-1] - outputs[0])) / 4


def test_a_factor_that_the_network_does_not_know_is_refused(stylizer: Stylizer) -> None:
    with pytest.raises(UserError, match="this network goes from 0 to 2"):
        paint(stylizer, [scene(48)], [3.0])


def test_a_frame_must_be_looked_at_first(stylizer: Stylizer) -> None:
    with pytest.raises(ValueError, match="look at a frame"):
        SteadyStylizer(stylizer)(scene(48))


def test_the_frame_that_is_painted_has_the_size_of_the_one_looked_at(stylizer: Stylizer) -> None:
    steady = SteadyStylizer(stylizer)
    steady.look(scene(48), View())
    with pytest.raises(ValueError, match="look at a frame"):
        steady(scene(64))


def test_several_paint_the_frames_of_one_scenery_as_each_would_alone(stylizer: Stylizer) -> None:
    frames, tracker, scenery = pan(4, (1, 2)), CameraTracker(), Scenery(stylizer.device)
    first, second = (SteadyStylizer(stylizer, scenery=scenery) for _ in range(2))
    outputs = []
    for frame in frames:
        scenery.look(frame, tracker.follow(frame))
        outputs.append((first(frame, 1.0), second(frame, 0.5)))
    alone = paint(stylizer, frames), paint(stylizer, frames, [0.5] * 4)
    for (one, other), *expected in zip(outputs, *alone, strict=True):
        torch.testing.assert_close(one, expected[0], atol=1e-5, rtol=0)
        torch.testing.assert_close(other, expected[1], atol=1e-5, rtol=0)


def test_the_noise_of_a_camera_trembles_less_in_the_painting(stylizer: Stylizer) -> None:
    def steady() -> Callable[[Tensor], Tensor]:
        steady = SteadyStylizer(stylizer)

        def paint_next(frame: Tensor) -> Tensor:
            steady.look(frame, View())
            return steady(frame)

        return paint_next

    still = scene(96)
    assert static_deviation(steady, still) < 0.8 * static_deviation(lambda: stylizer, still)
