"""What all generators share: noise joins the photo; the noise factor conditions norms, recolors the photo and blends both."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from texnet.generators.color_transform import ColorTransform
from texnet.generators.conditioning import ConditionalInstanceNorm, NoiseFactorConditioning, StyleReading, Unconditional
from texnet.generators.layers import PaddedConv
from texnet.metrics import LUMA
from texnet.noise_factor import blend_alpha

MIN_SIZE = 16  # smaller pictures are padded up to this, so that every reflection has something to reflect
OVERSHOOT = 1.18  # range of the tanh around 0.5: pure white and black are reached, not only approached


class Body(nn.Module):
    """The layers between input and RGB, in which generators differ.

    ``body(x, modulations)`` turns photo and noise, (N, photo_channels + noise_channels, H, W), with sides that ``stride``
    divides, and a modulation for each of its norms in order, into a picture (N, 3, H, W) of any range. ``receptive_radius``
    says how many pixels around an area whose corners ``stride`` divides have a part in it.

    With ``trims`` on it may leave out some of a border of ``receptive_radius`` pixels, as much on each side, where that is
    cheaper: only tiles ask for it.
    """

    bytes_per_channel: ClassVar[int]  # measured: peak memory of a float32 pass over pixels and width

    def __init__(self, *, stride: int, receptive_radius: int) -> None:
        super().__init__()
        self.stride = stride
        self.receptive_radius = receptive_radius
        self.trims = False


class Generator(nn.Module):
    """Stylize a photo at a noise factor f: (1 - a(f)) * recolored photo + a(f) * output of the network.

    a(0) = 0, and a(f) = 1 from f = 1 on.

    With ``keeps_chroma`` the network paints the difference from the photo's chroma, which is added to what it gives: instance
    norms erase a photo's overall colors at the first layer, and no network behind them can know these.

    With ``reads_photo`` off it makes a texture out of noise alone: the border is that of the opposite side, so that pictures
    tile, and the noise factor is always 1.
    """

    def __init__(
        self, body: Body, *, noise_channels: int, bytes_per_pixel: int, reads_photo: bool = True, keeps_chroma: bool = False
    ) -> None:
        super().__init__()
        self.body = body
        self.noise_channels = noise_channels
        self.stride = body.stride
        self.receptive_radius = body.receptive_radius
        self.reads_photo = reads_photo
        self.keeps_chroma = keeps_chroma
        self.padding_mode = "reflect" if reads_photo else "circular"
        for module in body.modules():
            if isinstance(module, PaddedConv):
                module.padding_mode = self.padding_mode
        self.bytes_per_pixel = bytes_per_pixel  # of memory that a float32 pass needs
        conditioning = NoiseFactorConditioning if reads_photo else Unconditional
        self.conditioning = conditioning([norm.gamma.numel() for norm in self.norms])
        self.color_transform = ColorTransform() if reads_photo else None

    @property
    def norms(self) -> list[ConditionalInstanceNorm]:
        """Its norms, in the order in which a picture passes them."""
        return [module for module in self.body.modules() if isinstance(module, ConditionalInstanceNorm)]

    def forward(
        self,
        noise: Tensor,
        content: Tensor | None = None,
        noise_factor: Tensor | None = None,
        *,
        blend: bool = True,
        style: StyleReading | None = None,
    ) -> Tensor:
        """Pictures (N, 3, H, W) in [0, 1], any H and W, from standard normal noise (N, noise_channels, H, W).

        ``content`` are the photos, (N, 3, H, W) in [0, 1], that all but a texture's generator need; ``noise_factor``, (N,),
        is 1 where it is left out. Without ``blend`` the photo's share is left out, which is 0 from full style on: that gives
        the same picture faster where every factor is 1 or more. ``style`` is what was read in a style picture for each photo.
        """
        factor = noise.new_ones(len(noise)) if noise_factor is None else noise_factor
        output = self._generate(noise, content, factor, style)
        if content is None:
            return output.clamp(0, 1)
        return self.blend(output, content, factor, style, blend=blend and noise_factor is not None)

    def blend(
        self, output: Tensor, content: Tensor, noise_factor: Tensor, style: StyleReading | None = None, *, blend: bool = True
    ) -> Tensor:
        """What the network painted, (N, 3, H, W), with the photos' chroma and the share of the recolored photos, in [0, 1]."""
        if self.keeps_chroma:
            output = output + chroma(content)
        if self.color_transform is None or not blend:
            return output.clamp(0, 1)
        alpha = blend_alpha(noise_factor)[:, None, None, None]
        recolored = self.color_transform(content, noise_factor, 0.0 if style is None else style.colors)
        return ((1 - alpha) * recolored + alpha * output).clamp(0, 1)

    def body_input(self, noise: Tensor, content: Tensor | None, noise_factor: Tensor) -> Tensor:
        """What the body gets, before its sides are made divisible: (N, 3 + noise_channels, H, W)."""
        photo = [2 * content - 1] if content is not None and self.reads_photo else []
        return torch.cat([*photo, noise_factor[:, None, None, None] * noise], dim=1)

    def _generate(self, noise: Tensor, content: Tensor | None, noise_factor: Tensor, style: StyleReading | None) -> Tensor:
        """The output of the network, (N, 3, H, W), its range a little wider than [0, 1]."""
        height, width = noise.shape[2:]
        x = self.body_input(noise, content, noise_factor)
        x = pad_to_stride(x, self.stride).contiguous(memory_format=torch.channels_last)  # sides that the stride divides
        modulations = self.conditioning(noise_factor)
        modulations = modulations if style is None else style.added_to(modulations)
        return squash(crop(self.run_body(x, modulations), height, width))  # (N, 3, H, W)

    def run_body(self, x: Tensor, modulations: list[Tensor]) -> Tensor:
        """The body's pass, as :class:`Body` has it: (N, 3, H, W), of any range."""
        output: Tensor = self.body(x, modulations)
        return output


