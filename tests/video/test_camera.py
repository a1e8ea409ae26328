"""What the camera does: where it points, how it exposes, where a scene begins."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.video.helpers import pan, scene
from texnet.video.camera import CameraTracker, View


def follow(frames: list[Tensor]) -> list[View]:
    tracker = CameraTracker()
    return [tracker.follow(frame) for frame in frames]


def test_the_place_follows_a_pan_without_drifting() -> None:
    views = follow(pan(40, (1, 2), size=(90, 120)))
    assert [view.place for view in views] == [(k, 2 * k) for k in range(40)]
    assert {view.scene for view in views} == {0}


def test_a_camera_at_rest_stays_where_it_is_whatever_its_sensor_does() -> None:
    generator = torch.Generator().manual_seed(0)
    views = follow([(scene(96) + 2 / 255 * torch.randn(1, 3, 96, 96, generator=generator)).clamp(0, 1) for _ in range(8)])
    assert {view.place for view in views} == {(0, 0)}
    assert max(abs(side) for view in views for side in view.rest) < 0.05


def test_a_cut_begins_a_scene_and_nothing_else_does() -> None:
    views = follow(pan(6, seed=1) + pan(6, seed=5))
    assert [view.scene for view in views] == [0] * 6 + [1] * 6
    assert views[6].is_cut
    assert views[6].place == (0, 0)


def test_a_flash_is_no_cut() -> None:
    still = scene(96)
    views = follow([still, still, (still * 1.25).clamp(0, 1), still, still])
    assert {view.scene for view in views} == {0}


def test_the_exposure_is_found_whatever_the_camera_does() -> None:
    frames = pan(6, (0, 3), size=(90, 120))
    gains = [1.0, 1.05, 1.1, 1.0, 0.9, 0.8]
    views = follow([frame * 0.8 * gain for frame, gain in zip(frames, gains, strict=True)])
    assert [view.gain for view in views] == pytest.approx(gains, abs=0.01)


def test_something_that_passes_through_the_picture_does_not_move_the_camera() -> None:
    still = scene(120)
    frames = []
    for number in range(8):
        frame = still.clone()
        frame[..., 40:70, 10 * number : 10 * number + 30] = torch.tensor([0.9, 0.1, 0.1])[:, None, None]
        frames.append(frame)
    assert {view.place for view in follow(frames)} == {(0, 0)}


def test_frames_that_show_nothing_begin_anew_until_something_is_seen() -> None:
    views = follow([torch.zeros(1, 3, 64, 64)] * 3 + [scene(64)] * 3)
    assert [view.is_flat for view in views] == [True] * 3 + [False] * 3
    assert views[3].scene == views[5].scene


def test_another_size_begins_anew() -> None:
    views = follow([scene(64), scene(64), scene(96)])
    assert [view.scene for view in views] == [0, 0, 1]


def test_a_scene_that_passes_into_another_is_told_without_a_cut() -> None:
    first, second = pan(1, seed=1)[0], pan(1, seed=5)[0]
    views = follow([torch.lerp(first, second, k / 20) for k in range(21)])
    later = [view for view in views if view.scene > 0]
    assert later
    assert not later[0].is_cut
