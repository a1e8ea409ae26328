"""In which order the statistics of a generator's norms are measured on a picture larger than the memory, at the least cost.

A norm's statistics are those of the whole picture, and its input follows from the norms before it. So a picture is swept once
for every norm in the longest chain of them; norms whose inputs are known at the same time share a sweep. What a sweep computed
is kept in files, if it is not too large for them, and the next one goes on from there: then no layer is computed twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch

from texnet.generators.plane_operations import Convolve, Normalize, Pointwise
from texnet.generators.planes import Plane, planes_behind

LIMITS = (192, 64, 24, 0)  # bytes per pixel of the picture that a plane may have to be kept, as much of the disk is free
TRANSFER = 40.0  # multiplications in the time that a byte takes to a file or from there


@dataclass(frozen=True)
class Sweep:
    """One pass over the picture: which planes it computes (``wanted``), and from which (``read``).

    ``measured`` are the norms whose input is wanted, none in the last sweep, which wants the output. ``kept`` are planes to
    write, ``dropped`` those that no later sweep reads. ``work`` is in multiplications per pixel of the picture.
    """

    measured: tuple[Plane, ...]
    wanted: tuple[Plane, ...]
    read: tuple[Plane, ...]
    kept: tuple[Plane, ...]
    dropped: tuple[Plane, ...]
    work: float


def plan_sweeps(output: Plane, limit: float) -> list[Sweep]:
    """The sweeps that give a body's output, whose planes of at most ``limit`` bytes per pixel are kept in files."""
    norms = [plane for plane in planes_behind(output) if isinstance(plane.operation, Normalize)]
    known: set[Plane] = set()
    kept: set[Plane] = set()
    steps: list[tuple[list[Plane], list[Plane], set[Plane], list[Plane]]] = []
    while len(known) < len(norms):
        measured = [norm for norm in norms if norm not in known and _is_known(norm.sources[0], known, kept)]
        wanted = [norm.sources[0] for norm in measured]
        candidates = [plane for plane in _computed(wanted, kept) if _is_costly(plane) and bytes_of(plane, output) <= limit]
        steps.append((measured, wanted, set(kept), candidates))
        known.update(measured)
        kept.update(candidates)
    steps.append(([], [output], set(kept), []))
    sweeps: list[Sweep] = []
    read_later: set[Plane] = set()
    for measured, wanted, leaves, candidates in reversed(steps):
        computed = _computed(wanted, leaves)
        read = _sources(computed, wanted, leaves)
        writes = [plane for plane in candidates if plane in read_later]
        dropped = [plane for plane in read if plane.sources and plane not in read_later]
        traffic = sum(bytes_of(plane, output) for plane in [*read, *writes])
        work = sum(_work_of(plane, output) for plane in computed) + TRANSFER * traffic
        sweeps.append(Sweep(tuple(measured), tuple(wanted), tuple(read), tuple(writes), tuple(dropped), work))
        read_later.update(read)
    return sweeps[::-1]


def peak_bytes(sweeps: Sequence[Sweep], output: Plane) -> float:
    """The largest size of all files at a time, in bytes per pixel of the picture."""
    present = peak = 0.0
    for sweep in sweeps:
        present += sum(bytes_of(plane, output) for plane in sweep.kept)
        peak = max(peak, present)
        present -= sum(bytes_of(plane, output) for plane in sweep.dropped)
    return peak


def bytes_of(plane: Plane, output: Plane) -> float:
    """A plane's size in float32, in bytes per pixel of the picture."""
    return 4 * plane.shape[1] * plane.size[0] * plane.size[1] / (output.size[0] * output.size[1])


def _is_known(plane: Plane, known: Collection[Plane], kept: Collection[Plane]) -> bool:
    return all(p in known for p in _computed([plane], kept) if isinstance(p.operation, Normalize))


def _computed(wanted: Sequence[Plane], leaves: Collection[Plane]) -> list[Plane]:
    """The planes that are computed to get others, from leaves and the input, in order."""
    found: set[Plane] = set()
    unseen = [plane for plane in wanted if plane.sources and plane not in leaves]
    while unseen:
        plane = unseen.pop()
        if plane not in found:
            found.add(plane)
            unseen += [source for source in plane.sources if source.sources and source not in leaves]
    return sorted(found, key=lambda plane: plane.number)


def _sources(computed: Sequence[Plane], wanted: Sequence[Plane], leaves: Collection[Plane]) -> list[Plane]:
    reached = {source for plane in computed for source in plane.sources} | set(wanted)
    return sorted((p for p in reached if p in leaves or not p.sources), key=lambda plane: plane.number)


def _is_costly(plane: Plane) -> bool:
    """Whether it takes longer to compute than to read: a convolution, or a sum that stands for all layers before it."""
    operation = plane.operation
    return isinstance(operation, Convolve) or (isinstance(operation, Pointwise) and operation.function is torch.add)


def _work_of(plane: Plane, output: Plane) -> float:
    return plane.operation.work * plane.size[0] * plane.size[1] / (output.size[0] * output.size[1])