def chroma(photo: Tensor) -> Tensor:
    """What remains of colors without their luminance: (N, 3, H, W) in [0, 1] -> (N, 3, H, W), 0 for grays."""
    photo = photo.float()
    red, green, blue = photo[:, :1], photo[:, 1:2], photo[:, 2:]
    return photo - (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue)


def squash(x: Tensor) -> Tensor:
    """What a body gives, of any range -> colors, float32, a little outside of [0, 1] at most."""
    return 0.5 + 0.5 * OVERSHOOT * torch.tanh(x.float())


# torch.export holds sizes after torch's own padding, and views of a part, to relations of the example's sizes: there, both go
# by index, and by a tensor for a divisor, as torch.onnx has no remainder of numbers. The names are new in torch 2.7.
_is_exporting: Callable[[], bool] = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)


def smallest_side(stride: int) -> int:
    """The side up to which smaller pictures are padded, pixels."""
    return max(MIN_SIZE, 2 * stride)


def pad_to_stride(x: Tensor, stride: int) -> Tensor:
    """Continue pictures of any size by their reflection, below and on the right, to sides that the stride divides."""
    height, width = x.shape[2:]
    padded_height, padded_width = padded_side(height, stride), padded_side(width, stride)
    if not _is_symbolic(height, width) and (height, width) == (padded_height, padded_width):
        return x  # saves a copy
    return _take(x, reflected(height, padded_height, x.device), reflected(width, padded_width, x.device))


def padded_side(side: int, stride: int) -> int:
    """The side to which pictures of a side are continued."""
    return _round_up(max(side, smallest_side(stride)), stride)


def crop(x: Tensor, height: int, width: int) -> Tensor:
    """The upper left (N, C, height, width)."""
    if not _is_symbolic(height, width):
        return x if x.shape[2:] == (height, width) else x[..., :height, :width]
    return _take(x, torch.arange(height, device=x.device), torch.arange(width, device=x.device))


def _is_symbolic(*sides: int) -> bool:
    """Whether a graph of any size is being exported, in which sides have no values."""
    return _is_exporting() and any(isinstance(side, torch.SymInt) for side in sides)


def _take(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    return x.index_select(2, rows).index_select(3, columns)  # (N, C, H, W) -> (N, C, len(rows), len(columns))


def _round_up(side: int, stride: int) -> int:
    return (side + stride - 1) // stride * stride


def reflected(side: int, padded: int, device: torch.device | str = "cpu") -> Tensor:
    """Indices 0, 1, ..., side - 1, side - 2, ..., 0, 1, ..., in all ``padded``."""
    last = side - 1
    place = torch.arange(padded, device=device) % torch.full((1,), max(2 * last, 1), dtype=torch.int64, device=device)
    return last - (last - place).abs()
