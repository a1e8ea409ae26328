"""A second view of each photo, as the next frame of a camera has it: what holding still is learned from, without videos.

Shift, zoom and rotation are known, so what was painted on one view can be compared with the other at every pixel (Wang et
al., "Consistent video style transfer via compound regularization", AAAI 2020); exposure and sensor noise differ too. Nothing
moves within the picture, and no flow has to be estimated.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.devices import to_device
from texnet.ops import mean_square

SHIFT = 3.0  # largest shift along each axis, pixels
ZOOM = 0.02  # largest change of scale
ROTATION = 0.01  # largest angle, radians
EXPOSURE = 0.05  # largest relative change of brightness
SENSOR_NOISE = 2 / 255  # largest deviation of the noise of a pixel
MARGIN = 16  # pixels at the edges that are not compared: the second view shows what the first one does not
FLOOR = 1e-4  # smallest variance of photos that the term is divided by: a deviation of 2.5 levels of 255


class SecondView(NamedTuple):
    """Where the second view's pixels lie in the first one, (N, H, W, 2) in [-1, 1]; its exposure (N, 1, 1, 1) and sensor
    noise (N, 3, H, W).
    """

    places: Tensor
    exposure: Tensor
    sensor_noise: Tensor

    def move(self, image: Tensor, mode: str = "bicubic") -> Tensor:
        """What the second view shows of a picture of the first one: (N, C, H, W) -> (N, C, H, W)."""
        places = self.places.to(image.dtype)
        return F.grid_sample(image, places, mode=mode, padding_mode="reflection", align_corners=False)

    def photograph(self, photos: Tensor) -> Tensor:
        """The photos of the second view, (N, 3, H, W) in [0, 1]."""
        return (self.move(photos) * self.exposure + self.sensor_noise).clamp(0, 1)


def draw_second_view(photos: Tensor, random: torch.Generator) -> SecondView:
    """A second view for photos (N, 3, H, W), drawn on the CPU as each camera would: each picture its own."""
    count, channels, height, width = photos.shape
    signs = 2 * torch.rand(5, count, generator=random) - 1  # (5, N) in [-1, 1]
    scale, angle = 1 + ZOOM * signs[0], ROTATION * signs[1]
    across, down = 2 * SHIFT / width * signs[2], 2 * SHIFT / height * signs[3]
    cos, sin = scale * angle.cos(), scale * angle.sin()
    ratio = height / width  # of the axes' units, by which a rotation stays one
    rows = [torch.stack([cos, -sin * ratio, across], 1), torch.stack([sin / ratio, cos, down], 1)]
    places = F.affine_grid(torch.stack(rows, 1), [count, channels, height, width], align_corners=False)
    noise = torch.randn(photos.shape, generator=random) * SENSOR_NOISE * torch.rand(count, 1, 1, 1, generator=random)
    exposure = (1 + EXPOSURE * signs[4])[:, None, None, None]
    return SecondView(*(to_device(part, photos.device) for part in (places, exposure, noise)))


def unsteadiness(first: Tensor, second: Tensor, view: SecondView, photos: Tensor) -> Tensor:
    """How far paintings of second views lie from the moved paintings of the first ones: (N, 3, H, W) each -> a scalar.

    The mean square of the difference, edges left out, in units of the photos' variance.
    """
    inner = (..., slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))
    difference = (second.float() - view.move(first.float()))[inner]
    unit = photos.detach().float().var((2, 3), correction=0).mean().clamp(min=FLOOR)
    return mean_square(difference).mean() / unit
