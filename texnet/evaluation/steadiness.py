"""How much networks flicker on moving pictures, ours following the camera and all of them frame by frame, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from texnet.config import EvaluateConfig
from texnet.errors import UserError
from texnet.evaluation.networks import Network, load_network
from texnet.reporting.tables import Table, format_number
from texnet.stylize import Stylizer
from texnet.video import CameraTracker, SteadyStylizer, metrics
from texnet.video.convert import open_reader

PANS = {"pan 1 px": (0.0, 1.0), "pan 2 px": (0.0, 2.0), "pan 3 px": (0.0, 3.0), "pan 0.5 px": (0.5, 0.5)}
COLUMNS = (
    "network",
    *PANS,
    "noise gain",
    "static deviation",
    "exposure pop",
    "warping error",
    "excess warping error",
)
PER_SECOND = 25.0  # of folders of frames
MIN_FRAMES = 2
SMALLEST = 128  # side: pans halve a frame and leave out its border


def measure_steadiness(
    config: EvaluateConfig, device: torch.device, on_network: Callable[[str], object] = lambda name: None
) -> Table:
    """The metrics of :mod:`texnet.video.metrics` for each network; ``on_network`` gets the name of each before its turn.

    Stills are the first frame of ``config.video``, halved for pans. Warping errors, of squares in [0, 1], are times 1000.
    UserError for a video with less than two frames, and as of its reader.
    """
    reader = open_reader(Path(config.video), PER_SECOND)
    frames = [frame.image for frame in islice(reader, config.max_images or None)]
    if len(frames) < MIN_FRAMES:
        raise UserError(f"--video {config.video}: a single frame; flicker needs more")
    height, width = frames[0].shape[2:]
    if min(height, width) < SMALLEST:
        raise UserError(f"--video {config.video}: {width}x{height} pixels; flicker needs {SMALLEST} to a side")
    flows = metrics.find_flows(frames)
    still = metrics.warping_error(frames, flows)
    rows = []
    for path in config.ckpt:
        for name, begin in _ways(path, config, device):
            on_network(name)
            rows.append([name, *map(format_number, _measure(begin, frames, flows, still))])
    unpainted = [format_number(None)] * (len(COLUMNS) - 3) + [format_number(1000 * still), format_number(0.0)]
    return Table(COLUMNS, [*rows, ["the video itself", *unpainted]])


def _ways(path: str, config: EvaluateConfig, device: torch.device) -> list[tuple[str, metrics.Begin]]:
    """A network frame by frame and, if it is one of ours, steady."""
    network = load_network(path, device)

    def by_frames() -> metrics.Paint:
        return lambda frame: network.stylize(frame, config.noise_factor, config.seed)

    ways = [(f"{network.name}, frame by frame", by_frames)]
    return [(network.name, lambda: _steady(network, config)), *ways] if isinstance(network.stylize, Stylizer) else ways


def _steady(network: Network, config: EvaluateConfig) -> metrics.Paint:
    assert isinstance(network.stylize, Stylizer)
    steady, tracker = SteadyStylizer(network.stylize), CameraTracker()

    def paint(frame: Tensor) -> Tensor:
        steady.look(frame, tracker.follow(frame))
        return steady(frame, config.noise_factor, config.seed)

    return paint


def _measure(
    begin: metrics.Begin, frames: Sequence[Tensor], flows: Sequence[tuple[Tensor, Tensor]], still: float
) -> list[float]:
    first = frames[0]
    pans = [metrics.pan_flicker(begin, first, step) for step in PANS.values()]
    paint = begin()
    error = metrics.warping_error([paint(frame) for frame in frames], flows)
    deviation, pop = metrics.static_deviation(begin, first), metrics.exposure_pop(begin, first)
    return [*pans, metrics.noise_gain(begin, first), deviation, pop, 1000 * error, 1000 * (error - still)]
