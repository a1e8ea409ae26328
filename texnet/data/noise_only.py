"""A loader for texture networks, which are trained on noise alone: black images in place of photos."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager
from types import TracebackType

import torch
from torch import Tensor

STEPS_PER_EPOCH = 1000  # there is no data set to go through: half of the steps of Ulyanov et al. 2016


class NoiseOnlyLoader(AbstractContextManager["NoiseOnlyLoader"]):
    """Batches of black images, used like a :class:`texnet.data.CropLoader`; their sides are divisible by ``multiple``."""

    def __init__(self, *, batch_size: int, multiple: int) -> None:
        self.batch = NoiseOnlyBatch(batch_size, multiple)
        self.steps_per_epoch = STEPS_PER_EPOCH

    def epoch(self, epoch: int, first_step: int = 0) -> Generator[NoiseOnlyBatch, None, None]:
        """Yield the batches of an epoch, beginning with that of ``first_step``."""
        for _ in range(first_step, self.steps_per_epoch):
            yield self.batch

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass


class NoiseOnlyBatch:
    """Black images whose size is chosen by :meth:`cut`."""

    def __init__(self, count: int, multiple: int) -> None:
        self.count = count
        self.multiple = multiple

    def cut(self, size: int, device: torch.device | str = "cpu") -> Tensor:
        """Zeros: float (N, 3, S, S) on the device, S the smallest multiple that is at least ``size``."""
        side = -(-size // self.multiple) * self.multiple
        return torch.zeros(self.count, 3, side, side, device=device)
