"""Panoramas of the whole sphere (equirectangular, 360 by 180 degrees), without a seam where they wrap or knots at the poles."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.devices import autocast, check_memory
from texnet.errors import UserError
from texnet.generators.conditioning import fix_statistics
from texnet.generators.layers import PaddedConv
from texnet.generators.noise import noise_at
from texnet.stylize.stylizer import Stylizer, as_noise_factor

BLEND = (math.radians(45), math.radians(60))  # latitudes between which a pole's cap replaces the panorama
STROKES = 6  # pixels: what is smaller is replaced in a narrow zone of twice that, as the mean of two strokes is none
CAP_PICTURE = 1  # the first of two pictures, one for each pole, whose noise the caps take; the panorama's is 0
EDGE = 4  # pixels around a picture that bicubic interpolation may reach
MEMORY = 1.5  # of a picture of that size: padding, and caps


class Panorama:
    """A stylizer of equirectangular panoramas, used like the :class:`Stylizer` that it is put around.

    Every convolution continues left and right by the opposite side. That is what a picture wrapped around by the network's
    reach on either side would give, except that each pixel counts once in the norms' statistics. Near the poles, where the
    projection tears strokes apart, a cap is painted in an azimuthal view along the axis, with the norms' statistics of the
    whole panorama; by latitude it replaces the panorama. The view is equidistant: along meridians its scale is the equator's
    throughout, across them at most 1.1 times that. A rectilinear one has 1.7 times that at its edge.
    """

    def __init__(self, stylizer: Stylizer) -> None:
        self.stylizer = stylizer
        self.generator = copy.deepcopy(stylizer.generator)  # its norms keep statistics

    @torch.no_grad()
    def __call__(self, image: Tensor, noise_factor: float = 1.0, seed: int = 0) -> Tensor:
        """Stylize panoramas (N, 3, H, W) in [0, 1], twice as wide as high: same size and range, on the CPU.

        Otherwise as :meth:`Stylizer.__call__`. UserError for another ratio of width to height.
        """
        noise_factor = as_noise_factor(noise_factor)
        self.stylizer.check_noise_factor(noise_factor)
        height, width = image.shape[2:]
        if abs(width - 2 * height) > 1:
            raise UserError(f"--projection equirectangular: {width}x{height} pixels; such a panorama is twice as wide as high")
        if noise_factor == 0:
            return image.clone().cpu()
        check_memory(image.shape[2:], int(MEMORY * self.stylizer.bytes_per_pixel), self.stylizer.device, "--max_size")
        uncalibrated = self.stylizer.calibration.uncalibrated(noise_factor)
        return torch.cat([self._paint(panorama, uncalibrated, seed) for panorama in torch.split(image, 1)]).cpu()

    def _paint(self, image: Tensor, factor: float, seed: int) -> Tensor:
        image = image.to(self.stylizer.device)
        height, width = image.shape[2:]
        stride = self.generator.stride
        fitted = -(-width // stride) * stride  # the network's grid must come around to where it began
        whole = _resize_width(image, fitted)
        rows, columns = torch.arange(height), torch.arange(fitted)
        output: list[Tensor] = []
        self._set_padding("wrapped")
        fix_statistics(self.generator, lambda: output.append(self._run(whole, rows, columns, factor, seed, picture=0)))
        painted = _resize_width(output[0], width)
        self._set_padding("reflect")
        for number, pole in enumerate((1, -1)):
            cap = self._paint_cap(image, pole, factor, seed, CAP_PICTURE + number)
            painted = _lay_cap(painted, cap, pole)
        return painted

    def _paint_cap(self, image: Tensor, pole: int, factor: float, seed: int, picture: int) -> Tensor:
        """The view to a pole, (1, 3, S, S), painted: as wide as the blend and the network's reach need."""
        per_radian = image.shape[3] / (2 * math.pi)  # pixels
        half = math.ceil(per_radian * (math.pi / 2 - BLEND[0])) + self.generator.receptive_radius
        place = torch.arange(2 * half)
        return self._run(_view_pole(image, pole, half), place, place, factor, seed, picture)

    def _set_padding(self, mode: str) -> None:
        for module in self.generator.modules():
            if isinstance(module, PaddedConv):
                module.padding_mode = mode

    def _run(self, image: Tensor, rows: Tensor, columns: Tensor, factor: float, seed: int, picture: int) -> Tensor:
        noise = noise_at(seed, self.generator.noise_channels, rows, columns, picture, image.device)
        with autocast(self.stylizer.precision, self.stylizer.device):
            output: Tensor = self.generator(noise, image, image.new_full((1,), factor), blend=factor < 1)
        return output


