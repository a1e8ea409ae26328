"""A trained generator in plain operators, which every runtime has: the same weights, the same pictures.

What differs from :class:`texnet.generators.Generator`, and why:

- One picture at a time: scale and shift are then the two inputs of an ordinary instance norm. A norm's own gamma and beta
  are multiplied into the last layer of the network that makes them from the noise factor.
- The photo's share, its recoloring and the last layer's constants are one affine map of colors.
- Input channels of a convolution are filled up with zeros to a multiple of four: with six, onnxruntime's WebGPU backend
  gives wrong pictures (onnxruntime issue 29651).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.generators import Generator
from texnet.generators.base import OVERSHOOT, crop, pad_to_stride
from texnet.generators.color_transform import RATE, ColorTransform
from texnet.generators.conditioning import (
    EPSILON,
    ConditionalInstanceNorm,
    NoiseFactorConditioning,
    Unconditional,
    factor_basis,
)
from texnet.generators.layers import DoublingConv, LastConv, PaddedConv
from texnet.metrics import LUMA
from texnet.noise_factor import blend_alpha

CHANNEL_MULTIPLE = 4  # of the input of every convolution


class Strength(NamedTuple):
    """What a noise factor decides: output = gain * tanh(body) + (photo's colors times ``colors``) + ``offset``.

    ``colors`` is (3, 3), ``offset`` (3,), ``norms`` a scale and a shift, (C,) each, per norm of the body.
    """

    factor: Tensor
    gain: Tensor
    colors: Tensor
    offset: Tensor
    norms: list[tuple[Tensor, Tensor]]


class PortableGenerator(nn.Module):
    """A generator for photos, of one picture at a time, at any uncalibrated factor."""

    def __init__(self, generator: Generator, make_norm: Callable[[], nn.Module] | None = None) -> None:
        super().__init__()
        assert isinstance(generator.conditioning, NoiseFactorConditioning), "a generator for textures"
        assert generator.color_transform is not None
        self.stride = generator.stride
        self.noise_channels = generator.noise_channels
        parts = generator.conditioning, generator.norms, generator.color_transform
        self.strength = _StrengthNetwork(*parts, keeps_chroma=generator.keeps_chroma)
        self.body = deepcopy(generator.body)
        _replace(self.body, ConditionalInstanceNorm, lambda norm: (make_norm or PlainNorm)())
        _replace(self.body, PaddedConv, PlainConv)
        self.eval().requires_grad_(False)

    def forward(self, content: Tensor, noise: Tensor, uncalibrated_factor: Tensor) -> Tensor:
        """A picture (1, 3, H, W) in [0, 1], any H and W, from a photo of that shape and range.

        ``noise`` is standard normal, (1, noise_channels, H, W), the factor (1,).
        """
        strength = self.strength(uncalibrated_factor)
        return self.blend(content, self.paint(content, strength.factor * noise, strength.norms), strength)

    def blend(self, content: Tensor, painted: Tensor, strength: Strength) -> Tensor:
        """What the network painted, (1, 3, H, W) in (-1, 1), with the photo's share: (1, 3, H, W) in [0, 1]."""
        return (strength.gain * painted + _recolor(content, strength.colors, strength.offset)).clamp(0, 1)

    def paint(self, content: Tensor, noise: Tensor, norms: Sequence[tuple[Tensor, ...]]) -> Tensor:
        """What the network paints, (1, 3, H, W) in (-1, 1)."""
        height, width = content.shape[2:]
        x = pad_to_stride(torch.cat([2 * content - 1, noise], dim=1), self.stride)
        return torch.tanh(crop(self.body(x, norms), height, width))


class FoldedGenerator(nn.Module):
    """The same at one uncalibrated factor above 0, which is no input any more: the network that conditions norms is gone."""

    def __init__(self, generator: Generator, uncalibrated_factor: float) -> None:
        super().__init__()
        whole = PortableGenerator(generator)
        strength = whole.strength(torch.tensor([uncalibrated_factor]))
        self.noise_channels, self.stride = whole.noise_channels, whole.stride
        self.factor = uncalibrated_factor
        self.gain = strength.gain.item()
        self.shows_photo = uncalibrated_factor < 1 or generator.keeps_chroma
        self.colors = nn.Buffer(strength.colors)
        self.offset = nn.Buffer(strength.offset)
        self.scales = nn.ParameterList(scale for scale, _ in strength.norms)
        self.shifts = nn.ParameterList(shift for _, shift in strength.norms)
        del whole.strength
        self.whole = whole
        self.eval().requires_grad_(False)

    def forward(self, content: Tensor, noise: Tensor) -> Tensor:
        """As that of :class:`PortableGenerator`."""
        norms = list(zip(self.scales, self.shifts, strict=True))
        painted = self.gain * self.whole.paint(content, self.factor * noise, norms)
        photo = _recolor(content, self.colors, self.offset) if self.shows_photo else 0.5
        return (painted + photo).clamp(0, 1)


class PlainNorm(nn.Module):
    """Instance norm by torch's own operator, with a scale and a shift, (C,) each: (1, C, H, W) -> (1, C, H, W)."""

    def forward(self, x: Tensor, modulation: tuple[Tensor, Tensor]) -> Tensor:
        return F.instance_norm(x, weight=modulation[0], bias=modulation[1], eps=EPSILON)


class PlainConv(nn.Module):
    """Convolution over a reflected border, possibly of a doubled picture: (1, C, H, W) -> (1, C', H / stride, W / stride)."""

    def __init__(self, padded: PaddedConv) -> None:
        super().__init__()
        assert padded.padding_mode == "reflect"
        weight, bias, self.stride, self.shuffle = padded.kernel, padded.conv.bias, padded.conv.stride[0], 1
        if isinstance(padded, LastConv):
            (weight, bias), self.stride, self.shuffle = padded.for_four_pixels(), 2, 2
        self.doubles = isinstance(padded, DoublingConv)
        self.missing = -weight.shape[1] % CHANNEL_MULTIPLE
        self.weight = nn.Parameter(F.pad(weight, (0, 0, 0, 0, 0, self.missing)).detach())
        self.bias = None if bias is None else nn.Parameter(bias.detach())
        self.padding = padded.padding

    def forward(self, x: Tensor) -> Tensor:
        if self.doubles:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        if self.missing:
            x = F.pad(x, (0, 0, 0, 0, 0, self.missing))
        if self.padding[0]:
            x = F.pad(x, self.padding, mode="reflect")
        x = F.conv2d(x, _as_float32(self.weight), self.bias, self.stride)
        return x if self.shuffle == 1 else F.pixel_shuffle(x, self.shuffle)


class _StrengthNetwork(nn.Module):
    """The small networks that turn an uncalibrated factor, (1,), into a :class:`Strength`."""

    def __init__(
        self,
        conditioning: NoiseFactorConditioning | Unconditional,
        norms: Sequence[ConditionalInstanceNorm],
        color_transform: ColorTransform,
        *,
        keeps_chroma: bool,
    ) -> None:
        super().__init__()
        assert isinstance(conditioning, NoiseFactorConditioning)
        self.channels = [norm.gamma.numel() for norm in norms]
        self.mlp = deepcopy(conditioning.mlp)
        self.weight, self.bias = _scales_and_shifts(conditioning, norms)
        self.color_transform = deepcopy(color_transform)
        self.chroma = nn.Buffer(torch.eye(3) - torch.tensor(LUMA)) if keeps_chroma else None

    def forward(self, uncalibrated_factor: Tensor) -> Strength:
        basis = factor_basis(uncalibrated_factor)  # (1, BASIS)
        alpha = blend_alpha(uncalibrated_factor)  # (1,); once alone: torch 2.15 exports two equal clamps wrongly
        change = self.color_transform.last(self.color_transform.mlp(basis)).view(3, 4) * (RATE * alpha.sqrt())
        matrix, constant = change[:, :3], change[:, 3]
        colors = (1 - alpha) * (torch.eye(3) + matrix)
        if self.chroma is not None:
            colors = colors + alpha * self.chroma
        offset = (1 - alpha) * (constant - matrix.sum(1) / 2) + 0.5 * alpha
        values = F.linear(self.mlp(basis), _as_float32(self.weight), self.bias)[0]  # scales of all norms, then their shifts
        parts: list[Tensor] = []
        begin = 0
        for size in 2 * self.channels:
            parts.append(values.narrow(0, begin, size))  # no split, for whose outputs WebGPU lacks buffers
            begin += size
        norms = list(zip(parts[: len(self.channels)], parts[len(self.channels) :], strict=True))
        return Strength(uncalibrated_factor, 0.5 * OVERSHOOT * alpha, colors, offset, norms)


def halve_weights(network: nn.Module) -> None:
    """Keep the weights of convolutions and of the conditioning as float16; they are computed with as float32."""
    for module in network.modules():
        if isinstance(module, PlainConv | _StrengthNetwork):
            module.weight = nn.Parameter(module.weight.half(), requires_grad=False)


def _as_float32(weight: Tensor) -> Tensor:
    return weight if weight.dtype == torch.float32 else weight.float()  # without a trace in the graph where nothing changes


def _scales_and_shifts(
    conditioning: NoiseFactorConditioning, norms: Sequence[ConditionalInstanceNorm]
) -> tuple[nn.Parameter, nn.Parameter]:
    """The last layer's weight and bias: gamma * (1 + dgamma) of all norms, then beta + dbeta, linear in its input as well."""
    weights = [part.chunk(2) for part in torch.split(conditioning.last.weight, conditioning.sizes)]
    biases = [part.chunk(2) for part in torch.split(conditioning.last.bias, conditioning.sizes)]
    scales = [norm.gamma[:, None] * weight for (weight, _), norm in zip(weights, norms, strict=True)]
    ones = [norm.gamma * (1 + bias) for (bias, _), norm in zip(biases, norms, strict=True)]
    zeros = [norm.beta + bias for (_, bias), norm in zip(biases, norms, strict=True)]
    weight = torch.cat([*scales, *(shift for _, shift in weights)]).detach()  # (2 * all channels, hidden)
    return nn.Parameter(weight), nn.Parameter(torch.cat([*ones, *zeros]).detach())


def _recolor(content: Tensor, colors: Tensor, offset: Tensor) -> Tensor:
    """A color map of every pixel: (1, 3, H, W) -> (1, 3, H, W)."""
    return (content.permute(0, 2, 3, 1) @ colors.T + offset).permute(0, 3, 1, 2)


def _replace(parent: nn.Module, kind: type[nn.Module], make: Callable[[PaddedConv], nn.Module]) -> None:
    """Put another module in the place of every one of a kind."""
    for name, child in parent.named_children():
        if isinstance(child, kind):
            setattr(parent, name, make(child))  # type: ignore[arg-type]
        else:
            _replace(child, kind, make)
