"""Stylize with the network, then continue from there with a few steps of slow optimization of the pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from texnet.devices import check_memory
from texnet.errors import UserError
from texnet.images import SMALLEST_SIDE
from texnet.losses import PerceptualLoss
from texnet.optimize import BYTES_PER_PIXEL, refine
from texnet.stylize.stylizer import Stylizer, as_noise_factor


@dataclass
class Refiner:
    """A stylizer followed by ``steps`` of L-BFGS on the loss it was trained with; used like a :class:`Stylizer`.

    ``on_step`` is called after each step.
    """

    stylizer: Stylizer
    loss: PerceptualLoss
    steps: int
    on_step: Callable[[], object] = lambda: None

    def __call__(self, image: Tensor, noise_factor: float = 1.0, seed: int = 0) -> Tensor:
        """As :meth:`Stylizer.__call__`; noise factor 0 is still the picture itself. UserError for too narrow a picture."""
        noise_factor = as_noise_factor(noise_factor)
        height, width = image.shape[2:]
        if noise_factor and min(height, width) < SMALLEST_SIDE:
            raise UserError(f"{width}x{height} pixels are too few to refine; {SMALLEST_SIDE} to a side are needed")
        output = self.stylizer(image, noise_factor, seed)
        if noise_factor == 0:
            return output
        device = self.stylizer.device
        check_memory(image.shape[2:], len(image) * BYTES_PER_PIXEL, device, "--max_size")
        content, start = image.to(device), output.to(device)
        uncalibrated_factor = self.stylizer.calibration.uncalibrated(noise_factor)  # what the loss was weighed by in training
        return refine(self.loss, content, start, steps=self.steps, noise_factor=uncalibrated_factor, on_step=self.on_step).cpu()
