"""Drawn scenes and stained glass."""

from __future__ import annotations

import numpy as np

from texnet.drawing import draw_scene
from texnet.drawing.mosaic import draw_stained_glass


def test_a_scene_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = (np.asarray(draw_scene(64, seed)) for seed in (3, 3, 4))
    assert first.shape == (64, 64, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_stained_glass_has_light_glass_of_many_hues_between_dark_lead() -> None:
    picture = np.asarray(draw_stained_glass(256, seed=1), float)
    brightness = picture.mean(2)
    assert (brightness < 50).mean() > 0.05
    assert (brightness > 150).mean() > 0.2
    assert picture.std(2).max() > 60
