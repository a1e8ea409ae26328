"""Each metric against a closed form or the property that defines it."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from texnet import metrics

PHOTO = torch.rand(1, 3, 40, 48, generator=torch.Generator().manual_seed(3))


def test_a_picture_is_as_similar_to_itself_as_can_be() -> None:
    assert metrics.ssim(PHOTO, PHOTO) == pytest.approx(1)


def test_similarity_falls_with_noise_and_is_near_zero_for_unrelated_pictures() -> None:
    noise = torch.randn(PHOTO.shape, generator=torch.Generator().manual_seed(0))
    weak, strong = ((PHOTO + amount * noise).clamp(0, 1) for amount in (0.02, 0.2))
    assert 1 > metrics.ssim(PHOTO, weak) > metrics.ssim(PHOTO, strong)
    assert abs(metrics.ssim(PHOTO, torch.rand(PHOTO.shape))) < 0.05


def test_the_similarity_of_constant_pictures_has_a_closed_form() -> None:
    a, b = torch.full((1, 3, 16, 16), 0.25), torch.full((1, 3, 16, 16), 0.75)
    c1 = 0.01**2
    assert metrics.ssim(a, b) == pytest.approx((2 * 0.25 * 0.75 + c1) / (0.25**2 + 0.75**2 + c1), rel=1e-5)


def test_the_feature_distance_counts_directions_only() -> None:
    seen = {"relu1_1": torch.rand(1, 8, 5, 6), "relu2_1": torch.rand(1, 16, 3, 3)}
    assert metrics.feature_distance(seen, {name: 7 * x for name, x in seen.items()}) == pytest.approx(0, abs=1e-6)
    assert metrics.feature_distance(seen, {name: -x for name, x in seen.items()}) == pytest.approx(4, rel=1e-5)


def test_the_feature_distance_of_orthogonal_features_is_two_and_layers_are_averaged() -> None:
    a, b = torch.zeros(1, 2, 4, 4), torch.zeros(1, 2, 4, 4)
    a[:, 0], b[:, 1] = 3.0, 0.5
    assert metrics.feature_distance({"x": a}, {"x": b}) == pytest.approx(2)
    assert metrics.feature_distance({"x": a, "y": a}, {"x": b, "y": a}) == pytest.approx(1)


def test_half_the_contrast_is_a_ratio_of_a_half_per_channel() -> None:
    output = PHOTO.clone()
    output[:, 1] *= 0.5
    assert metrics.contrast_ratio([output, output], PHOTO) == pytest.approx([1, 0.5, 1])


def test_sharpness_is_that_of_the_strongest_edges_and_grows_with_their_contrast() -> None:
    edge = torch.zeros(1, 3, 41, 41)
    edge[..., 20:] = 1.0  # a fortieth of the places: fewer than a twentieth are not seen
    assert metrics.sharpness_ratio([edge], PHOTO) == 0
    stripes = torch.zeros(1, 3, 41, 41)
    stripes[..., ::2] = 1.0
    assert metrics.sharpness_ratio([0.5 * stripes], stripes) == pytest.approx(0.5)
    assert metrics.sharpness_ratio([0.5 * stripes, stripes.mT], stripes) == pytest.approx(0.75)
    soft = torch.nn.functional.avg_pool2d(PHOTO, 3, stride=1)
    assert metrics.sharpness_ratio([soft], PHOTO) < 0.5


@pytest.mark.parametrize("gain", [0.0, 1.0, 2.5])
def test_the_noise_gain_of_a_linear_function_is_its_slope(gain: float) -> None:
    assert metrics.noise_gain(lambda x: gain * x + 0.3, PHOTO) == pytest.approx(gain, rel=1e-3, abs=1e-6)


def test_averaging_nine_neighbors_has_a_third_of_the_noise() -> None:
    def blur(x: Tensor) -> Tensor:
        return torch.nn.functional.avg_pool2d(torch.nn.functional.pad(x, (1,) * 4, mode="circular"), 3, stride=1)

    assert metrics.noise_gain(blur, PHOTO) == pytest.approx(1 / 3, rel=0.05)


def test_what_treats_every_place_alike_is_consistent_under_shifts() -> None:
    assert metrics.shift_consistency(lambda x: x, PHOTO) == pytest.approx(0, abs=1e-5)
    assert metrics.shift_consistency(lambda x: 0.2 + 0.5 * x, PHOTO) == pytest.approx(0, abs=1e-5)


def test_a_pattern_that_stays_while_the_picture_shifts_is_inconsistent() -> None:
    rows = torch.arange(40)[:, None].expand(40, 48)
    stripes = (rows % 2).float().expand(1, 3, 40, 48)
    assert metrics.shift_consistency(lambda x: stripes, PHOTO) > 0.5


def test_the_seed_diversity_of_equal_pictures_is_zero_and_of_unrelated_ones_one() -> None:
    a, b = (torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    assert metrics.seed_diversity(a, a) == 0
    assert metrics.seed_diversity(a, b) == pytest.approx(1, abs=0.02)
    assert 0.4 < metrics.seed_diversity(a, 0.5 * (a + b)) < 0.7


def test_a_picture_that_repeats_inside_has_no_seam_and_a_ramp_has_a_large_one() -> None:
    x = torch.arange(16) * math.tau / 16
    waves = (x.cos()[:, None] + x.cos()).expand(1, 3, 16, 16)
    assert metrics.seam(waves) < 1
    ramp = torch.arange(16).float().expand(1, 3, 16, 16)  # 15 times the step at one pair of edges, nothing at the other
    assert metrics.seam(ramp) == pytest.approx(15 / 2)
    noise = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    assert metrics.seam(noise) == pytest.approx(1, abs=0.05)


def test_rising_steps_are_distinguished_from_the_others() -> None:
    assert metrics.rising([0, 1, 1, 2, 1]) == [True, False, True, False]


def test_the_largest_step_is_one_for_even_steps_and_more_where_there_is_a_jump() -> None:
    assert metrics.largest_step([0.2, 0.2, 0.2]) == pytest.approx(1)
    assert metrics.largest_step([1, 1, 4]) == pytest.approx(2)
    assert metrics.largest_step([0.0, 0.0]) == 1


def test_the_geometric_mean_of_inverses_is_one() -> None:
    assert metrics.geometric_mean([4.0, 0.25]) == pytest.approx(1)
    assert metrics.geometric_mean([2.0, 8.0]) == pytest.approx(4)
    assert metrics.geometric_mean([2.0, 0.0]) == 0


@pytest.mark.parametrize(
    ("loss", "steps"), [(10.0, 0), (11.0, 0), (8.0, 1), (9.0, 0.5), (5.0, 2.5), (4.0, 3), (0.1, 4), (2.0, 4), (3.0, 3.5)]
)
def test_a_loss_is_worth_the_steps_that_reach_it(loss: float, steps: float) -> None:
    assert metrics.equivalent_steps([10.0, 8.0, 6.0, 4.0, 2.0], loss) == pytest.approx(steps)


def test_feature_distances_are_those_of_each_picture() -> None:
    a, b = ({"x": torch.rand(3, 8, 5, 6), "y": torch.rand(3, 4, 3, 3)} for _ in range(2))
    alone = [metrics.feature_distance(*({name: x[i, None] for name, x in seen.items()} for seen in (a, b))) for i in range(3)]
    assert metrics.feature_distances(a, b).tolist() == pytest.approx(alone)


def test_progress_is_the_perceptual_path_length_and_one_at_full_style() -> None:
    moves = torch.tensor([[1.0, 4.0], [9.0, 4.0], [4.0, 16.0]])  # lengths 1, 3, 2 and 2, 2, 4
    assert metrics.progress(moves, 2) == pytest.approx([0, (0.25 + 0.5) / 2, 1, (1.5 + 2) / 2])


@pytest.mark.parametrize(("between", "expected"), [([1.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 1.0], 0.5)])
def test_position_is_the_share_of_the_way_between_two_pictures(between: list[float], expected: float) -> None:
    begin, middle, end = ({"a": torch.tensor(pixel)[None, :, None, None]} for pixel in ([1.0, 0.0], between, [0.0, 1.0]))
    assert metrics.position(begin, middle, end) == pytest.approx(expected, abs=1e-6)


def test_equal_pictures_have_position_zero() -> None:
    same = {"a": torch.ones(1, 2, 1, 1)}
    assert metrics.position(same, same, same) == 0


def test_pictures_that_do_not_change_make_no_progress() -> None:
    assert metrics.progress(torch.zeros(4, 2), 2) == [0.0] * 5


def test_a_loss_that_rises_for_a_while_counts_from_its_best_value() -> None:
    assert metrics.equivalent_steps([10.0, 6.0, 30.0, 2.0], 4.0) == pytest.approx(2.5)


def test_all_metrics_are_finite_for_a_flat_picture() -> None:
    flat = torch.full((1, 3, 40, 40), 0.5)
    values = [
        metrics.ssim(flat, flat),
        metrics.feature_distance({"x": torch.zeros(1, 2, 3, 3)}, {"x": torch.zeros(1, 2, 3, 3)}),
        *metrics.contrast_ratio([flat], flat),
        metrics.sharpness_ratio([flat], flat),
        metrics.shift_consistency(lambda x: x, flat),
        metrics.seed_diversity(flat, flat),
    ]
    assert all(map(math.isfinite, values))


PHOTOS = torch.rand(2, 3, 64, 48, generator=torch.Generator().manual_seed(4))


def test_luminance_of_a_picture_agrees_with_itself_at_any_brightness_and_contrast() -> None:
    torch.testing.assert_close(metrics.luminance_correlation(0.3 * PHOTOS + 0.2, PHOTOS, 8), torch.ones(2))


def test_luminance_of_a_negative_is_the_opposite() -> None:
    torch.testing.assert_close(metrics.luminance_correlation(1 - PHOTOS, PHOTOS, 8), -torch.ones(2))


def test_luminance_is_the_correlation_of_averaged_gray_pictures() -> None:
    other = PHOTOS.flip(3).sqrt()
    gray = [
        F.avg_pool2d((image * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1), 8).flatten(1)
        for image in (other, PHOTOS)
    ]
    expected = [torch.corrcoef(torch.stack(pair))[0, 1] for pair in zip(*gray, strict=True)]
    torch.testing.assert_close(metrics.luminance_correlation(other, PHOTOS, 8), torch.stack(expected))


def test_luminance_does_not_see_strokes() -> None:
    """A checkerboard of single pixels changes every pixel and no average."""
    strokes = torch.tensor([[0.2, -0.2], [-0.2, 0.2]]).repeat(32, 24)
    torch.testing.assert_close(metrics.luminance_correlation(PHOTOS + strokes, PHOTOS, 8), torch.ones(2))


def test_everything_agrees_with_a_flat_photo() -> None:
    assert metrics.luminance_correlation(PHOTOS, torch.full_like(PHOTOS, 0.5), 8).tolist() == [1, 1]


def test_a_flat_result_agrees_with_none_and_has_a_finite_gradient() -> None:
    flat = torch.full_like(PHOTOS, 0.5, requires_grad=True)
    correlation = metrics.luminance_correlation(flat, PHOTOS, 8)
    correlation.sum().backward()
    assert correlation.abs().max() < 1e-3
    assert flat.grad is not None and bool(flat.grad.isfinite().all())


def test_colors_that_follow_the_photos_regions_count_and_colors_anywhere_do_not() -> None:
    photo = torch.zeros(1, 3, 96, 96)
    photo[..., 48:] = 1
    follows = torch.stack([photo[:, 0], 1 - photo[:, 1], 0.3 * photo[:, 2]], 1)
    anywhere = torch.zeros(1, 3, 96, 96)
    anywhere[..., 16 * torch.arange(6)[:, None] + torch.arange(8), :] = 1
    assert metrics.region_variance(follows, photo) > 0.9
    assert metrics.region_variance(anywhere, photo) < 0.5
    assert metrics.region_variance(torch.full_like(photo, 0.5), photo) == 0
