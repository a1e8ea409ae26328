"""Several processes as one training under torchrun; a single process needs nothing of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class DistributedContext:
    """This process among those of the training."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0

    @property
    def is_main(self) -> bool:
        """Whether it is the one that writes and talks."""
        return self.rank == 0

    def wrap(self, generator: nn.Module, device: torch.device) -> nn.Module:
        """The generator, with gradients averaged over all processes where there are several."""
        if self.world_size == 1:
            return generator
        return DistributedDataParallel(generator, device_ids=[device.index] if device.type == "cuda" else None)

    def all_reduce_state(self, seconds: float, stop: bool) -> tuple[float, bool]:
        """The longest time and whether anyone wants to stop, over all processes, which must all ask together.

        Asked on the CPU, past the cards, so that nobody waits for what these are at.
        """
        if self.world_size == 1:
            return seconds, stop
        answer = torch.tensor([seconds, float(stop)], dtype=torch.float64)
        distributed.all_reduce(answer, distributed.ReduceOp.MAX)
        return float(answer[0]), bool(answer[1])

    def all_reduce_mean(self, values: Tensor) -> Tensor:
        """The mean of each value over all processes, which must all ask together."""
        if self.world_size == 1:
            return values
        total = values.clone()
        distributed.all_reduce(total)
        return total / self.world_size


SINGLE_PROCESS = DistributedContext()


def read_context() -> DistributedContext:
    """What torchrun says about this process, in its environment variables."""
    read = {name: int(os.environ.get(name, default)) for name, default in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0))}
    return DistributedContext(read["RANK"], read["WORLD_SIZE"], read["LOCAL_RANK"])


@contextmanager
def process_group(context: DistributedContext, device: torch.device) -> Iterator[None]:
    """Join the processes of torchrun for the length of a block: gloo between processors, nccl between their cards."""
    if context.world_size == 1:
        yield
        return
    distributed.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()
