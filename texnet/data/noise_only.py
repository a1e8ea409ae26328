"""Batches without photos: how many pictures of which size a texture network makes out of noise alone."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager
from types import TracebackType

import torch
from torch import Tensor

STEPS_PER_EPOCH = 1000  # half of the steps of Ulyanov et al. 2016


class NoiseOnlyLoader(AbstractContextManager["NoiseOnlyLoader"]):
    """Batches of no photos, used like a :class:`texnet.data.CropLoader`; their sides are divisible by ``multiple``."""

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
    """A number of pictures whose size is chosen when they are cut."""

    def __init__(self, count: int, multiple: int) -> None:
        self.count = count
        self.multiple = multiple

    def cut(self, size: int, device: torch.device | str = "cpu") -> Tensor:
        """Their number and size alone: an empty tensor (N, 0, S, S) on the device, S the next multiple from ``size`` on."""
        side = -(-size // self.multiple) * self.multiple
        return torch.empty(self.count, 0, side, side, device=device)
