"""Exported files: what runs them gives texnet's pictures, they say what they are, and a wrong one is not written."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import torch
from PIL import Image

from tests.export.conftest import CALIBRATION
from tests.helpers import REPOSITORY
from texnet.checkpoint import Checkpoint
from texnet.config import ExportConfig
from texnet.errors import UserError
from texnet.export import export_network
from texnet.export.check import largest_difference, load_pt2
from texnet.export.graph import METADATA, OPSET
from texnet.generators import GENERATORS
from texnet.generators.calibration import Calibration
from texnet.generators.noise import draw_noise
from texnet.stylize import Stylizer

MakeCheckpoint = Callable[[str], Checkpoint]
SIDES = [1, 3, "height", "width"]


def load_model(data: bytes) -> Any:
    pytest.importorskip("onnxscript", reason="ONNX files need the extra export")
    return pytest.importorskip("onnx", reason="ONNX files need the extra export").load_from_string(data)


def export(checkpoint: Checkpoint, **options: Any) -> Any:
    """The file, as a model of ONNX, and what is known of it."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason="ONNX files need the extra export")
    exported = export_network(checkpoint, ExportConfig(ckpt=("style.pt",), **options))
    return load_model(exported.data), exported


def shapes_of(values: Any) -> dict[str, list[int | str]]:
    return {v.name: [axis.dim_param or axis.dim_value for axis in v.type.tensor_type.shape.dim] for v in values}


def documented_operators() -> set[str]:
    section = (REPOSITORY / "docs" / "export.md").read_text().partition("## Operators")[2].partition("\n## ")[0]
    return set(re.findall(r"`([A-Z]\w+)`", section))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_onnxruntime_gives_the_pictures_of_the_stylizer(name: str, make_checkpoint: MakeCheckpoint) -> None:
    model, exported = export(make_checkpoint(name))
    assert exported.difference <= 1e-4
    assert shapes_of(model.graph.input) == {"content": SIDES, "noise": SIDES, "uncalibrated_factor": [1]}
    assert shapes_of(model.graph.output) == {"output": SIDES}
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", OPSET)]
    assert {node.op_type for node in model.graph.node} <= documented_operators()
    assert str(REPOSITORY).encode() not in exported.data


@pytest.mark.slow
def test_folding_a_factor_makes_a_smaller_graph_without_that_input(make_checkpoint: MakeCheckpoint) -> None:
    checkpoint = make_checkpoint("light")
    whole, _ = export(checkpoint)
    folded, exported = export(checkpoint, fold=0.6, half=True)
    assert exported.difference <= 1 / 255
    assert shapes_of(folded.graph.input) == {"content": SIDES, "noise": SIDES}
    assert len(folded.graph.node) < len(whole.graph.node)
    halves = [tensor for tensor in folded.graph.initializer if tensor.data_type == 10]  # FLOAT16
    convolutions = [node for node in folded.graph.node if node.op_type == "Conv"]
    assert len(halves) == len(convolutions)
    assert {node.op_type for node in folded.graph.node} <= documented_operators()


@pytest.mark.slow
def test_a_fixed_size_leaves_no_arithmetic_of_sizes(make_checkpoint: MakeCheckpoint) -> None:
    model, exported = export(make_checkpoint("residual"), fold=0.6, size="36x32")
    assert exported.difference <= 1e-4
    assert shapes_of(model.graph.input) == {"content": [1, 3, 32, 36], "noise": [1, 3, 32, 36]}
    assert {node.op_type for node in model.graph.node} & {"Shape", "Range", "Gather", "Mod", "Slice"} == set()


@pytest.mark.slow
def test_a_file_says_what_it_is(make_checkpoint: MakeCheckpoint) -> None:
    model, _ = export(make_checkpoint("light"), fold=0.6)
    metadata = {item.key: item.value for item in model.metadata_props}
    assert (metadata["style"], metadata["license"], metadata["stride"]) == ("stripes", "CC0", "4")
    assert (metadata["noise_channels"], metadata["max_noise_factor"], metadata["noise_factor"]) == ("3", "2", "0.6")
    table = json.loads(metadata["calibration"])
    assert Calibration(*map(tuple, table.values())) == CALIBRATION
    picture = Image.open(BytesIO(b64decode(metadata["preview"].partition(",")[2])))
    assert (picture.format, picture.size) == ("JPEG", (30, 40))
    documented = set(re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "docs" / "export.md").read_text(), re.MULTILINE))
    assert metadata.keys() <= documented


@pytest.mark.slow
def test_a_pt2_file_gives_the_pictures_of_the_stylizer(make_checkpoint: MakeCheckpoint) -> None:
    checkpoint = make_checkpoint("residual")
    exported = export_network(checkpoint, ExportConfig(ckpt=("style.pt",), format="pt2"))
    assert exported.difference <= 1e-5
    content, noise = torch.rand(1, 3, 35, 50), draw_noise(3, (1, 3, 35, 50))
    uncalibrated = torch.tensor([CALIBRATION.uncalibrated(0.5)])
    painted = load_pt2(exported.data)(content, noise, uncalibrated)
    torch.testing.assert_close(painted, Stylizer.of(checkpoint)(content, 0.5, seed=3), rtol=0, atol=1e-5)
    extra = {METADATA: ""}
    torch.export.load(BytesIO(exported.data), extra_files=extra)
    assert json.loads(extra[METADATA])["style"] == "stripes"
    assert str(REPOSITORY).encode() not in exported.data


@pytest.mark.slow
def test_a_network_that_float16_cannot_hold_is_not_written(make_checkpoint: MakeCheckpoint) -> None:
    checkpoint = make_checkpoint("light")
    checkpoint.weights["body.trunk.0.conv.conv.weight"].mul_(1e6)
    with pytest.raises(UserError, match=r"not written, as it differs from texnet stylize by .*; leave out --half"):
        export_network(checkpoint, ExportConfig(ckpt=("style.pt",), format="pt2", half=True))


def test_the_largest_difference_is_found_wherever_it_is(make_checkpoint: MakeCheckpoint) -> None:
    stylizer = Stylizer.of(make_checkpoint("light"))

    def wrong_at_odd_widths(content: torch.Tensor, noise: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
        output = stylizer.generator(noise, content, factor)
        output[..., -1, -1] += 0.25 * (content.shape[3] % 2)
        return output

    assert largest_difference(wrong_at_odd_widths, stylizer) == pytest.approx(0.25, abs=1e-5)
    assert largest_difference(lambda *inputs: inputs[0] * float("nan"), stylizer) != 0
