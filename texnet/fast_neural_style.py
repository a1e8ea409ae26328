"""The network of pytorch/examples fast_neural_style (Johnson et al. 2016), to evaluate and time beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.errors import UserError
from texnet.tensor_files import read_tensors

STRIDE = 4  # such networks crop sides that it does not divide; :func:`stylize_with` pads to it

Net = TypeVar("Net", bound=nn.Module)


class TransformerNet(nn.Module):
    """The generator, rewritten: RGB 0..255 in and out, (N, 3, H, W).

    Modules are named as there, so that its published weights load.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.in1 = _Conv(3, 32, 9), _norm(32)
        self.conv2, self.in2 = _Conv(32, 64, 3, stride=2), _norm(64)
        self.conv3, self.in3 = _Conv(64, 128, 3, stride=2), _norm(128)
        self.res1, self.res2, self.res3, self.res4, self.res5 = (_Residual(128) for _ in range(5))
        self.deconv1, self.in4 = _Conv(128, 64, 3), _norm(64)
        self.deconv2, self.in5 = _Conv(64, 32, 3), _norm(32)
        self.deconv3 = _Conv(32, 3, 9)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.in1(self.conv1(x)))  # (N, 32, H, W)
        x = F.relu(self.in2(self.conv2(x)))
        x = F.relu(self.in3(self.conv3(x)))  # (N, 128, H / 4, W / 4)
        for block in (self.res1, self.res2, self.res3, self.res4, self.res5):
            x = block(x)
        x = F.relu(self.in4(self.deconv1(F.interpolate(x, scale_factor=2.0, mode="nearest"))))
        x = F.relu(self.in5(self.deconv2(F.interpolate(x, scale_factor=2.0, mode="nearest"))))
        return self.deconv3(x)


class _Conv(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.padding = (kernel // 2,) * 4
        self.conv2d = nn.Conv2d(channels_in, channels_out, kernel, stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2d(F.pad(x, self.padding, mode="reflect"))


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.in1 = _Conv(channels, channels, 3), _norm(channels)
        self.conv2, self.in2 = _Conv(channels, channels, 3), _norm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.in2(self.conv2(F.relu(self.in1(self.conv1(x)))))


def _norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, affine=True)


def load_transformer_net(path: str | Path) -> TransformerNet:
    """The network of pytorch/examples with its published weights; see :func:`load_published`."""
    return load_published(TransformerNet(), path, "pytorch/examples fast_neural_style")


def load_published(network: Net, path: str | Path, project: str) -> Net:
    """A network of another project with its published weights (state dict), float32, in evaluation mode.

    FileNotFoundError or UserError say what is wrong with the file.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        state = read_tensors(path, legacy=True)
        # files of torch before 0.4 hold statistics that instance norm never used
        state = {key: value for key, value in state.items() if "running_" not in key}
        network.load_state_dict(state)
    except Exception as error:  # torch raises many types on foreign files
        raise UserError(f"{path}: not a network of {project} ({type(error).__name__})") from error
    for name, weight in network.named_parameters():
        if not torch.isfinite(weight).all():
            raise UserError(f"{path}: the weights {name} are not finite")
    return network.eval().requires_grad_(False)


def stylize_with(network: nn.Module, photo: Tensor) -> Tensor:
    """Stylize RGB pictures, float (N, 3, H, W) in [0, 1], of any size: same size and range."""
    height, width = photo.shape[2:]
    padded = F.pad(photo, (0, -width % STRIDE, 0, -height % STRIDE), mode="replicate")
    stylized: Tensor = network(padded * 255)
    return stylized[..., :height, :width].div(255).clamp(0, 1)
