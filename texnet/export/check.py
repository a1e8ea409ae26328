"""An exported file against the stylizer that it was made from: the same pictures, at odd sizes, several strengths and seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from texnet.drawing.scene import draw_scene
from texnet.generators.noise import draw_noise
from texnet.images import to_float
from texnet.stylize import Stylizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LIMIT = 1 / 255  # of the largest difference: a step of a byte
SIZES = ((61, 47), (96, 128), (130, 131), (11, 7))  # height and width: odd ones, multiples of every stride, tiny ones
NOISE_FACTORS = (0.3, 1.0, 1.7)
SEEDS = (0, 1)

Run = Callable[..., Tensor]  # content, noise and, where it is an input, the uncalibrated factor -> output


def largest_difference(
    run: Run, stylizer: Stylizer, folded: float | None = None, sizes: Sequence[tuple[int, int]] = SIZES
) -> float:
    """The largest absolute difference of any number, in [0, 1], between an exported network and the stylizer.

    ``folded`` is the noise factor of a network that has it as no input.
    """
    scene = to_float(torch.from_numpy(np.array(draw_scene(max(map(max, sizes))))).permute(2, 0, 1)[None])  # (1, 3, S, S)
    largest = 0.0
    for (height, width), factor, seed in product(sizes, _factors(stylizer, folded), SEEDS):
        content = scene[..., :height, :width].contiguous()
        noise = draw_noise(seed, (1, stylizer.generator.noise_channels, height, width))
        uncalibrated = torch.tensor([stylizer.calibration.uncalibrated(factor)])
        inputs = (content, noise, uncalibrated) if folded is None else (content, noise)
        difference = (run(*inputs) - stylizer(content, factor, seed)).abs().max().item()
        largest = max(largest, difference) if difference == difference else difference  # not a number is no small difference
    return largest


def load_network(data: bytes) -> Run:
    """The network of an ONNX file with a single output, run as by :func:`load_onnx`."""
    run = load_onnx(data)
    return lambda *inputs: run(*inputs)[0]


def load_onnx(data: bytes) -> Callable[..., Sequence[Tensor]]:
    """An ONNX file, run by onnxruntime on the CPU: from its inputs to its outputs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session: InferenceSession = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]

    def run(*inputs: Tensor) -> list[Tensor]:
        outputs: Any = session.run(None, {name: x.numpy() for name, x in zip(names, inputs, strict=True)})
        return [torch.from_numpy(output) for output in outputs]

    return run


def load_pt2(data: bytes) -> Run:
    """The network of a pt2 file, run by torch."""
    run: Run = torch.export.load(BytesIO(data)).module()
    return run


def _factors(stylizer: Stylizer, folded: float | None) -> tuple[float, ...]:
    if folded is not None:
        return (folded,)
    if stylizer.fixed_noise_factor:
        return (stylizer.fixed_noise_factor,)
    return tuple(min(factor, stylizer.max_noise_factor) for factor in NOISE_FACTORS)
