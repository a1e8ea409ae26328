"""Several processes as one training under torchrun; a single process needs nothing of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from texnet.devices import choose_device


class MainProcessError(RuntimeError):
    """The main process failed, and reports why; this one ends with it."""


@dataclass(frozen=True)
class DistributedContext:
    """This process among those of the training; ``local_`` counts those of its machine, which may share a card."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0
    local_world_size: int = 1
    shares_card: bool = False

    @property
    def is_main(self) -> bool:
        """Whether it is the one that writes files and messages."""
        return self.rank == 0

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """A block that the main process runs alone, then all others: what it downloads they find.

        Where it fails there, the others raise MainProcessError.
        """
        failed = torch.ones(1, dtype=torch.uint8)
        if self.world_size > 1 and not self.is_main:
            distributed.broadcast(failed, 0)
            if failed:
                raise MainProcessError("the main process failed")
        try:
            yield
            failed.zero_()
        finally:
            if self.world_size > 1 and self.is_main:
                distributed.broadcast(failed, 0)

    def wrap(self, generator: nn.Module, device: torch.device) -> nn.Module:
        """The generator, with gradients averaged over all processes where there are several."""
        if self.world_size == 1:
            return generator
        return DistributedDataParallel(generator, device_ids=[device.index] if device.type == "cuda" else None)

    def all_reduce_state(self, seconds: float, stop: bool) -> tuple[float, bool]:
        """The longest time and whether any process wants to stop, over all processes, which must all ask together.

        Exchanged between CPUs, so that no process waits for its GPU.
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
    names = {"RANK": 0, "WORLD_SIZE": 1, "LOCAL_RANK": 0, "LOCAL_WORLD_SIZE": 1}
    rank, world_size, local_rank, local_world_size = (int(os.environ.get(name, names[name])) for name in names)
    return DistributedContext(rank, world_size, local_rank, local_world_size)


def choose_card(context: DistributedContext, device: torch.device) -> tuple[DistributedContext, torch.device]:
    """The process and the device that it computes on: with ``cuda`` the card of its own, with ``cuda:0`` that one for all.

    UserError where there are fewer cards than processes.
    """
    if device.type != "cuda" or context.world_size == 1:
        return context, device
    if device.index is None:
        return context, choose_device(f"cuda:{context.local_rank}")
    return replace(context, shares_card=context.local_world_size > 1), device


@contextmanager
def process_group(context: DistributedContext, device: torch.device) -> Iterator[None]:
    """Join the processes of torchrun for the length of a block: gloo between CPUs, nccl between GPUs.

    NCCL refuses two processes on one card; what these exchange goes through gloo.
    """
    if context.world_size == 1:
        yield
        return
    has_own_card = device.type == "cuda" and not context.shares_card
    distributed.init_process_group("cpu:gloo,cuda:nccl" if has_own_card else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()
