"""What is measured of a network is what defines the measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.evaluation.helpers import CPU, fail, setup_for
from texnet import metrics
from texnet.config import EvaluateConfig, LossConfig
from texnet.evaluation import EvalSetup, NetworkResult, build_setup, evaluate
from texnet.evaluation.networks import load_network
from texnet.evaluation.setup import SCALES, RandomFeatures


@pytest.fixture(scope="module")
def untouched(setup: EvalSetup, network: str, config: EvaluateConfig) -> NetworkResult:
    """The result at noise factor 0, which returns the photos."""
    return evaluate(network, setup, replace(config, noise_factor=0.0), CPU)


@pytest.fixture(scope="module")
def result(setup: EvalSetup, network: str, config: EvaluateConfig) -> NetworkResult:
    """The result at noise factor 1."""
    return evaluate(network, setup, config, CPU)


@pytest.fixture(scope="module")
def other_result(setup: EvalSetup, other: str, config: EvaluateConfig) -> NetworkResult:
    """The result of the network of pytorch/examples."""
    return evaluate(other, setup, config, CPU)


def test_untouched_photos_have_style_one_and_no_content(untouched: NetworkResult) -> None:
    assert untouched.style == pytest.approx(1, rel=1e-4)
    assert untouched.terms["content"] == 0
    assert untouched.second["style"] == pytest.approx(1, rel=1e-4)
    assert untouched.second["content"] == 0
    assert untouched.ssim == pytest.approx(1)
    assert untouched.distance == pytest.approx(0, abs=1e-6)
    assert untouched.noise_gain == pytest.approx(1, rel=1e-3)
    assert untouched.shift_consistency == pytest.approx(0, abs=1e-4)
    assert untouched.seed_diversity == 0


def test_untouched_photos_are_where_the_optimization_begins(untouched: NetworkResult, setup: EvalSetup) -> None:
    assert untouched.optimality is not None
    assert untouched.optimality.equivalent_steps == pytest.approx(0, abs=1e-3)
    expected = metrics.geometric_mean([reference.losses[0] / reference.loss for reference in setup.references])
    assert untouched.optimality.ratio == pytest.approx(expected, rel=1e-4)
    assert untouched.optimality.photos == 2


def test_the_curve_begins_at_the_photo(result: NetworkResult) -> None:
    assert result.curve is not None
    assert result.curve.factors == [0, 0.5, 1, 1.5, 2]
    assert result.curve.content[0] == 0
    assert result.curve.content[1] > 0


def test_the_curve_has_the_progress_at_each_factor(result: NetworkResult) -> None:
    curve = result.curve
    assert curve is not None
    assert (curve.progress[0], curve.progress[2]) == (0, 1)
    assert curve.progress == sorted(curve.progress)
    assert curve.half_way == curve.progress[1]
    assert curve.largest_error == pytest.approx(abs(curve.half_way - 0.5))
    assert curve.calibration_error == pytest.approx(curve.largest_error / 3)


def test_half_strength_lies_between_the_photo_and_full_style(result: NetworkResult, setup: EvalSetup, network: str) -> None:
    loaded, loss, photo = load_network(network, CPU), setup.evaluator.loss, setup.photos[:1]
    features = [
        loss.extract(loaded.stylize(photo, factor, 0), {**loss.style_layers, **loss.content_layers}) for factor in (0, 0.5, 1)
    ]
    assert result.curve is not None
    assert result.curve.position == pytest.approx(metrics.position(*features))
    assert 0 < result.curve.position < 1


def test_a_network_without_strength_control_has_the_same_measures_but_no_curve(other_result: NetworkResult) -> None:
    assert other_result.name == "mosaic"
    assert other_result.curve is None
    assert other_result.terms["loss"] > 0


def test_seeds_are_compared_on_the_same_photo(
    setup: EvalSetup, network: str, result: NetworkResult, other_result: NetworkResult
) -> None:
    loaded = load_network(network, CPU)
    photos = setup.photos[:, None]
    each = [metrics.seed_diversity(loaded.stylize(photo, 1.0, 0), loaded.stylize(photo, 1.0, 1)) for photo in photos]
    assert result.seed_diversity == pytest.approx(sum(each) / 3) and result.seed_diversity > 0
    assert other_result.seed_diversity == 0


def test_terms_are_means_over_the_photos(setup: EvalSetup, network: str, result: NetworkResult) -> None:
    loaded = load_network(network, CPU)
    photos = setup.photos[:, None]
    each = [sum(setup.evaluator.terms(loaded.stylize(photo, 1.0, 0), photo).values()) for photo in photos]
    assert result.terms["loss"] == pytest.approx(sum(each) / 3, rel=1e-5)


def test_references_are_found_again_by_all_that_they_depend_on(
    config: EvaluateConfig, loss_config: LossConfig, tmp_path: Path
) -> None:
    config = replace(config, cache_dir=str(tmp_path), optimum_steps=3)
    steps: list[int] = []

    def build(config: EvaluateConfig, loss_config: LossConfig) -> EvalSetup:
        return build_setup(config, loss_config, CPU, log=fail, on_unreadable=fail, on_step=lambda: steps.append(1))

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
    assert all(reference.loss < reference.losses[0] for reference in setup.references)
    assert all(len(reference.losses) == 13 for reference in setup.references)


def test_second_features_are_the_same_every_time_and_respond_at_every_scale() -> None:
    image = torch.rand(1, 3, 40, 56)
    first, again = RandomFeatures()(image), RandomFeatures()(image)
    assert [found.shape for found in first.values()] == [(1, 64, 40, 56), (1, 64, 20, 28), (1, 64, 10, 14), (1, 64, 5, 7)]
    assert all(torch.equal(first[name], again[name]) for name in SCALES)
    assert all(found.max() > 0 and found.min() == 0 for found in first.values())


def test_a_file_of_neither_kind_is_named(style_path: Path) -> None:
    with pytest.raises(ValueError, match=r"stripes\.png: not a checkpoint of texnet .* nor a network of pytorch/examples"):
        load_network(str(style_path), CPU)


def test_where_colors_are_matched_the_second_loss_matches_them_too(config: EvaluateConfig, loss_config: LossConfig) -> None:
    setup = setup_for(replace(config, optimum_steps=0), replace(loss_config, match_colors=True))
    photo = setup.photos[:1]
    for evaluator in (setup.evaluator, setup.second):
        style = evaluator.loss.matched_style
        assert style is not None
        evaluator.loss.match(photo)
        found = evaluator.loss.extract(style.recolor(*style.map_to(photo)), evaluator.loss.style_layers)
        distances = [evaluator.loss.style_distance(layer, feature).item() for layer, feature in found.items()]
        assert distances == pytest.approx([0] * len(distances), abs=1e-4)
