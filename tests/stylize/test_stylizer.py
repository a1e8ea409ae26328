"""The stylizer: tensor in, tensor out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stylize.helpers import MAX_NOISE_FACTOR
from texnet.checkpoint import TrainingSummary
from texnet.config import TrainConfig
from texnet.devices import free_memory
from texnet.drawing import save_texture
from texnet.errors import TooLargeError, UserError
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration
from texnet.generators.noise import draw_noise
from texnet.generators.style_reader import StyleReader
from texnet.losses.descriptor import DESCRIPTOR_SIZE
from texnet.stylize import Stylizer, stylize_with_mask
from texnet.training import initialization
from texnet.training.initialization import READER, pack_pretrained

FACTORS = (0.0, 0.1, 1.0, MAX_NOISE_FACTOR)


def test_a_checkpoint_says_its_style_and_its_largest_factor(stylizer: Stylizer) -> None:
    assert (stylizer.style, stylizer.max_noise_factor) == ("mosaic", MAX_NOISE_FACTOR)


def test_factor_zero_returns_the_picture_bit_for_bit(stylizer: Stylizer) -> None:
    image = torch.rand(2, 3, 19, 23)
    assert torch.equal(stylizer(image, 0), image)


def test_what_factor_zero_returns_can_be_changed_without_changing_the_picture(stylizer: Stylizer) -> None:
    image = torch.rand(1, 3, 19, 23)
    before = image.clone()
    stylizer(image, 0).zero_()
    assert torch.equal(image, before)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(height=st.integers(1, 45), width=st.integers(1, 45), factor=st.sampled_from(FACTORS))
def test_any_size_is_kept(stylizer: Stylizer, height: int, width: int, factor: float) -> None:
    assert stylizer(torch.rand(1, 3, height, width), factor).shape == (1, 3, height, width)


@pytest.mark.parametrize("factor", FACTORS)
def test_the_result_stays_within_range(stylizer: Stylizer, factor: float) -> None:
    painted = stylizer(torch.rand(1, 3, 20, 24), factor)
    assert painted.min() >= 0
    assert painted.max() <= 1


def test_without_a_factor_the_trained_style_is_painted(stylizer: Stylizer) -> None:
    image = torch.rand(1, 3, 20, 24)
    assert torch.equal(stylizer(image), stylizer(image, 1.0))
    assert torch.equal(stylizer(image), stylizer(image, 1))


def test_every_factor_paints_another_picture(stylizer: Stylizer) -> None:
    image = torch.rand(1, 3, 20, 24)
    pictures = [stylizer(image, factor) for factor in FACTORS]
    assert min((a - b).abs().max().item() for i, a in enumerate(pictures) for b in pictures[:i]) > 1e-3


def test_factors_pass_through_the_calibrated_dial(stylizer: Stylizer) -> None:
    generator, image = stylizer.generator, torch.rand(1, 3, 20, 24)
    dial = Calibration((0.0, 0.5, 1.0, MAX_NOISE_FACTOR), (0.0, 0.25, 1.0, 1.25))
    calibrated = Stylizer(generator, style="", max_noise_factor=MAX_NOISE_FACTOR, calibration=dial)
    for factor, raw in zip(dial.noise_factors, dial.uncalibrated_factors, strict=True):
        torch.testing.assert_close(calibrated(image, factor), stylizer(image, raw), rtol=0, atol=1e-6)


def test_a_picture_is_painted_by_the_noise_of_its_place(stylizer: Stylizer) -> None:
    image = torch.rand(1, 3, 20, 24)
    noise = draw_noise(5, (1, 3, 20, 24))
    with torch.no_grad():
        assert torch.equal(stylizer(image, seed=5), stylizer.generator(noise, image))


def test_the_same_seed_paints_the_same_picture(stylizer: Stylizer) -> None:
    image = torch.rand(1, 3, 20, 24)
    assert torch.equal(stylizer(image, seed=3), stylizer(image, seed=3))


def test_another_seed_paints_other_strokes(stylizer: Stylizer) -> None:
    image = torch.rand(1, 3, 20, 24)
    assert not torch.equal(stylizer(image, seed=3), stylizer(image, seed=4))


def test_each_picture_of_a_batch_is_painted_as_it_would_be_alone(stylizer: Stylizer) -> None:
    images = torch.rand(3, 3, 20, 24)
    alone = torch.cat([stylizer(image[None]) for image in images])
    torch.testing.assert_close(stylizer(images), alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("factor", [-0.1, MAX_NOISE_FACTOR + 0.01, float("inf"), float("nan")])
def test_a_factor_that_was_not_trained_is_refused_with_those_that_were(stylizer: Stylizer, factor: float) -> None:
    with pytest.raises(ValueError, match=rf"^--noise_factor {factor:g}: this network goes from 0 to 1\.5$"):
        stylizer(torch.rand(1, 3, 20, 24), factor)


@pytest.mark.parametrize("factor", [torch.tensor(0.5), np.float32(0.5), np.float64(0.5), np.array(0.5)])
def test_a_number_of_torch_or_numpy_counts_as_a_float(stylizer: Stylizer, factor: Any) -> None:
    image = torch.rand(1, 3, 20, 24)
    assert torch.equal(stylizer(image, factor), stylizer(image, 0.5))


@pytest.mark.parametrize(
    ("factor", "kind"),
    [
        (torch.ones(20, 24), r"Tensor of shape \(20, 24\)"),
        (torch.ones(1), r"Tensor of shape \(1,\)"),
        (np.ones(2), r"ndarray of shape \(2,\)"),
        ("0.5", "str"),
        (None, "NoneType"),
        ([0.5], "list"),
    ],
)
def test_what_is_not_one_number_is_refused(stylizer: Stylizer, factor: Any, kind: str) -> None:
    with pytest.raises(UserError, match=rf"^noise_factor is one number, not a {kind}; for a mask call stylize_with_mask$"):
        stylizer(torch.rand(1, 3, 20, 24), factor)


@pytest.mark.parametrize(
    ("picture", "form"),
    [
        (torch.zeros(3, 40, 40), r"float32 \(3, 40, 40\)"),
        (torch.zeros(1, 1, 40, 40), r"float32 \(1, 1, 40, 40\)"),
        (torch.zeros(1, 3, 40, 40, dtype=torch.uint8), r"uint8 \(1, 3, 40, 40\)"),
    ],
)
def test_pictures_in_another_form_are_refused(stylizer: Stylizer, picture: torch.Tensor, form: str) -> None:
    with pytest.raises(UserError, match=rf"^pictures of {form}: give float \(N, 3, H, W\) in \[0, 1\], as load_image does$"):
        stylizer(picture)


def test_the_picture_itself_is_left_alone(stylizer: Stylizer) -> None:
    image = torch.rand(1, 3, 20, 24)
    before = image.clone()
    stylizer(image)
    assert torch.equal(image, before)


def test_painting_leaves_the_global_random_state_alone(stylizer: Stylizer) -> None:
    before = torch.get_rng_state()
    stylizer(torch.zeros(1, 3, 20, 24))
    assert torch.equal(torch.get_rng_state(), before)


def test_the_result_needs_no_gradient(stylizer: Stylizer) -> None:
    assert not stylizer(torch.rand(1, 3, 20, 24, requires_grad=True)).requires_grad


def test_a_picture_that_does_not_fit_into_memory_is_refused_with_a_size_that_does(stylizer: Stylizer) -> None:
    huge = torch.zeros(1).expand(1, 3, 400_000, 800_000)  # a view: needs no memory itself
    with pytest.raises(TooLargeError, match=r"^800000x400000 pixels need .*; use --max_size \d+$") as caught:
        stylizer(huge)
    side = int(re.findall(r"\d+$", str(caught.value))[0])
    assert side * side // 2 * stylizer.generator.bytes_per_pixel < free_memory()


def test_in_bfloat16_factor_zero_still_returns_the_picture_bit_for_bit(rounding_stylizer: Stylizer) -> None:
    image = torch.rand(2, 3, 19, 23)
    assert torch.equal(rounding_stylizer(image, 0), image)


def test_in_bfloat16_the_same_seed_paints_the_same_picture_in_float32(rounding_stylizer: Stylizer) -> None:
    image = torch.rand(1, 3, 40, 44)
    painted = rounding_stylizer(image, seed=3)
    assert painted.dtype == torch.float32
    assert torch.equal(painted, rounding_stylizer(image, seed=3))


@pytest.mark.parametrize("factor", [0.01, 0.1, 1.0, MAX_NOISE_FACTOR])
def test_in_bfloat16_a_picture_is_painted_as_in_float32_but_for_rounding(
    stylizer: Stylizer, rounding_stylizer: Stylizer, factor: float
) -> None:
    image = torch.rand(1, 3, 64, 64)
    difference = (rounding_stylizer(image, factor) - stylizer(image, factor)).abs()
    assert 0 < difference.mean() < 2 / 255


@pytest.mark.parametrize("factor", [0.0, 0.7, 1.0])
def test_in_bfloat16_a_map_of_one_value_paints_what_that_factor_does(rounding_stylizer: Stylizer, factor: float) -> None:
    image = torch.rand(1, 3, 20, 24)
    mask = torch.full((20, 24), factor)
    assert torch.equal(stylize_with_mask(rounding_stylizer, image, mask), rounding_stylizer(image, factor))


def test_in_bfloat16_larger_pictures_fit_into_memory(stylizer: Stylizer, rounding_stylizer: Stylizer) -> None:
    assert rounding_stylizer.bytes_per_pixel < stylizer.bytes_per_pixel


@pytest.fixture
def shipped_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped pretrained generator reads style pictures, at random."""
    config = TrainConfig()
    generator = build_generator(config.generator)
    reader = StyleReader(DESCRIPTOR_SIZE, generator)
    torch.nn.init.normal_(reader.last.weight, std=0.05)
    weights = {**generator.state_dict(), **{READER + name: tensor for name, tensor in reader.state_dict().items()}}
    pack_pretrained(config, weights, TrainingSummary()).save(tmp_path / "shipped" / "pretrained-residual.pt")
    monkeypatch.setattr(initialization, "PRETRAINED", tmp_path / "shipped")


@pytest.mark.usefixtures("shipped_reader")
def test_a_style_picture_suffices_for_an_untrained_preview(style_path: Path, tmp_path: Path) -> None:
    save_texture("batik", tmp_path, size=64)
    photo = torch.rand(1, 3, 32, 40)
    first, second = Stylizer.untrained(style_path), Stylizer.untrained(tmp_path / "batik.jpg")
    assert first.style == style_path.stem
    assert torch.equal(first(photo, 0.0), photo)
    assert (first(photo) - second(photo)).abs().max() > 0.01
    assert torch.equal(first(photo), Stylizer.untrained(style_path)(photo))


def test_without_a_generator_that_reads_styles_there_is_no_untrained_preview(
    style_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(initialization, "PRETRAINED", tmp_path)
    with pytest.raises(UserError, match=r"^no generator that reads style pictures comes with this installation"):
        Stylizer.untrained(style_path)


@pytest.mark.usefixtures("shipped_reader")
def test_a_style_picture_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"^--texture nowhere\.jpg: no such picture$"):
        Stylizer.untrained("nowhere.jpg")
