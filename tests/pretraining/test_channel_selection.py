"""A narrower VGG: its channels, and the weights that are fitted to them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from texnet.losses.features import CHANNELS, VGG_CHANNELS, Features
from texnet.pretraining.channel_selection import Teacher, choose_channels, fit_layers, pivots

TAPS = ("relu1_2", "relu2_2")


@pytest.fixture(scope="module")
def vgg() -> Features:
    torch.manual_seed(1)
    features = Features("vgg19", ("conv1_1", "conv1_2", "conv2_1", "conv2_2", *TAPS))
    for parameter in features.parameters():
        torch.nn.init.kaiming_normal_(parameter) if parameter.ndim > 1 else torch.nn.init.normal_(parameter, std=0.1)
    return features


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    return torch.rand(12, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_of_redundant_variables_one_is_chosen() -> None:
    values = torch.randn(1000, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([3.0, 2.0, 1.0])
    doubled = torch.cat([values, -values, values.sum(1, keepdim=True)], 1)  # (1000, 7) of rank 3
    chosen = pivots(doubled.T @ doubled / 1000, 3)
    assert torch.linalg.matrix_rank(doubled[:, chosen]) == 3
    assert 6 in chosen  # the sum varies most
    assert chosen.tolist() == sorted(chosen.tolist())


def test_channels_without_variance_are_chosen_last() -> None:
    covariance = torch.diag(torch.tensor([0.0, 1.0, 0.0, 2.0, 0.5]))
    assert pivots(covariance, 3).tolist() == [1, 3, 4]


def test_the_teacher_gives_as_many_channels_as_the_student_divided_by_their_mean(vgg: Features, pictures: Tensor) -> None:
    teacher = choose_channels(vgg, pictures)
    with torch.no_grad():
        all_features, features = vgg(pictures), teacher(pictures, TAPS)
    for tap, width in zip(TAPS, CHANNELS["compact"], strict=False):
        channels = teacher.channels[tap]
        assert features[tap].shape[1] == width == len(set(channels.tolist()))
        assert torch.allclose(features[tap], all_features[tap][:, channels] / teacher.feature_norm[tap])
        assert all_features[tap].mean().item() == pytest.approx(teacher.feature_norm[tap], rel=1e-5)


def test_a_vgg_of_repeated_channels_is_reproduced_by_the_fitted_student(pictures: Tensor) -> None:
    torch.manual_seed(2)
    vgg = Features("vgg19", ("conv1_1", "conv1_2", *TAPS[:1]))
    first, second = (module for module in vgg.features if isinstance(module, torch.nn.Conv2d))
    kept = CHANNELS["compact"][0]
    for module in (first, second):
        torch.nn.init.kaiming_normal_(module.weight)
        torch.nn.init.normal_(module.bias, std=0.1)
        with torch.no_grad():
            module.weight[kept:] = module.weight[: VGG_CHANNELS[0] - kept]
            module.bias[kept:] = module.bias[: VGG_CHANNELS[0] - kept]
    teacher = choose_channels(vgg, pictures)
    student = Features("compact", TAPS[:1])
    fit_layers(student, teacher, pictures)
    with torch.no_grad():
        features, target = student(pictures)["relu1_2"], teacher(pictures, TAPS[:1])["relu1_2"]
    assert (features - target).abs().mean() < 0.02 * target.mean()


def test_a_fitted_student_explains_half_of_the_variance(vgg: Features, pictures: Tensor) -> None:
    teacher: Teacher = choose_channels(vgg, pictures)
    student = Features("compact", TAPS)
    fit_layers(student, teacher, pictures)
    with torch.no_grad():
        features, target = student(pictures)["relu1_2"], teacher(pictures, TAPS[:1])["relu1_2"]
    assert (features - target).square().mean() < 0.5 * target.var(dim=(0, 2, 3)).mean()
