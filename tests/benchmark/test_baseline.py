"""The recipe that training speed is compared with is that of pytorch/examples."""

from __future__ import annotations

import pytest
import torch

from texnet.benchmark import baseline
from texnet.losses.features import Features, layer_names
from texnet.losses.style import gram_matrix

TAPS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")


def test_vgg_is_cut_after_the_layers_of_the_recipe() -> None:
    names = list(layer_names("vgg16"))
    assert [names[end - 1] for end in baseline.SLICES[1:]] == list(TAPS)


def test_vgg_gives_the_features_of_ours_but_for_the_border() -> None:
    vgg, features = baseline._Vgg16(), Features("vgg16", TAPS)
    features.load_state_dict(dict(zip(features.state_dict(), vgg.parameters(), strict=True)))
    image = torch.rand(1, 3, 64, 64)
    theirs, ours = vgg(baseline._normalize(image * 255))[0], features(image)["relu1_2"]
    torch.testing.assert_close(theirs[..., 2:-2, 2:-2], ours[..., 2:-2, 2:-2])
    assert not torch.allclose(theirs, ours)


def test_its_gram_matrix_is_ours() -> None:
    features = torch.rand(2, 5, 6, 7)
    torch.testing.assert_close(baseline._gram(features), gram_matrix(features))


@pytest.mark.slow
def test_it_learns() -> None:
    step = baseline.build_baseline_step(torch.rand(2, 3, 32, 32))
    losses = [step() for _ in range(6)]
    assert losses[-1] < losses[0]
