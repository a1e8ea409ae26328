"""Export a trained network: rewrite it, trace it, make the file's bytes, and check these against the stylizer."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from texnet.checkpoint import Checkpoint
from texnet.config import ExportConfig, parse_size, require
from texnet.export.check import LIMIT, SIZES, largest_difference, load_network, load_onnx, load_pt2
from texnet.export.files import describe
from texnet.export.graph import OPSET, to_onnx, to_pt2, trace
from texnet.export.portable import FoldedGenerator, PortableGenerator, halve_weights
from texnet.export.tiled import TiledGenerator, largest_difference_of_tiles
from texnet.generators.base import smallest_side
from texnet.stylize import Stylizer

PACKAGES = ("onnx", "onnxscript", "onnxruntime")


@dataclass(frozen=True)
class Exported:
    """The bytes of a file, what they are, and the largest difference from the stylizer."""

    data: bytes
    about: str
    difference: float


def check_installed(config: ExportConfig) -> None:
    """UserError where a package that the format takes is missing."""
    for package in () if config.format == "pt2" else PACKAGES:
        found = importlib.util.find_spec(package) is not None
        require(found, f"--format {config.format} needs {package}: pip install 'texnet[export]', or {', '.join(PACKAGES)}")


def export_network(checkpoint: Checkpoint, config: ExportConfig) -> Exported:
    """Export the network of a checkpoint and check it.

    UserError for a network for textures, for a noise factor that it was not trained for, and where the difference is too large.
    """
    stylizer = Stylizer.of(checkpoint)
    network: PortableGenerator | FoldedGenerator
    if config.fold is None:
        network = PortableGenerator(stylizer.generator)
    else:
        stylizer.check_noise_factor(config.fold, "--fold")
        network = FoldedGenerator(stylizer.generator, stylizer.calibration.uncalibrated(config.fold))
    if config.half:
        halve_weights(network)
    size = _fixed_size(config, network.stride)
    metadata, program = describe(checkpoint, config), trace(network, size)
    if config.format == "onnx":
        data, about = to_onnx(program, metadata), f"ONNX, opset {OPSET}"
        run = load_network(data)
    else:
        data, about = to_pt2(program, metadata), "pt2"
        run = load_pt2(data)
    difference = largest_difference(run, stylizer, config.fold, [size] if size else SIZES)
    _require_equal(difference, config.format, half=config.half)
    return Exported(data, about, difference)


def export_tiled(checkpoint: Checkpoint, *, half: bool) -> Exported:
    """Export the network of a checkpoint as ONNX for pictures in tiles, see :class:`TiledGenerator`, and check it.

    UserError where the difference is too large.
    """
    generator = checkpoint.generator()
    network = TiledGenerator(generator)
    if half:
        halve_weights(network)
    data = to_onnx(trace(network), {})
    difference = largest_difference_of_tiles(load_onnx(data), generator, network.num_statistics)
    _require_equal(difference, "web", half=half)
    return Exported(data, f"ONNX, opset {OPSET}, for tiles", difference)


def _require_equal(difference: float, name: str, *, half: bool) -> None:
    remedy = "leave out --half" if half else "please report it"
    problem = f"not written, as it differs from texnet stylize by {difference:.2g}, more than 1/255"
    require(difference <= LIMIT, f"--format {name}: {problem}; {remedy}")


def _fixed_size(config: ExportConfig, stride: int) -> tuple[int, int] | None:
    """Height and width that were asked for. UserError where the generator would pad such a picture."""
    if not config.size:
        return None
    width, height = parse_size(config.size)
    smallest = smallest_side(stride)
    fits = min(width, height) >= smallest and width % stride == height % stride == 0
    require(fits, f"--size {config.size}: width and height must be multiples of {stride}, at least {smallest}")
    return height, width
