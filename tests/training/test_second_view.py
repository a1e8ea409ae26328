"""The second view of a photo, and what is learned from it: to hold still."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.helpers import with_options
from tests.training.helpers import Diary, build, fit
from texnet.config import TrainConfig
from texnet.drawing import draw_scene
from texnet.errors import UserError
from texnet.images import to_float
from texnet.training.augment import STEADY_FROM
from texnet.training.second_view import MARGIN, SHIFT, SecondView, draw_second_view, unsteadiness

SIZE = 96


@pytest.fixture
def photos() -> torch.Tensor:
    """Two photos, (2, 3, SIZE, SIZE) in [0, 1]."""
    arrays = [torch.tensor(list(draw_scene(SIZE, seed=seed).tobytes()), dtype=torch.uint8) for seed in range(2)]
    return to_float(torch.stack(arrays).view(2, SIZE, SIZE, 3).permute(0, 3, 1, 2))


def shifted_by(pixels: int) -> SecondView:
    """A view that is moved across by whole pixels, and differs in nothing else."""
    step = 2 / SIZE
    line = torch.arange(SIZE) * step - 1 + step / 2
    down, across = torch.meshgrid(line, line + pixels * step, indexing="ij")
    return SecondView(
        torch.stack([across, down], -1).expand(2, -1, -1, -1), torch.ones(2, 1, 1, 1), torch.zeros(2, 3, SIZE, SIZE)
    )


def test_a_known_shift_is_undone_to_the_pixel(photos: torch.Tensor) -> None:
    view = shifted_by(3)
    torch.testing.assert_close(view.photograph(photos)[..., :-3], photos[..., 3:], atol=1e-4, rtol=0)
    assert unsteadiness(photos, view.photograph(photos), view, photos) < 1e-6
    assert unsteadiness(photos, photos, view, photos) > 0.01, "what stays on the screen while the camera moves is not steady"


def test_a_second_view_differs_a_little_and_is_a_function_of_the_generator(photos: torch.Tensor) -> None:
    view, same, other = (draw_second_view(photos, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(view, same, strict=True))
    assert not torch.equal(view.places, other.places)
    second = view.photograph(photos)
    assert second.min() >= 0 and second.max() <= 1 and not torch.equal(second, photos)
    identity = shifted_by(0).places
    furthest = (view.places - identity).abs().max() * SIZE / 2
    assert 0.5 < furthest < SHIFT + 0.03 * SIZE
    inner = slice(MARGIN, -MARGIN)
    assert (view.places[:, inner, inner].abs() <= 1).all(), "what is compared is in both views"


def test_a_rotation_keeps_lengths_in_pictures_that_are_not_square() -> None:
    wide = torch.zeros(200, 3, 64, 128)
    places = draw_second_view(wide, torch.Generator().manual_seed(0)).places * torch.tensor([64.0, 32.0])  # in pixels
    across, down = places[:, 10, 60] - places[:, 10, 59], places[:, 11, 60] - places[:, 10, 60]
    torch.testing.assert_close(across.norm(dim=1), down.norm(dim=1), atol=1e-3, rtol=0)
    assert (across * down).sum(1).abs().max() < 1e-3


@pytest.mark.slow
def test_the_last_third_of_a_training_learns_from_it(tiny_config: TrainConfig, tmp_path: Path) -> None:
    diary = Diary()
    config = with_options(with_options(tiny_config, "data", image_size=64), "loss", steady_weight=2.0)
    fit(with_options(config, "optim", epochs=0, max_steps=6), tmp_path / "run", monitor=diary)
    steady = [record.values["steady"] for record in diary.records]
    assert [value > 0 for value in steady] == [step / 6 >= STEADY_FROM for step in range(6)]


@pytest.mark.slow
def test_it_makes_a_generator_steadier(tiny_config: TrainConfig, photos: torch.Tensor) -> None:
    views = [draw_second_view(photos, torch.Generator().manual_seed(seed)) for seed in range(4)]

    def trained(weight: float) -> float:
        config = with_options(with_options(tiny_config, "data", image_size=64), "loss", steady_weight=weight)
        training = build(with_options(config, "optim", epochs=0, max_steps=45))
        with training.trainer.loader:
            training.trainer.fit()
        noise, ones = torch.zeros(2, 3, SIZE, SIZE), torch.ones(2)
        with torch.no_grad():
            first = training.trainer.ema_generator(noise, photos, ones)
            seconds = [training.trainer.ema_generator(noise, view.photograph(photos), ones) for view in views]
        return sum(unsteadiness(first, second, view, photos).item() for second, view in zip(seconds, views, strict=True))

    assert trained(100.0) < 0.85 * trained(0.0)


def test_textures_and_small_crops_are_refused(tiny_config: TrainConfig) -> None:
    config = with_options(tiny_config, "data", image_size=64)
    steady = replace(config.loss, steady_weight=1.0)
    with pytest.raises(UserError, match=r"^--steady_weight: not with --no_content"):
        replace(config, generator=replace(config.generator, no_content=True), loss=steady)
    with pytest.raises(UserError, match=r"^--image_size 32: --steady_weight needs at least 64"):
        replace(tiny_config, loss=steady)
