"""The setup: what is measured of a network is what defines the measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.evaluation.helpers import CPU
from texnet import metrics
from texnet.config import EvaluateConfig, LossConfig
from texnet.evaluation import EvalSetup, build_setup, evaluate
from texnet.evaluation.adapters import load_network
from texnet.evaluation.random_filters import SCALES, RandomFilters
from texnet.evaluation.scoring import compare


def test_untouched_photos_have_style_one_and_no_content(setup: EvalSetup, network: Path, config: EvaluateConfig) -> None:
    result = evaluate(str(network), setup, replace(config, noise_factor=0.0), CPU)
    assert result.style == pytest.approx(1, rel=1e-4)
    assert result.terms["content"] == 0
    assert result.second["style"] == pytest.approx(1, rel=1e-4)
    assert result.second["content"] == 0
    assert result.ssim == pytest.approx(1)
    assert result.distance == pytest.approx(0, abs=1e-6)
    assert result.noise_gain == pytest.approx(1, rel=1e-3)
    assert result.shift_consistency == pytest.approx(0, abs=1e-4)
    assert result.seeds == 0


def test_the_style_picture_itself_has_no_style_term(setup: EvalSetup) -> None:
    terms = compare(setup.loss, setup.texture, setup.texture)
    assert max(abs(value) for name, value in terms.items() if name != "tv") == pytest.approx(0, abs=1e-6)


def test_untouched_photos_are_where_the_optimization_begins(setup: EvalSetup, network: Path, config: EvaluateConfig) -> None:
    result = evaluate(str(network), setup, replace(config, noise_factor=0.0), CPU)
    assert result.optimality is not None
    assert result.optimality.equivalent_steps == pytest.approx(0, abs=1e-3)
    expected = metrics.geometric_mean([optimum.losses[0] / optimum.loss for optimum in setup.references])
    assert result.optimality.ratio == pytest.approx(expected, rel=1e-4)
    assert result.optimality.photos == 2


def test_the_curve_goes_from_the_photo_on(setup: EvalSetup, network: Path, config: EvaluateConfig) -> None:
    curve = evaluate(str(network), setup, config, CPU).curve
    assert curve is not None
    assert curve.factors == [0, 0.5, 1, 1.5, 2]
    assert curve.content[0] == 0
    assert curve.content[1] > 0


def test_the_curve_tells_how_far_each_factor_goes(setup: EvalSetup, network: Path, config: EvaluateConfig) -> None:
    curve = evaluate(str(network), setup, config, CPU).curve
    assert curve is not None
    assert (curve.progress[0], curve.progress[2]) == (0, 1)
    assert curve.progress == sorted(curve.progress)
    assert curve.half_way == curve.progress[1]
    assert curve.largest_error == pytest.approx(abs(curve.half_way - 0.5))
    assert curve.calibration_error == pytest.approx(curve.largest_error / 3)


@pytest.mark.parametrize("step", [0.3, 0.4, 0.5])
def test_the_curve_meets_full_style_whatever_its_step(
    setup: EvalSetup, network: Path, config: EvaluateConfig, step: float
) -> None:
    curve = evaluate(str(network), setup, replace(config, curve_step=step), CPU).curve
    assert curve is not None
    assert curve.progress[curve.factors.index(1.0)] == 1
    assert curve.factors[-1] == 2


def test_a_network_without_a_dial_stands_in_the_same_table_without_a_curve(
    setup: EvalSetup, other: Path, config: EvaluateConfig
) -> None:
    result = evaluate(str(other), setup, config, CPU)
    assert result.name == "mosaic"
    assert result.curve is None
    assert result.terms["loss"] > 0


def test_seeds_are_compared_on_the_same_photo(setup: EvalSetup, network: Path, other: Path, config: EvaluateConfig) -> None:
    loaded = load_network(str(network), CPU)
    photos = torch.split(setup.photos, 1)  # type: ignore[no-untyped-call]
    each = [metrics.seed_diversity(loaded.paint(photo, 1.0, 0), loaded.paint(photo, 1.0, 1)) for photo in photos]
    result = evaluate(str(network), setup, config, CPU)
    assert result.seeds == pytest.approx(sum(each) / 3) and result.seeds > 0
    assert evaluate(str(other), setup, config, CPU).seeds == 0


def test_terms_are_means_over_the_photos(setup: EvalSetup, network: Path, config: EvaluateConfig) -> None:
    loaded = load_network(str(network), CPU)
    photos = torch.split(setup.photos, 1)  # type: ignore[no-untyped-call]
    each = [sum(compare(setup.loss, loaded.paint(photo, 1.0, 0), photo).values()) for photo in photos]
    result = evaluate(str(network), setup, config, CPU)
    assert result.terms["loss"] == pytest.approx(sum(each) / 3, rel=1e-5)


def test_optima_are_found_again_by_content(config: EvaluateConfig, loss_config: LossConfig, tmp_path: Path) -> None:
    config = replace(config, cache_dir=str(tmp_path))
    steps: list[int] = []

    def build(config: EvaluateConfig, loss_config: LossConfig) -> EvalSetup:
        return build_setup(config, loss_config, CPU, on_unreadable=pytest.fail, on_step=lambda: steps.append(1))

    first = build(config, loss_config)
    made = len(steps)
    assert made == 2 * (config.optimum_steps + 1)
    assert build(config, loss_config).references == first.references
    assert len(steps) == made
    build(config, replace(loss_config, style_weight=3.0))
    assert len(steps) == 2 * made
    build(replace(config, optimum_images=3), loss_config)
    assert len(steps) == 2 * made + made // 2


def test_an_optimization_ends_lower_than_it_began(setup: EvalSetup) -> None:
    assert all(optimum.loss < optimum.losses[0] for optimum in setup.references)
    assert all(len(optimum.losses) == 13 for optimum in setup.references)


def test_unreadable_photos_are_told_and_passed_over(
    config: EvaluateConfig, loss_config: LossConfig, photo_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_text("no picture")
    for number in range(2):
        (folder / f"b{number}.png").write_bytes((photo_folder / f"photo-{number}.png").read_bytes())
    told: list[str] = []
    config = replace(config, data_dir=str(folder), optimum_steps=0)
    setup = build_setup(config, loss_config, CPU, on_unreadable=told.append)
    assert len(setup.photos) == 2
    assert len(told) == 1 and "a.jpg" in told[0]


def test_photos_become_squares_of_the_size_asked(setup: EvalSetup) -> None:
    assert setup.photos.shape == (3, 3, 64, 64)


def test_the_second_extractor_is_the_same_every_time_and_responds_at_every_scale() -> None:
    image = torch.rand(1, 3, 40, 56)
    first, again = RandomFilters()(image), RandomFilters()(image)
    assert [found.shape for found in first.values()] == [(1, 64, 40, 56), (1, 64, 20, 28), (1, 64, 10, 14), (1, 64, 5, 7)]
    assert all(torch.equal(first[name], again[name]) for name in SCALES)
    assert all(found.max() > 0 and found.min() == 0 for found in first.values())


def test_a_file_of_neither_kind_is_named(style_path: Path) -> None:
    with pytest.raises(ValueError, match=r"stripes\.png: not a checkpoint of texnet .* nor a network of pytorch/examples"):
        load_network(str(style_path), CPU)
