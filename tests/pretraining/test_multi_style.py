"""Pretraining on many styles at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.pretraining.helpers import pretrain
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.errors import UserError
from texnet.generators.style_reader import fold
from texnet.images import load_style
from texnet.losses.descriptor import DESCRIPTOR_SIZE
from texnet.tensor_files import read_tensors
from texnet.training.initialization import build_reader


def test_a_pretrained_generator_comes_with_its_style_reader(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    assert pretrain(tiny_config, style_path, tmp_path / "base.pt", 3) == 3
    checkpoint = Checkpoint.load(tmp_path / "base.pt")
    assert checkpoint.training.steps == 3
    assert checkpoint.style_reader["mean"].shape == (DESCRIPTOR_SIZE,)
    assert checkpoint.style_reader["last.weight"].abs().sum() > 0
    assert not any("reader" in name for name in checkpoint.weights)
    assert all(tensor.dtype == torch.float16 for tensor in (*checkpoint.weights.values(), *checkpoint.style_reader.values()))


def test_pretraining_goes_on_from_the_state_beside_its_output(
    tiny_config: TrainConfig, style_path: Path, tmp_path: Path
) -> None:
    pretrain(tiny_config, style_path, tmp_path / "base.pt", 2)
    begin = Checkpoint.load(tmp_path / "base.pt")
    assert pretrain(tiny_config, style_path, tmp_path / "base.pt", 4, resume=True) == 4
    later = Checkpoint.load(tmp_path / "base.pt")
    assert later.training.steps == 4
    assert torch.equal(later.style_reader["mean"], begin.style_reader["mean"])
    assert not torch.equal(later.style_reader["last.weight"], begin.style_reader["last.weight"])


def test_there_must_be_a_state_to_go_on_from(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^--resume: no .*base\.state\.pt, from which to go on; leave --resume out to begin$"):
        pretrain(tiny_config, style_path, tmp_path / "base.pt", 2, resume=True)


def test_a_pretrained_texture_generator_reads_textures(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    shape = replace(tiny_config.generator, generator="pyramid", no_content=True)
    pretrain(replace(tiny_config, generator=shape), style_path, tmp_path / "base.pt", 3)
    checkpoint = Checkpoint.load(tmp_path / "base.pt")
    assert checkpoint.generator_config.no_content
    assert checkpoint.style_reader["last.weight"].abs().sum() > 0
    generator, texture = checkpoint.generator(), load_style(style_path, 0)
    noise = torch.randn(1, generator.noise_channels, 64, 64)
    with torch.no_grad():
        before = generator(noise)
        fold(build_reader(checkpoint, generator)(texture), generator)
        assert not torch.equal(generator(noise), before)


@pytest.mark.slow
def test_pretraining_can_start_from_a_generator_and_its_reader(
    tiny_config: TrainConfig, style_path: Path, tmp_path: Path
) -> None:
    pretrain(tiny_config, style_path, tmp_path / "first.pt", 3)
    tiny_config = replace(tiny_config, optim=replace(tiny_config.optim, learning_rate=1e-9))
    pretrain(tiny_config, style_path, tmp_path / "second.pt", 1, init=str(tmp_path / "first.pt"))
    first, second = (Checkpoint.load(tmp_path / name) for name in ("first.pt", "second.pt"))
    for before, after in ((first.weights, second.weights), (first.style_reader, second.style_reader)):
        assert all(torch.allclose(after[name].float(), tensor.float(), atol=1e-6) for name, tensor in before.items())


def test_a_state_of_another_generator_is_refused(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    pretrain(tiny_config, style_path, tmp_path / "base.pt", 1)
    wider = replace(tiny_config, generator=replace(tiny_config.generator, width=6))
    with pytest.raises(UserError, match=r"^--resume: .*base\.state\.pt is not of this pretraining: .*; leave --resume out"):
        pretrain(wider, style_path, tmp_path / "base.pt", 2, resume=True)


def test_a_broken_state_is_refused(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    pretrain(tiny_config, style_path, tmp_path / "base.pt", 1)
    path = tmp_path / "base.state.pt"
    state = read_tensors(path)
    del state["optimizer"]["state"][0]["exp_avg_sq"]
    torch.save(state, path)
    with pytest.raises(
        UserError, match=r"^--resume: .*base\.state\.pt is not of this pretraining: the optimizer's state of .* is odd;"
    ):
        pretrain(tiny_config, style_path, tmp_path / "base.pt", 2, resume=True)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(UserError, match=r"^--resume: .*base\.state\.pt is damaged \(.*\); leave --resume out to begin$"):
        pretrain(tiny_config, style_path, tmp_path / "base.pt", 2, resume=True)


def test_a_style_reader_learns_alone(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    pretrain(tiny_config, style_path, tmp_path / "first.pt", 2)
    pretrain(tiny_config, style_path, tmp_path / "second.pt", 3, init=str(tmp_path / "first.pt"), learn="reader")
    first, second = (Checkpoint.load(tmp_path / name) for name in ("first.pt", "second.pt"))
    assert all(torch.equal(first.weights[name], tensor) for name, tensor in second.weights.items())
    assert not torch.equal(first.style_reader["last.weight"], second.style_reader["last.weight"])


def test_a_style_reader_needs_a_trained_generator(tiny_config: TrainConfig, style_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^--learn reader: reads styles for a trained generator; name it with --init$"):
        pretrain(tiny_config, style_path, tmp_path / "base.pt", 1, learn="reader")
