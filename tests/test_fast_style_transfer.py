"""The network of lengstrom/fast-style-transfer."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from texnet.errors import UserError
from texnet.evaluation.networks import load_network
from texnet.fast_neural_style import stylize_with
from texnet.fast_style_transfer import StyleTransferNet, load_style_transfer_net


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Random weights, in float16 as published ones are."""
    torch.manual_seed(0)
    state = {name: 0.1 * torch.randn_like(weight).half() for name, weight in StyleTransferNet().state_dict().items()}
    torch.save(state, tmp_path / "theirs.pth")
    return tmp_path / "theirs.pth"


def test_weights_are_read_as_they_were_written(path: Path) -> None:
    state = torch.load(path, weights_only=True)
    network = load_style_transfer_net(path).state_dict()
    assert all(torch.equal(network[name], weight.float()) for name, weight in state.items())


@pytest.mark.parametrize(("height", "width"), [(64, 48), (33, 50)])
def test_it_is_evaluated_at_any_size_and_has_no_strength(path: Path, height: int, width: int) -> None:
    network, photo = load_network(str(path), torch.device("cpu")), torch.rand(1, 3, height, width)
    assert network.max_noise_factor is None
    output = network.stylize(photo, 1.0, 0)
    assert output.shape == photo.shape
    assert torch.equal(output, stylize_with(load_style_transfer_net(path), photo))


def test_a_transposed_convolution_is_the_gradient_of_the_padded_strided_one(path: Path) -> None:
    """TensorFlow defines it so; SAME padding of an even side by a stride of 2 pads behind alone."""
    layer = load_style_transfer_net(path).deconv1
    big, small = torch.rand(1, 64, 16, 16, requires_grad=True), torch.rand(1, 128, 8, 8)
    strided = F.conv2d(F.pad(big, (0, 1, 0, 1)), layer.weight, stride=2)
    (expected,) = torch.autograd.grad(strided, big, small)
    torch.testing.assert_close(layer(small), layer.normalize(expected), rtol=1e-4, atol=1e-4)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    torch.save({"conv1.weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(UserError, match=r"other\.pth: not a network of lengstrom/fast-style-transfer"):
        load_style_transfer_net(tmp_path / "other.pth")


def test_weights_that_are_not_finite_are_refused(path: Path) -> None:
    state = torch.load(path, weights_only=True)
    state["conv2.shift"] = torch.full((64,), torch.nan)
    torch.save(state, path)
    with pytest.raises(UserError, match=r"the weights conv2\.shift are not finite"):
        load_style_transfer_net(path)
