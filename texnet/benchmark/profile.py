"""Where the time of our training step goes: by part of the step and by kind of operation, from torch's profiler."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from texnet.benchmark.setup import BenchmarkSetup, random_pictures
from texnet.benchmark.summary import Figure
from texnet.benchmark.training import BATCH, build_our_step
from texnet.config import BenchmarkConfig
from texnet.reporting.tables import Table

LABELS = ("generator", "loss", "backward", "update")  # of TrainStep
REST = "rest"
ACTIVITIES = {"cpu": (), "cuda": (ProfilerActivity.CUDA,), "xpu": (ProfilerActivity.XPU,)}

# the first whose pattern is in an operation's name; what has none takes that of the operation which called it
KINDS = {
    "norm": r"(instance|group|batch|layer)_?norm",
    "convolution": r"conv(?!ert)",
    "matrix product": r"mm\b|mm_?backward|matmul|linear\b",
    "padding": r"pad\b|pad2d",
    "resampling": r"pool|upsample|interpolate",
    "copies and casts": r"copy|clone|contiguous|::to\b|::cat\b|fill_|zero_|stack|detach",
    "optimizer and average": r"optimizer|_foreach|adam|lerp|clip_grad",
    "pointwise": r"relu|threshold|tanh|clamp|\b(add|sub|rsub|mul|div|neg|pow|sqrt|abs|square|where|exp|log)|mse|sum\b|mean\b",
}
OTHER = "other"


@dataclass(frozen=True)
class TimeShares:
    """Shares of the step's time, each group with the sum 1: of its parts, and of the kinds of operation in them."""

    parts: dict[str, float]
    kinds: dict[str, float]

    def table(self) -> Table:
        """Parts and kinds beside each other, the kinds falling."""
        parts = [(name, f"{share:.1%}") for name, share in self.parts.items()]
        kinds = [(name, f"{share:.1%}") for name, share in sorted(self.kinds.items(), key=lambda item: -item[1])]
        rows = [[*part, *kind] for part, kind in zip_longest(parts, kinds, fillvalue=("", ""))]
        title = "Our training step, by part and by kind of operation"
        return Table(("part", "share", "kind", "share"), rows, title)

    def figures(self) -> Sequence[Figure]:
        """The three kinds of operation that take most."""
        largest = sorted(self.kinds.items(), key=lambda item: -item[1])[:3]
        return [Figure(f"share of the step: {name}", f"{share:.0%}") for name, share in largest]


def measure_profile(setup: BenchmarkSetup, config: BenchmarkConfig) -> TimeShares:
    """Profile training steps after a first one: processor time on the CPU, time of kernels on a card.

    Both groups are empty on a device that torch cannot profile.
    """
    device = setup.device
    if device.type not in ACTIVITIES:
        return TimeShares({}, {})
    step = build_our_step(setup, random_pictures(BATCH, config.size, config.size).to(device))
    step()
    with profile(activities=[ProfilerActivity.CPU, *ACTIVITIES[device.type]]) as profiler:
        for _ in range(config.rounds):
            step()
        if device.type != "cpu":
            torch.accelerator.synchronize()
    return share_out(profiler.events() or [], on_cpu=device.type == "cpu")


def share_out(events: Iterable[Any], *, on_cpu: bool) -> TimeShares:
    """Shares from a profiler's events: an operation counts to the label that was open when it began.

    The label's own time, that of Python between operations, counts on the CPU only.
    """
    calls = [event for event in events if _is_call(event) and (on_cpu or event.name not in LABELS)]
    spans = sorted((e.time_range.start, e.time_range.end, e.name) for e in events if _is_call(e) and e.name in LABELS)
    parts, kinds = Counter(dict.fromkeys((*LABELS, REST), 0.0)), Counter(dict.fromkeys((*KINDS, OTHER), 0.0))
    for event in calls:
        spent = event.self_cpu_time_total if on_cpu else event.self_device_time_total
        parts[_label_at(event.time_range.start, spans)] += spent
        kinds[kind_of(event)] += spent
    total = sum(parts.values())
    if not total:
        return TimeShares({}, {})
    return TimeShares(*({name: spent / total for name, spent in group.items()} for group in (parts, kinds)))


def kind_of(event: Any) -> str:
    """The kind of an operation: the norm that it is a part of, else what its own name or a caller's says."""
    kinds = []
    while event is not None:
        kinds += [kind for kind, pattern in KINDS.items() if re.search(pattern, event.name, re.IGNORECASE)][:1]
        event = event.cpu_parent
    return "norm" if "norm" in kinds else next(iter(kinds), OTHER)


def _is_call(event: Any) -> bool:
    return event.device_type.name == "CPU"  # the others are kernels, which count to the call that started them


def _label_at(moment: float, spans: list[tuple[float, float, str]]) -> str:
    place = bisect_right(spans, moment, key=lambda span: span[0]) - 1
    return spans[place][2] if place >= 0 and moment <= spans[place][1] else REST
