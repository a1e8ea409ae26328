"""The network of lengstrom/fast-style-transfer (TensorFlow), to evaluate beside ours."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.fast_neural_style import load_published

EPSILON = 1e-3
NUM_BLOCKS = 5


class StyleTransferNet(nn.Module):
    """The generator, rewritten for weights that were converted to PyTorch's layout: RGB 0..255 in and out, (N, 3, H, W).

    TensorFlow's SAME padding, transposed convolutions, instance norm after every layer, the last one included.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = _Conv(3, 32, 9), _Conv(32, 64, 3, stride=2), _Conv(64, 128, 3, stride=2)
        self.res1, self.res2, self.res3, self.res4, self.res5 = (_Residual(128) for _ in range(NUM_BLOCKS))
        self.deconv1, self.deconv2 = _TransposedConv(128, 64), _TransposedConv(64, 32)
        self.conv_out = _Conv(32, 3, 9)

    def forward(self, x: Tensor) -> Tensor:
        for conv in (self.conv1, self.conv2, self.conv3):
            x = F.relu(conv(x))
        for block in (self.res1, self.res2, self.res3, self.res4, self.res5):
            x = block(x)  # (N, 128, H / 4, W / 4)
        for deconv in (self.deconv1, self.deconv2):
            x = F.relu(deconv(x))
        return torch.tanh(self.conv_out(x)) * 150 + 127.5


class _Normalized(nn.Module):
    """A kernel and the scale and shift of the instance norm after it."""

    def __init__(self, shape: tuple[int, ...], channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))
        self.scale, self.shift = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def normalize(self, x: Tensor) -> Tensor:
        return F.instance_norm(x, weight=self.scale, bias=self.shift, eps=EPSILON)


class _Conv(_Normalized):
    def __init__(self, channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__((channels_out, channels_in, kernel, kernel), channels_out)
        before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
        self.padding, self.stride = (before, after, before, after), stride

    def forward(self, x: Tensor) -> Tensor:
        return self.normalize(F.conv2d(F.pad(x, self.padding), self.weight, stride=self.stride))


class _TransposedConv(_Normalized):
    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__((channels_in, channels_out, 3, 3), channels_out)

    def forward(self, x: Tensor) -> Tensor:
        return self.normalize(F.conv_transpose2d(x, self.weight, stride=2)[..., :-1, :-1])


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = _Conv(channels, channels, 3), _Conv(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.relu(self.conv1(x)))


def load_style_transfer_net(path: str | Path) -> StyleTransferNet:
    """The network with the weights of a state dict; see :func:`texnet.fast_neural_style.load_published`."""
    return load_published(StyleTransferNet(), path, "lengstrom/fast-style-transfer")
