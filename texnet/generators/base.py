"""What all generators share: noise joins the photo; the noise factor conditions norms, recolors the photo and blends both."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.generators.color_transform import ColorTransform
from texnet.generators.conditioning import NoiseFactorConditioning, Unconditional
from texnet.generators.layers import PaddedConv
from texnet.generators.norms import ConditionalInstanceNorm
from texnet.strength import blend_alpha

MIN_SIZE = 16  # smaller pictures are padded up to this, so that every reflection has something to reflect
OVERSHOOT = 1.18  # range of the tanh around 0.5: pure white and black are reached, not only approached


class Generator(nn.Module):
    """Repaint a photo at a noise factor: (1 - a(f)) recolored photo + a(f) painted, a(0) = 0 and a(f) = 1 from full style on.

    The ``body`` turns photo and noise, (N, 3 + noise_channels, H, W) with sides that its ``stride`` divides, and a
    modulation for each of its norms in order, into a picture (N, 3, H, W) of any range. Its ``receptive_radius`` says how
    many pixels around an area whose corners ``stride`` divides have a part in it.

    With ``reads_photo`` off it makes a texture out of noise alone: the body gets no photo, the border is that of the opposite
    side, so that pictures tile, and the noise factor is always 1.
    """

    def __init__(self, body: nn.Module, *, noise_channels: int, bytes_per_pixel: int, reads_photo: bool = True) -> None:
        super().__init__()
        self.body = body
        self.noise_channels = noise_channels
        self.stride: int = body.stride  # type: ignore[assignment]
        self.receptive_radius: int = body.receptive_radius  # type: ignore[assignment]
        self.reads_photo = reads_photo
        self.padding_mode = "reflect" if reads_photo else "circular"
        for module in body.modules():
            if isinstance(module, PaddedConv):
                module.padding_mode = self.padding_mode
        self.bytes_per_pixel = bytes_per_pixel  # of memory that a float32 pass needs
        norms = [module for module in body.modules() if isinstance(module, ConditionalInstanceNorm)]
        conditioning = NoiseFactorConditioning if reads_photo else Unconditional
        self.conditioning = conditioning([norm.gamma.numel() for norm in norms])
        self.color_transform = ColorTransform() if reads_photo else None

    def forward(self, photo: Tensor, noise_factor: Tensor, noise: Tensor) -> Tensor:
        """Paint (N, 3, H, W) in [0, 1] at factors (N,) with standard normal noise (N, noise_channels, H, W).

        Any H and W; the result has the photo's size and range.
        """
        height, width = photo.shape[2:]
        amount = noise_factor[:, None, None, None]
        read = [2 * photo - 1] if self.reads_photo else []
        x = torch.cat([*read, amount * noise], dim=1)  # (N, 3 + noise_channels, H, W)
        x = _pad(x, self.stride).contiguous(memory_format=torch.channels_last)
        raw = self.body(x, self.conditioning(noise_factor)).float()[..., :height, :width]
        painted = 0.5 + 0.5 * OVERSHOOT * torch.tanh(raw)
        if self.color_transform is None or _hides_photo(noise_factor):
            return painted.clamp(0, 1)
        share = blend_alpha(amount)
        return ((1 - share) * self.color_transform(photo, noise_factor) + share * painted).clamp(0, 1)


def _hides_photo(noise_factor: Tensor) -> bool:
    """Is all painted at full style or beyond? Asked where nothing is learned alone, as the answer waits for the device."""
    return not torch.is_grad_enabled() and bool((noise_factor >= 1).all())


def _pad(x: Tensor, stride: int) -> Tensor:
    height, width = x.shape[2:]
    smallest = max(MIN_SIZE, 2 * stride)
    down = max(smallest, -(-height // stride) * stride) - height
    right = max(smallest, -(-width // stride) * stride) - width
    mode = "reflect" if down < height and right < width else "replicate"
    return F.pad(x, (0, right, 0, down), mode=mode) if down or right else x
