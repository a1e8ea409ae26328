"""A portable generator as a graph with dynamic height and width, and as the bytes of a file."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import torch
from torch.export import Dim, ExportedProgram

from texnet.export.portable import FoldedGenerator, PortableGenerator
from texnet.export.tiled import TiledGenerator

OPSET = 18  # of ONNX: what torch's exporter writes itself, without converting; the oldest it offers
OUTPUTS = ("output", "measured")  # the second of a network for tiles alone
EXAMPLE = (253, 251)  # odd, so that nothing is taken for granted that holds for multiples of a stride alone
LARGEST_SIDE = 16384  # that the graph is exported for; runtimes do not check it
LARGEST_FOLDED = 16  # numbers of a tensor that is computed with at export: float16 weights stay float16
SMALLEST_SHARED = 256  # bytes of a tensor that two files share
METADATA = "metadata.json"  # in a pt2 file


def trace(network: PortableGenerator | FoldedGenerator, size: tuple[int, int] | None = None) -> ExportedProgram:
    """The graph of a network, for a height and width or for any, without what would name files of this machine."""
    height, width = size or EXAMPLE
    inputs = [torch.rand(1, 3, height, width), torch.randn(1, network.noise_channels, height, width)]
    sides = {2: Dim("height", min=2, max=LARGEST_SIDE), 3: Dim("width", min=2, max=LARGEST_SIDE)}
    shapes: list[dict[int, Any] | None] = [sides, sides]
    if isinstance(network, PortableGenerator):
        inputs.append(torch.tensor([0.5]))
        shapes.append(None)
    if isinstance(network, TiledGenerator):
        inputs += [torch.zeros(network.num_statistics), torch.zeros(1)]
        shapes += [None, None]
    with _quiet():
        program = torch.export.export(network, tuple(inputs), dynamic_shapes=None if size else tuple(shapes), strict=False)
    for node in program.graph.nodes:
        for key in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn"):
            node.meta.pop(key, None)
    program.example_inputs = None
    return program


def to_onnx(program: ExportedProgram, metadata: Mapping[str, str]) -> bytes:
    """An ONNX file of opset :data:`OPSET`."""
    import onnx
    import onnxscript.optimizer

    names = OUTPUTS[: len(program.graph_signature.user_outputs)]
    with _quiet():
        exported = torch.onnx.export(
            program, dynamo=True, opset_version=OPSET, output_names=names, optimize=False, verbose=False
        )
        assert exported is not None
        onnxscript.optimizer.optimize(exported.model, input_size_limit=LARGEST_FOLDED)
    model = exported.model_proto
    del model.graph.value_info[:]
    for part in (*model.graph.node, *model.graph.input, *model.graph.output, model.graph):  # they name files of this machine
        part.doc_string = ""
        del part.metadata_props[:]
    _name_sides(model.graph)
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def to_pt2(program: ExportedProgram, metadata: Mapping[str, str]) -> bytes:
    """A file for ``torch.export.load``, the metadata in it as JSON."""
    buffer = BytesIO()
    with _quiet():
        torch.export.save(program, buffer, extra_files={METADATA: json.dumps(dict(metadata))})
    return buffer.getvalue()


def refer_to_weights(data: bytes, holder: bytes, location: str) -> bytes:
    """An ONNX file without the tensors whose bytes another has as well: they name places in it, as ONNX's external data.

    ``holder`` are the other file's bytes, ``location`` is its name, in the same folder.
    """
    import onnx

    model = onnx.load_from_string(data)
    for tensor in model.graph.initializer:
        length = len(tensor.raw_data)
        offset = holder.find(tensor.raw_data) if length >= SMALLEST_SHARED else -1
        if offset < 0:
            continue
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
    return bytes(model.SerializeToString())


def _name_sides(graph: Any) -> None:
    """Call the dynamic sides of inputs and output height and width, not by torch's symbols."""
    for value in (*graph.input, *graph.output):
        for axis, name in zip(value.type.tensor_type.shape.dim[2:], ("height", "width"), strict=False):
            if axis.dim_param:
                axis.dim_param = name


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what exporters say about themselves."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