def _view_pole(image: Tensor, pole: int, half: int) -> Tensor:
    """The equidistant view to a pole, 1 or -1, at the scale of the equator: (1, 3, H, W) -> (1, 3, 2 * half, 2 * half)."""
    side = torch.arange(-half, half, device=image.device) + 0.5
    down, right = torch.meshgrid(side, side, indexing="ij")
    latitude = math.pi / 2 - torch.hypot(down, right) * (2 * math.pi / image.shape[3])
    latitude = latitude.clamp(min=-math.pi / 2)  # of a small panorama the corners lie beyond the other pole
    return _look_up(image, pole * latitude, torch.atan2(right, down))


def _lay_cap(panorama: Tensor, cap: Tensor, pole: int) -> Tensor:
    """A panorama (1, 3, H, W) with a pole's cap, the view to it, blended in by latitude."""
    height, width = panorama.shape[2:]
    rows = (torch.arange(height, device=panorama.device) + 0.5) / height
    latitude = pole * (math.pi / 2 - math.pi * rows)  # (H,), pi / 2 at the pole
    near = latitude > BLEND[0]
    longitude = 2 * math.pi * (torch.arange(width, device=panorama.device) + 0.5) / width - math.pi
    per_radian = width / (2 * math.pi)
    radius = (per_radian * (math.pi / 2 - latitude[near]))[:, None]  # pixels of the view from the pole
    half = cap.shape[3] / 2
    grid = torch.stack([radius * torch.sin(longitude), radius * torch.cos(longitude)], dim=-1) / half  # (rows, W, 2)
    seen = F.grid_sample(cap, grid[None], mode="bicubic", align_corners=False).clamp(0, 1)
    change = seen - panorama[..., near, :]
    smooth = _smooth(change)
    wide = BLEND[1] - BLEND[0]
    narrow = min(2 * STROKES / per_radian, wide)
    of_smooth, of_strokes = (_step(latitude[near], width)[:, None] for width in (wide, narrow))
    result = panorama.clone()
    result[..., near, :] += of_smooth * smooth + of_strokes * (change - smooth)
    return result.clamp(0, 1)


def _step(latitude: Tensor, width: float) -> Tensor:
    """A smoothstep of that width, from 0 to 1, in the middle of BLEND."""
    t = ((latitude - sum(BLEND) / 2) / width + 0.5).clamp(0, 1)
    return t * t * (3 - 2 * t)


def _smooth(image: Tensor) -> Tensor:
    """The upper or lower rows of a panorama without what is smaller than STROKES, by a mean of means: (1, 3, rows, W)."""
    for _ in range(2):
        padded = F.pad(F.pad(image, (STROKES, STROKES, 0, 0), mode="circular"), (0, 0, STROKES, STROKES), mode="replicate")
        image = F.avg_pool2d(padded, 2 * STROKES + 1, 1)
    return image


def _look_up(image: Tensor, latitude: Tensor, longitude: Tensor) -> Tensor:
    """The colors of a panorama (1, 3, H, W) at latitudes and longitudes in radians, (S, S) each: (1, 3, S, S), bicubic."""
    height, width = image.shape[2:]
    surrounded = _surround(image)
    x = (longitude + math.pi) * width / (2 * math.pi) + EDGE
    y = (math.pi / 2 - latitude) * height / math.pi + EDGE
    grid = torch.stack([2 * x / surrounded.shape[3] - 1, 2 * y / surrounded.shape[2] - 1], dim=-1)
    return F.grid_sample(surrounded, grid[None], mode="bicubic", align_corners=False).clamp(0, 1)


def _surround(image: Tensor) -> Tensor:
    """A panorama with EDGE pixels around: beyond a pole is the other side of it, beyond left and right the opposite side."""
    across = image.roll(image.shape[3] // 2, 3)  # half-way around
    image = torch.cat([across[..., :EDGE, :].flip(2), image, across[..., -EDGE:, :].flip(2)], dim=2)
    return F.pad(image, (EDGE, EDGE, 0, 0), mode="circular")


def _resize_width(image: Tensor, width: int) -> Tensor:
    """A panorama (1, 3, H, W) at a width that differs by a few pixels, bicubic, around the seam."""
    height, before = image.shape[2:]
    if before == width:
        return image
    padded = F.pad(image, (EDGE, EDGE, 0, 0), mode="circular")
    x = (torch.arange(width, device=image.device) + 0.5) * before / width + EDGE
    y = torch.arange(height, device=image.device) + 0.5
    grid = torch.stack(torch.meshgrid(2 * x / padded.shape[3] - 1, 2 * y / height - 1, indexing="xy"), dim=-1)
    return F.grid_sample(padded, grid[None], mode="bicubic", padding_mode="border", align_corners=False).clamp(0, 1)
