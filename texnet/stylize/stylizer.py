"""Stylize pictures with a trained generator: tensor in, tensor out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from numbers import Real
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import Checkpoint, plain_name
from texnet.checkpoint.content import NO_STYLE
from texnet.config import LossConfig
from texnet.devices import autocast, check_memory
from texnet.errors import UserError
from texnet.files import exists
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.generators.noise import draw_noise
from texnet.generators.planes import merge_by_blocks
from texnet.images import load_style

StylizeFn = Callable[[Tensor, float, int], Tensor]  # a Stylizer or what wraps one: image, noise factor, seed

UNCALIBRATED = Calibration()
BLOCK = 256  # side of the blocks whose sums the norms' statistics are merged from, pixels of the picture
BFLOAT16_MEMORY = 0.75  # measured: of what float32 needs, at most


class Stylizer:
    """A trained generator with its calibration: ``Stylizer.load("style.pt")(image, noise_factor=0.7)``.

    ``precision`` is the number format of its convolutions, float32 or bfloat16.
    """

    def __init__(
        self,
        generator: Generator,
        *,
        style: str,
        max_noise_factor: float,
        fixed_noise_factor: float = 0.0,
        calibration: Calibration = UNCALIBRATED,
        device: torch.device | str = "cpu",
        precision: torch.dtype = torch.float32,
    ) -> None:
        self.generator = generator.to(device).to(memory_format=torch.channels_last).eval()
        self.style = style
        self.max_noise_factor = max_noise_factor
        self.fixed_noise_factor = fixed_noise_factor
        self.calibration = calibration
        self.device = torch.device(device)
        self.precision = precision
        self.block = max(BLOCK, generator.stride)
        if self.device.type == "cpu":  # elsewhere many small sums take long, and kernels round by size anyway
            merge_by_blocks(generator, self.block)
        self.bytes_per_pixel = int(generator.bytes_per_pixel * (1 if precision == torch.float32 else BFLOAT16_MEMORY))

    @classmethod
    def load(cls, path: str | Path, device: torch.device | str = "cpu", precision: torch.dtype = torch.float32) -> Stylizer:
        """The stylizer of a checkpoint. FileNotFoundError or UserError say what is wrong with the file."""
        checkpoint = Checkpoint.load(path)
        if checkpoint.style_reader:
            raise UserError(f"{path}: {NO_STYLE}")
        return cls.of(checkpoint, device, precision)

    @classmethod
    def untrained(
        cls, texture: str | Path, device: torch.device | str = "cpu", precision: torch.dtype = torch.float32
    ) -> Stylizer:
        """A preview of a style picture's file, as the shipped pretrained generator reads it, before any training.

        FileNotFoundError or UserError say what is wrong with the file.
        """
        from texnet.training.initialization import read_style  # with all of training, which stylizing does without

        if not exists(texture):
            raise FileNotFoundError(f"--texture {texture}: no such picture")
        read = read_style(load_style(texture, LossConfig().style_size))
        return cls.of(replace(read, styles=(plain_name(Path(texture).stem),)), device, precision)

    @classmethod
    def of(cls, checkpoint: Checkpoint, device: torch.device | str = "cpu", precision: torch.dtype = torch.float32) -> Stylizer:
        """The stylizer of a checkpoint that was read. UserError where it is a network for textures."""
        if checkpoint.generator_config.no_content:
            raise UserError(
                f"{checkpoint.source}: a network for textures, which repaints no photos; use it with texnet synthesize"
            )
        return cls(
            checkpoint.generator(),
            style=checkpoint.styles[0],
            max_noise_factor=checkpoint.generator_config.max_noise_factor,
            fixed_noise_factor=checkpoint.generator_config.fixed_noise_factor,
            calibration=checkpoint.calibration,
            device=device,
            precision=precision,
        )

    @torch.no_grad()
    def __call__(self, image: Tensor, noise_factor: float = 1.0, seed: int = 0) -> Tensor:
        """Stylize RGB pictures, float (N, 3, H, W) in [0, 1], any size: same size and range, on the CPU.

        ``noise_factor`` 0 returns the picture itself, 1 paints the trained style, more paints stronger, up to
        ``max_noise_factor``. Between 0 and 1 a calibrated network covers that share of the perceptual path length. For a
        factor per pixel call :func:`texnet.stylize.stylize_with_mask`. The same seed gives the same picture. UserError for
        a factor that the network was not trained for, or that is not one number, and for pictures in another form.
        """
        if image.ndim != 4 or image.shape[1] != 3 or not image.is_floating_point():
            form = f"{image.dtype} {tuple(image.shape)}".removeprefix("torch.")
            raise UserError(f"pictures of {form}: give float (N, 3, H, W) in [0, 1], as load_image does")
        noise_factor = as_noise_factor(noise_factor)
        self.check_noise_factor(noise_factor)
        if noise_factor == 0:
            return image.clone().cpu()
        check_memory(image.shape[2:], len(image) * self.bytes_per_pixel, self.device, "--max_size")
        image = image.to(self.device)
        noise = draw_noise(seed, (1, self.generator.noise_channels, *image.shape[2:]), self.device)
        uncalibrated = self.calibration.uncalibrated(noise_factor)
        factors = torch.full((len(image),), uncalibrated, device=self.device)
        with autocast(self.precision, self.device):
            output: Tensor = self.generator(noise.expand(len(image), -1, -1, -1), image, factors, blend=uncalibrated < 1)
        return output.cpu()

    def check_noise_factor(self, noise_factor: float, flag: str = "--noise_factor") -> None:
        """UserError, which names the flag, for a factor that the network was not trained for."""
        if not 0 <= noise_factor <= self.max_noise_factor:
            raise UserError(f"{flag} {noise_factor:g}: this network goes from 0 to {self.max_noise_factor:g}")
        if self.fixed_noise_factor and noise_factor not in (0, self.fixed_noise_factor):
            raise UserError(f"{flag} {noise_factor:g}: trained for {self.fixed_noise_factor:g} alone; give that, or 0")

    def nearest_noise_factor(self, noise_factor: float) -> float:
        """The factor nearest to one that the network was trained for; of a network for one alone that, but for 0."""
        if self.fixed_noise_factor:
            return self.fixed_noise_factor if noise_factor else 0.0
        return max(0.0, min(noise_factor, self.max_noise_factor))


def as_noise_factor(value: object) -> float:
    """A single number, such as a tensor or an array without dimensions, as a float; UserError for anything else."""
    if isinstance(value, Real) or getattr(value, "ndim", None) == 0:
        return float(value)  # type: ignore[arg-type]
    shape = f" of shape {tuple(value.shape)}" if hasattr(value, "shape") else ""
    raise UserError(f"noise_factor is one number, not a {type(value).__name__}{shape}; for a mask call stylize_with_mask")
