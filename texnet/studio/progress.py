"""How much of a painting is done: the layers of its networks tell, as each of them ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import accumulate
from typing import Any

from torch import nn

from texnet.generators.layers import PaddedConv


@contextmanager
def telling(networks: Sequence[nn.Module], rehearse: Callable[[], object], tell: Callable[[float], object]) -> Iterator[None]:
    """While the block paints a picture, ``tell`` the share of it that is done, rising, in (0, 1].

    ``rehearse`` paints the same at a small size before: so the layers that are to come are known, and what each costs.
    """
    costs: list[int] = []
    with _hearing(networks, costs.append):
        rehearse()
    shares = (done / sum(costs) for done in accumulate(costs))
    with _hearing(networks, lambda cost: tell(next(shares, 1.0))):
        yield


@contextmanager
def _hearing(networks: Sequence[nn.Module], hear: Callable[[int], object]) -> Iterator[None]:
    """Let every convolution say its number of multiplications once it is done."""

    def count(layer: nn.Module, given: Any, output: Any) -> None:
        assert isinstance(layer, PaddedConv)
        hear(layer.conv.weight.numel() * output.shape[-2] * output.shape[-1])

    with ExitStack() as hooks:
        for layer in {part for network in networks for part in network.modules() if isinstance(part, PaddedConv)}:
            hooks.callback(layer.register_forward_hook(count).remove)
        yield
