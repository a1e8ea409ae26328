"""Checkpoints: what is read is what was written, and what is no checkpoint is refused in a line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

import texnet
from tests.helpers import assert_same
from tests.training.helpers import build, fit
from texnet.checkpoint import FORMAT, inference_state, load_checkpoint, restore_generator, save_checkpoint
from texnet.config import GeneratorConfig, TrainConfig, from_dict, to_dict
from texnet.generators import build_generator
from texnet.stylize import Stylizer
from texnet.training.run_dir import RunDir


@pytest.fixture
def content() -> dict[str, Any]:
    """A checkpoint of an untrained generator, with what only a training needs of twice its size."""
    config = TrainConfig(generator=GeneratorConfig(width=4, num_blocks=1))
    generator = build_generator(config.generator)
    return {
        "config": to_dict(config),
        "styles": ["mosaic"],
        "generator": {key: value + 1 for key, value in generator.state_dict().items()},
        "ema": generator.state_dict(),
        "optimizer": {"state": {0: {"exp_avg": torch.randn(100)}}, "param_groups": [{"lr": 0.001, "params": [0]}]},
        "term_norm": {"tv": 0.25},
        "epoch": 1,
        "step": 7,
        "seconds": 1.5,
        "calibration": {},
    }


def test_what_is_read_is_what_was_written(content: dict[str, Any], tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "latest.pt", content)
    assert_same(load_checkpoint(tmp_path / "latest.pt"), {"format": FORMAT, "texnet": texnet.__version__, **content})


def test_it_is_read_without_running_code(content: dict[str, Any], tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "latest.pt", content)
    assert torch.load(tmp_path / "latest.pt", weights_only=True)["step"] == 7


def test_a_trained_checkpoint_holds_its_config(tiny_config: TrainConfig, tmp_path: Path) -> None:
    RunDir(tmp_path / "run", build(tiny_config)).save()
    assert from_dict(TrainConfig, load_checkpoint(tmp_path / "run" / "latest.pt")["config"]) == tiny_config


def test_the_restored_generator_is_the_averaged_one(content: dict[str, Any]) -> None:
    assert_same(dict(restore_generator(content).state_dict()), dict(content["ema"]))


def test_the_restored_generator_is_not_for_training(content: dict[str, Any]) -> None:
    generator = restore_generator(content)
    assert not generator.training
    assert [name for name, parameter in generator.named_parameters() if parameter.requires_grad] == []


def test_what_is_shared_is_a_fraction_of_the_size(tiny_config: TrainConfig, tmp_path: Path) -> None:
    fit(tiny_config, tmp_path)
    assert (tmp_path / "style.pt").stat().st_size < 0.4 * (tmp_path / "latest.pt").stat().st_size


def test_what_is_shared_suffices_for_stylizing(content: dict[str, Any], tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "whole.pt", content)
    save_checkpoint(tmp_path / "style.pt", inference_state(content))
    image = torch.rand(1, 3, 20, 24)
    assert torch.equal(Stylizer.load(tmp_path / "style.pt")(image), Stylizer.load(tmp_path / "whole.pt")(image))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"^{tmp_path}/none\.pt: no such checkpoint$"):
        load_checkpoint(tmp_path / "none.pt")


def test_a_newer_format_is_refused_with_the_version_that_wrote_it(content: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "latest.pt"
    torch.save({**content, "format": FORMAT + 1, "texnet": "9.9"}, path)
    with pytest.raises(ValueError, match=rf"^{path}: written by texnet 9\.9; this is {texnet.__version__}: please update$"):
        load_checkpoint(path)


@pytest.mark.parametrize("earlier", range(1, FORMAT))
def test_an_older_format_is_refused_as_its_dial_would_paint_otherwise(
    earlier: int, content: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "latest.pt"
    torch.save({**content, "format": earlier, "texnet": "0.1.0"}, path)
    with pytest.raises(ValueError, match=rf"^{path}: of an earlier texnet, whose dial blended otherwise; train it again$"):
        load_checkpoint(path)


@pytest.mark.parametrize("earlier", range(1, FORMAT))
def test_a_texture_of_an_older_format_is_read_as_it_has_no_dial(earlier: int, content: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "latest.pt"
    generator = {**content["config"]["generator"], "no_content": True}
    texture = {**content, "config": {**content["config"], "generator": generator}, "format": earlier}
    torch.save(texture, path)
    assert_same(load_checkpoint(path), texture)


def test_a_setting_that_is_unknown_here_is_named(content: dict[str, Any]) -> None:
    content["config"]["generator"]["wings"] = 2
    with pytest.raises(ValueError, match="unknown settings wings"):
        restore_generator(content)


def write_foreign_file(kind: str, path: Path, content: dict[str, Any]) -> None:
    if kind == "text":
        path.write_text("no checkpoint\n")
    elif kind == "empty":
        path.touch()
    elif kind == "cut off":
        save_checkpoint(path, content)
        path.write_bytes(path.read_bytes()[:-2000])
    elif kind == "code":
        torch.save({"format": FORMAT, "config": Path("/pickled/object")}, path)
    elif kind == "another program's":
        torch.save({"format": "pytorch-lightning", "state_dict": {}}, path)
    elif kind == "bare weights":
        torch.save(content["generator"], path)
    elif kind == "list":
        torch.save([1, 2, 3], path)
    else:
        torch.save({"format": FORMAT, "texnet": "0.1.0", "step": 3}, path)


KINDS = ["text", "empty", "cut off", "code", "another program's", "bare weights", "list", "without weights"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_no_checkpoint_is_named_in_one_line(kind: str, content: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "foreign.pt"
    write_foreign_file(kind, path, content)
    with pytest.raises(ValueError, match=rf"^{re.escape(str(path))}: not a checkpoint of texnet[^\n]*$"):
        load_checkpoint(path)
