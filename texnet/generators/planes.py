"""A generator's body as a graph of planes, of which any part can be computed: what large pictures are painted by, in tiles.

The graph is recorded from the body's own ``forward``, which gets a :class:`Plane` in place of a tensor. A plane answers to the
functions of torch that bodies are made of (https://docs.pytorch.org/docs/stable/notes/extending.html), and computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.generators.base import Generator
from texnet.generators.plane_operations import Border, Coarser, Convolve, Finer, Normalize, Operation, Pointwise, Region
from texnet.ops import instance_norm, interleave, replicate_pad, scale_and_shift
from texnet.ops.replicate_pad import Margins

NUMBERS = count()  # in the order in which planes are recorded
ReadPlane = Callable[["Plane", Region], Tensor]


class Plane:
    """A tensor (1, C, H, W) that is not there as a whole: how it is made of other planes. Without any it is the input."""

    def __init__(self, shape: Sequence[int], device: torch.device, operation: Operation, sources: Sequence[Plane] = ()) -> None:
        self.shape = torch.Size(shape)
        self.device = device
        self.operation = operation
        self.sources = tuple(sources)
        self.number = next(NUMBERS)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.shape[2], self.shape[3]

    @property
    def whole(self) -> Region:
        """All of it."""
        return Region(0, self.shape[2], 0, self.shape[3])

    def contiguous(self, memory_format: torch.memory_format = torch.contiguous_format) -> Plane:
        """Itself: parts are channels_last."""
        return self

    def __add__(self, other: Plane) -> Plane:
        return self._then(Pointwise(torch.add), others=[other])

    def __getitem__(self, places: Any) -> Plane:
        """Some of the channels, or one pixel in every square of a few."""
        if places[0] is Ellipsis or all(part == slice(None) for part in places[2:]):
            channels = len(range(self.shape[1])[places[1]])
            return self._then(Pointwise(lambda x: x[:, places[1]]), channels=channels)
        rows, columns = places[2:]
        if rows != columns or not rows.step:
            raise TypeError(f"a plane is not cut by {places}")
        return self._then(Coarser(rows.step, lambda x: x[:, :, rows, columns]))

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Plane:
        if function not in RECORDED:
            raise TypeError(f"planes do not know {getattr(function, '__name__', function)}: add it to RECORDED")
        return RECORDED[function](*args, **(kwargs or {}))

    def _then(self, operation: Operation, *, channels: int = 0, others: Sequence[Plane] = ()) -> Plane:
        height, width = self.size
        if isinstance(operation, Border):
            height, width = height + operation.top + operation.bottom, width + operation.left + operation.right
        elif isinstance(operation, Convolve):
            rows, columns = operation.kernel.shape[2:]
            height, width = (height - rows) // operation.stride + 1, (width - columns) // operation.stride + 1
        elif isinstance(operation, Coarser):
            height, width = height // operation.ratio, width // operation.ratio
        elif isinstance(operation, Finer):
            height, width = height * operation.ratio, width * operation.ratio
        shape = (1, channels or self.shape[1], height, width)
        return Plane(shape, self.device, operation, [self, *others])


def record(body: Callable[..., Any], channels: int, size: tuple[int, int], modulations: Sequence[Tensor]) -> Plane:
    """The output of a body for an input of (1, channels, height, width), whose sides its stride divides, as a plane."""
    source = Plane((1, channels, *size), modulations[0].device, Operation())
    output: Plane = body(source, list(modulations))
    return output


def merge_by_blocks(generator: Generator, block: int) -> None:
    """Let the norms merge their statistics from blocks of that side in pixels of the picture, as a picture in tiles has them.

    Only in passes without gradients. A norm at half the resolution has blocks of half the side.
    """
    sides = 2 * generator.stride
    channels = generator.noise_channels + (3 if generator.reads_photo else 0)
    with torch.no_grad():
        modulations = generator.conditioning(generator.norms[0].gamma.new_ones(1))
        output = record(generator.body, channels, (sides, sides), modulations)
    planes = [plane for plane in planes_behind(output) if isinstance(plane.operation, Normalize)]
    for norm, plane in zip(generator.norms, planes, strict=True):
        norm.block = block * plane.size[0] // sides


def planes_behind(output: Plane) -> list[Plane]:
    """All planes that a plane is made of, itself the last, in the order in which they were recorded."""
    found, unseen = {output}, [output]
    while unseen:
        new = set(unseen.pop().sources) - found
        found |= new
        unseen += new
    return sorted(found, key=lambda plane: plane.number)


def compute(
    wanted: Mapping[Plane, Region], order: Sequence[Plane], leaves: Iterable[Plane], read: ReadPlane
) -> dict[Plane, Tensor]:
    """Regions of planes, (1, C, h, w) each, from what ``read`` gives of those that are ``leaves``.

    ``order`` are the planes that may take part, each behind its sources. Every plane is computed once, just where it is needed.
    """
    ends = set(leaves)
    needed = dict(wanted)
    users: dict[Plane, int] = dict.fromkeys(wanted, 1)
    for plane in reversed(order):
        if plane not in needed or plane in ends:
            continue
        for source in plane.sources:
            region = plane.operation.needs(needed[plane], source.size)
            needed[source] = needed[source].joined(region) if source in needed else region
            users[source] = users.get(source, 0) + 1
    values: dict[Plane, Tensor] = {}
    for plane in order:
        if plane not in needed:
            continue
        if plane in ends:
            values[plane] = read(plane, needed[plane])
            continue
        region, operation = needed[plane], plane.operation
        inputs = [operation.needs(region, source.size).cut_from(values[source], needed[source]) for source in plane.sources]
        values[plane] = operation.compute(inputs, region, plane.sources[0].size)
        for source in plane.sources:
            users[source] -= 1
            if not users[source]:
                del values[source]
    return {plane: region.cut_from(values[plane], needed[plane]) for plane, region in wanted.items()}


def _convolve(x: Plane, weight: Tensor, bias: Tensor | None = None, stride: int | Sequence[int] = 1) -> Plane:
    step = stride if isinstance(stride, int) else stride[0]
    return x._then(Convolve(weight, bias, step), channels=len(weight))


def _pad(x: Plane, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Plane:
    if mode != "reflect":
        raise TypeError(f"planes have no border of kind {mode}")
    left, right, top, bottom = pad
    return x._then(Border(left, right, top, bottom))


def _replicate_pad(x: Plane, margins: Margins) -> Plane:
    left, right, top, bottom = margins
    return x._then(Border(left, right, top, bottom, repeats=True))


def _interpolate(x: Plane, **options: Any) -> Plane:
    ratio = int(options["scale_factor"])
    return x._then(Finer(ratio, partial(F.interpolate, **options)))


def _relu(x: Plane, inplace: bool = False) -> Plane:
    return x._then(Pointwise(F.relu))


def _pool(x: Plane, ratio: int) -> Plane:
    return x._then(Coarser(ratio, lambda part: F.avg_pool2d(part, ratio)))


def _shuffle(x: Plane, ratio: int) -> Plane:
    return x._then(Finer(ratio, lambda part: F.pixel_shuffle(part, ratio)), channels=x.shape[1] // ratio**2)


def _interleave(upper: Plane, lower: Plane) -> Plane:
    return upper._then(Finer(2, interleave), channels=upper.shape[1] // 2, others=[lower])


def _unshuffle(x: Plane, ratio: int) -> Plane:
    return x._then(Coarser(ratio, lambda part: F.pixel_unshuffle(part, ratio)), channels=x.shape[1] * ratio**2)


def _join(planes: Sequence[Plane], dim: int) -> Plane:
    channels = sum(plane.shape[1] for plane in planes)
    return planes[0]._then(Pointwise(lambda *parts: torch.cat(parts, dim)), channels=channels, others=planes[1:])


def _normalize(x: Plane, scale: Tensor, shift: Tensor, epsilon: float, block: int = 0) -> Plane:
    return x._then(Normalize(scale, shift, epsilon))


def _scale(x: Plane, scale: Tensor, shift: Tensor) -> Plane:
    return x._then(Pointwise(lambda part: scale_and_shift(part, scale, shift)))


RECORDED: dict[Any, Callable[..., Plane]] = {
    F.conv2d: _convolve,
    F.pad: _pad,
    F.interpolate: _interpolate,
    F.relu: _relu,
    F.avg_pool2d: _pool,
    F.pixel_shuffle: _shuffle,
    F.pixel_unshuffle: _unshuffle,
    torch.cat: _join,
    instance_norm: _normalize,
    interleave: _interleave,
    replicate_pad: _replicate_pad,
    scale_and_shift: _scale,
}
