"""Weights in a quarter of their size: how near they are, and what damaged ones are told."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from tests.helpers import moved_generator
from texnet.checkpoint import Checkpoint
from texnet.checkpoint.packing import LARGE, MAX_PREVIEW, pack_preview, pack_weights, read_preview, read_weights
from texnet.config import GeneratorConfig
from texnet.drawing import draw_scene
from texnet.errors import UserError

CONFIG = GeneratorConfig()  # the default one: its trunk is large enough to be packed
LIGHT = GeneratorConfig(generator="light")
TRUNK = "body.trunk.0.conv.conv.weight"


def weights(config: GeneratorConfig) -> dict[str, Tensor]:
    """Weights of a generator of that shape, none at its first value."""
    return dict(moved_generator(config).state_dict())


@settings(max_examples=10, deadline=None)
@given(bits=st.integers(8, 16))
def test_a_packed_weight_is_off_by_half_a_step_at_most(bits: int) -> None:
    original = weights(LIGHT)
    small, packed = pack_weights(original, bits)
    assert packed and small.keys() | packed.keys() == original.keys()
    assert not small.keys() & packed.keys()
    found = read_weights({"weights": small, "packed": packed}, LIGHT)
    for name in packed:
        rows = original[name].flatten(1)
        half_steps = rows.abs().amax(1, keepdim=True) / (2 ** (bits - 1) - 1) / 2
        assert ((found[name].flatten(1) - rows).abs() <= half_steps + 1e-6).all()
        assert found[name].shape == original[name].shape and original[name].numel() >= LARGE


def test_a_channel_of_zeros_stays_zero_and_the_largest_weight_of_a_channel_stays() -> None:
    original = weights(LIGHT)
    name = TRUNK
    original[name][3] = 0.0
    small, packed = pack_weights(original, 9)
    found = read_weights({"weights": small, "packed": packed}, LIGHT)[name]
    assert not found[3].any()
    assert torch.allclose(found.flatten(1).abs().amax(1), original[name].flatten(1).abs().amax(1))


def test_a_large_tensor_of_zeros_is_kept_without_deflating_it(tmp_path: Path) -> None:
    """Modulations start at zero, so that a network that was hardly trained has such tensors."""
    original = weights(LIGHT) | {TRUNK: torch.zeros_like(weights(LIGHT)[TRUNK])}
    Checkpoint(LIGHT, original, ("x",)).save(tmp_path / "style.pt", bits=9)
    assert not Checkpoint.load(tmp_path / "style.pt").weights[TRUNK].any()


def test_a_file_of_nine_bits_is_a_third_of_the_size_and_loads_like_any_other(tmp_path: Path) -> None:
    checkpoint = Checkpoint(CONFIG, weights(CONFIG), ("x",), license="MIT")
    checkpoint.save(tmp_path / "whole.pt")
    checkpoint.save(tmp_path / "packed.pt", bits=9)
    assert (tmp_path / "packed.pt").stat().st_size < (tmp_path / "whole.pt").stat().st_size / 3
    loaded = Checkpoint.load(tmp_path / "packed.pt")
    assert loaded.weights.keys() == checkpoint.weights.keys()
    assert loaded.generator().state_dict()[TRUNK].dtype == torch.float32
    replace(loaded).save(tmp_path / "again.pt")
    assert torch.equal(Checkpoint.load(tmp_path / "again.pt").weights[TRUNK], loaded.weights[TRUNK])


DAMAGE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "unknown": (lambda packed: packed.update({"body.wings": packed[TRUNK]}), "packed weights for body.wings, which this"),
    "no table": (lambda packed: packed.update({TRUNK: 3}), f"the packed weights {TRUNK} are odd"),
    "bits": (lambda packed: packed[TRUNK].update(bits=40), f"the packed weights {TRUNK} are odd"),
    "bits of a kind": (lambda packed: packed[TRUNK].update(bits=9.0), f"the packed weights {TRUNK} are odd"),
    "scale": (lambda packed: packed[TRUNK].update(scale=torch.ones(3)), f"the scale of the packed weights {TRUNK}"),
    "infinite": (lambda packed: packed[TRUNK]["scale"].fill_(torch.inf), f"the scale of the packed weights {TRUNK}"),
    "lower": (lambda packed: packed[TRUNK].update(lower=torch.zeros(3, dtype=torch.uint8)), f"{TRUNK} are not 82944"),
    "cut off": (lambda packed: packed[TRUNK].update(upper=packed[TRUNK]["upper"][:-20]), f"{TRUNK} are damaged"),
    "flipped": (lambda packed: packed[TRUNK]["upper"][:2].fill_(7), f"{TRUNK} are damaged"),
    "missing": (lambda packed: packed.pop(TRUNK), f"no weights for {TRUNK}"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_packed_weights_are_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "style.pt"
    Checkpoint(CONFIG, weights(CONFIG), ("x",)).save(path, bits=9)
    content = torch.load(path, weights_only=True)
    change, complaint = DAMAGE[kind]
    change(content["packed"])
    torch.save(content, path)
    with pytest.raises(UserError) as refused:
        Checkpoint.load(path)
    assert complaint in str(refused.value) and "\n" not in str(refused.value)


def test_a_few_bytes_that_claim_to_be_a_large_tensor_are_refused_before_they_are_inflated(tmp_path: Path) -> None:
    path = tmp_path / "style.pt"
    Checkpoint(CONFIG, weights(CONFIG), ("x",)).save(path, bits=8)
    content = torch.load(path, weights_only=True)
    bomb = torch.frombuffer(bytearray(zlib.compress(bytes(82_944))), dtype=torch.uint8)
    content["packed"][TRUNK]["upper"] = bomb
    torch.save(content, path)
    with pytest.raises(UserError, match=f"the packed weights {TRUNK} are not 82944"):
        Checkpoint.load(path)


def scene(side: int) -> Tensor:
    return torch.from_numpy(np.array(draw_scene(side, seed=1))).permute(2, 0, 1)  # uint8 (3, side, side)


def test_a_packed_preview_shows_the_same_in_a_fifth_of_the_bytes(tmp_path: Path) -> None:
    shown = scene(MAX_PREVIEW)
    Checkpoint(LIGHT, weights(LIGHT), ("x",), preview=shown).save(tmp_path / "style.pt", bits=9)
    found = Checkpoint.load(tmp_path / "style.pt").preview
    assert found is not None and found.shape == shown.shape
    assert (found.float() - shown.float()).abs().mean() < 8
    assert pack_preview(shown).numel() < shown.numel() / 5


def as_bytes(picture: Tensor, kind: str) -> Tensor:
    buffer = BytesIO()
    Image.fromarray(picture.permute(1, 2, 0).numpy()).save(buffer, kind)
    return torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8)


@pytest.mark.parametrize(
    ("preview", "complaint"),
    [
        (pack_preview(scene(MAX_PREVIEW + 1)), "has more than 256 pixels to a side"),
        (pack_preview(scene(64))[:-200], "is not a picture"),
        (pack_preview(scene(64))[200:], "is not a picture"),
        (as_bytes(scene(64), "PNG"), "is not a picture"),
        (torch.empty(0, dtype=torch.uint8), "is not a picture"),
    ],
    ids=["large", "cut", "headless", "of another format", "empty"],
)
def test_a_packed_preview_that_is_none_is_refused(preview: Tensor, complaint: str) -> None:
    with pytest.raises(UserError, match=f"^the preview {complaint}"):
        read_preview(preview)
