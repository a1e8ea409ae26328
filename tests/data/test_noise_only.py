"""Batches without photos."""

from __future__ import annotations

from texnet.data import NoiseOnlyLoader


def test_an_epoch_goes_on_from_any_step() -> None:
    with NoiseOnlyLoader(batch_size=2, multiple=32) as loader:
        assert len(list(loader.epoch(3, loader.steps_per_epoch - 5))) == 5


def test_a_batch_has_no_channels_and_sides_that_are_multiples() -> None:
    batch = next(NoiseOnlyLoader(batch_size=2, multiple=32).epoch(0))
    assert batch.cut(64).shape == (2, 0, 64, 64)
    assert batch.cut(65).shape == (2, 0, 96, 96)
