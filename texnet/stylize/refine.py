"""Paint with the network, then go on with a few steps of slow optimization from there."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from texnet.devices import check_memory
from texnet.losses import PerceptualLoss
from texnet.optimize import BYTES_PER_PIXEL, refine
from texnet.stylize import Stylizer
from texnet.stylize.masks import stylize_with_mask


class Refiner:
    """A stylizer followed by ``steps`` of L-BFGS on the loss it was trained with; used like a :class:`Stylizer`.

    ``on_step`` is called after each step.
    """

    def __init__(
        self, stylizer: Stylizer, loss: PerceptualLoss, steps: int, on_step: Callable[[], object] = lambda: None
    ) -> None:
        self.stylizer = stylizer
        self.loss = loss
        self.steps = steps
        self.on_step = on_step

    def __call__(self, image: Tensor, noise_factor: float | Tensor = 1.0, seed: int = 0) -> Tensor:
        """As :meth:`Stylizer.__call__`; noise factor 0 is still the picture itself."""
        if isinstance(noise_factor, Tensor):
            return stylize_with_mask(self, image, noise_factor, seed)
        painted = self.stylizer(image, noise_factor, seed)
        if noise_factor == 0:
            return painted
        device = self.stylizer.device
        check_memory(image.shape[2:], len(image) * BYTES_PER_PIXEL, device, "--max_size")
        content, start = image.to(device), painted.to(device)
        uncalibrated_factor = self.stylizer.calibration.uncalibrated(noise_factor)  # what the loss was weighed by in training
        return refine(self.loss, content, start, steps=self.steps, noise_factor=uncalibrated_factor, on_step=self.on_step).cpu()
