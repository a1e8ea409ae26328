"""Synthesize textures of any size with a trained generator, in tiles that fit together, at constant memory.

A tile is generated with the noise of its place in an endless plane, and with a halo as wide as the network's receptive radius.
The norms keep statistics that were measured once. So its pixels are those that the whole plane would have, and there are no
seams. A plane that repeats its noise is a texture that tiles."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import Checkpoint
from texnet.checkpoint.content import NO_STYLE
from texnet.devices import autocast
from texnet.errors import UserError
from texnet.generators import Generator
from texnet.generators.conditioning import fix_statistics
from texnet.generators.noise import noise_at
from texnet.images import to_bytes

TILE = 640  # side of what is generated at a time, pixels: bounds the memory
STRIP_PIXELS = 2**23  # of a strip of tiles: wider pictures are made of lower strips
SAMPLE = 512  # side of the picture on which the norms' statistics are measured, pixels
SAMPLE_SEED = 0


class Synthesizer:
    """A trained texture generator: ``Synthesizer.load("style.pt")((1024, 2048), seed=3, tileable=True)``.

    ``precision`` is the number format of its convolutions, float32 or bfloat16.
    """

    def __init__(
        self,
        generator: Generator,
        *,
        style: str,
        device: torch.device | str = "cpu",
        precision: torch.dtype = torch.float32,
        tile: int = TILE,
        sample: int = SAMPLE,
    ) -> None:
        own = copy.deepcopy(generator)  # its norms keep statistics
        self.generator = own.to(device).to(memory_format=torch.channels_last).eval().requires_grad_(False)
        self.style = style
        self.device = torch.device(device)
        self.precision = precision
        self.tile = tile
        self.halo = self._divisible(own.receptive_radius)
        places = torch.arange(self._divisible(sample))
        own.body.trims = False
        fix_statistics(own, lambda: self._generate(SAMPLE_SEED, places, places))
        own.body.trims = True

    @classmethod
    def load(cls, path: str | Path, device: torch.device | str = "cpu", precision: torch.dtype = torch.float32) -> Synthesizer:
        """The synthesizer of a checkpoint. FileNotFoundError or UserError say what is wrong with the file."""
        checkpoint = Checkpoint.load(path)
        generator = checkpoint.generator()
        if generator.reads_photo:
            raise UserError(f"{path}: a network that repaints photos, not one for textures; use it with texnet stylize")
        if checkpoint.style_reader:
            raise UserError(f"{path}: {NO_STYLE}")
        return cls(generator, style=checkpoint.styles[0], device=device, precision=precision)

    def __call__(self, size: tuple[int, int], seed: int = 0, *, tileable: bool = False) -> Tensor:
        """A texture of (height, width), any size: uint8 (3, H, W), on the CPU. The same seed gives the same picture."""
        return torch.cat(list(self.strips(size, seed, tileable=tileable)), dim=1)

    def strips(self, size: tuple[int, int], seed: int = 0, *, tileable: bool = False) -> Iterator[Tensor]:
        """The same from top to bottom in strips, uint8 (3, h, W), for pictures larger than the memory.

        ``tileable`` pictures continue at their opposite edges. They repeat after a multiple of the network's stride: other
        sizes are generated at the next multiple and reduced to theirs.
        """
        height, width = size
        period = self._divisible(height), self._divisible(width)
        lines = self._strip_height(width)
        for top in range(0, height, lines):
            rows = range(top, min(top + lines, height))
            columns = (range(left, min(left + self.tile, width)) for left in range(0, width, self.tile))
            tiles = [to_bytes(self._tile(seed, rows, part, size, period if tileable else None)).cpu() for part in columns]
            yield torch.cat(tiles, dim=2)

    def num_strips(self, size: tuple[int, int]) -> int:
        """How many strips :meth:`strips` gives for a size, (height, width)."""
        height, width = size
        return len(range(0, height, self._strip_height(width)))

    def _strip_height(self, width: int) -> int:
        return min(self.tile, max(self.generator.stride, STRIP_PIXELS // width))

    def _tile(self, seed: int, rows: range, columns: range, size: tuple[int, int], period: tuple[int, int] | None) -> Tensor:
        """A part of the picture, (3, rows, columns) in [0, 1] of a plane that repeats after ``period``, brought to ``size``."""
        if period is None or period == size:
            return self._area(seed, rows, columns, period)
        down, across = resampling(rows, period[0], size[0]), resampling(columns, period[1], size[1])
        area = self._area(seed, down.source, across.source, period)
        return down.weights.to(area) @ area @ across.weights.to(area).T

    def _area(self, seed: int, rows: range, columns: range, period: tuple[int, int] | None) -> Tensor:
        """An area of the plane, (3, rows, columns) in [0, 1], with its halo generated with it and cut off."""
        places = [torch.arange(*self._around(part)) for part in (rows, columns)]
        top, left = rows.start - int(places[0][0]), columns.start - int(places[1][0])
        if period is not None:
            places = [place % length for place, length in zip(places, period, strict=True)]
        output = self._generate(seed, *places)[0]  # (3, H, W)
        trimmed = (len(places[0]) - output.shape[1]) // 2
        return output[:, top - trimmed :, left - trimmed :][:, : len(rows), : len(columns)]

    def _around(self, part: range) -> tuple[int, int]:
        stride = self.generator.stride
        return part.start // stride * stride - self.halo, self._divisible(part.stop) + self.halo

    def _divisible(self, length: int) -> int:
        """The next multiple of the stride from a length on."""
        stride = self.generator.stride
        return (length + stride - 1) // stride * stride

    @torch.no_grad()
    def _generate(self, seed: int, rows: Tensor, columns: Tensor) -> Tensor:
        """What the generator makes of the noise at rows (H,) and columns (W,) of the plane: (1, 3, H, W) in [0, 1]."""
        noise = noise_at(seed, self.generator.noise_channels, rows, columns, device=self.device)
        with autocast(self.precision, self.device):
            output: Tensor = self.generator(noise)
        return output


@dataclass(frozen=True)
class Resampling:
    """Which pixels of the source are needed, and their weights, (wanted, needed), whose rows add up to 1."""

    source: range
    weights: Tensor


def resampling(wanted: range, length: int, new_length: int) -> Resampling:
    """How to get the wanted pixels after ``length`` of the source became ``new_length``."""
    centers = (torch.arange(wanted.start, wanted.stop, dtype=torch.float64) + 0.5) * length / new_length - 0.5
    source = range(int(centers[0].floor()) - 1, int(centers[-1].floor()) + 3)
    distances = (centers[:, None] - torch.arange(source.start, source.stop)).abs()
    near = (1.5 * distances - 2.5) * distances**2 + 1
    far = ((2.5 - 0.5 * distances) * distances - 4) * distances + 2
    return Resampling(source, torch.where(distances < 1, near, torch.where(distances < 2, far, 0.0)).float())
