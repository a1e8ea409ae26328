"""texnet calibrate: a network's strength control is measured again and stored with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from tests.helpers import assert_same, with_options
from tests.training.helpers import build
from texnet.checkpoint import load_checkpoint, restore_calibration, save_checkpoint
from texnet.cli import calibrate
from texnet.config import TrainConfig
from texnet.generators.calibration import Calibration
from texnet.stylize import Stylizer


@pytest.fixture(scope="module")
def finished_run(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of one step whose checkpoints have lost their calibration; not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    build(with_options(shared_config, "optim", max_steps=1), folder).fit()
    for name in ("style.pt", "latest.pt"):
        content = load_checkpoint(folder / name)
        torch.save(content["calibration"], folder / f"{name}.calibration")
        save_checkpoint(folder / name, {**content, "calibration": {}})
    return folder


@pytest.fixture
def run_folder(finished_run: Path, tmp_path: Path) -> Path:
    """A copy of that run."""
    return Path(shutil.copytree(finished_run, tmp_path / "run"))


def left_with(*words: object) -> object:
    with pytest.raises(SystemExit) as left:
        calibrate.main([str(word) for word in words])
    return left.value.code


def test_it_finds_again_what_training_found(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = run_folder / "style.pt"
    assert left_with("--ckpt", path, "--device", "cpu") == 0
    found = restore_calibration(load_checkpoint(path))
    measured = torch.load(run_folder / "style.pt.calibration", weights_only=True)
    assert found.noise_factors == pytest.approx(measured["noise_factors"], abs=1e-4)
    assert found.uncalibrated_factors == pytest.approx(measured["uncalibrated_factors"])
    assert Stylizer.load(path).calibration == found
    assert f"{path}: calibrated; noise factor -> the network's own: 0.25 -> " in capsys.readouterr().out


def test_several_networks_are_calibrated_and_nothing_else_in_them_is_changed(run_folder: Path) -> None:
    paths = [run_folder / name for name in ("style.pt", "latest.pt")]
    before = [load_checkpoint(path) for path in paths]
    assert left_with("--ckpt", *paths, "--device", "cpu") == 0
    for path, content in zip(paths, before, strict=True):
        after = load_checkpoint(path)
        assert restore_calibration(after) != Calibration()
        assert_same({**after, "calibration": {}}, content)


def test_other_photos_give_a_calibration_of_their_own(run_folder: Path, coco_root: Path) -> None:
    path = run_folder / "style.pt"
    left_with("--ckpt", path, "--device", "cpu")
    by_held_out = restore_calibration(load_checkpoint(path))
    assert left_with("--ckpt", path, "--device", "cpu", "--data_dir", coco_root / "val2017") == 0
    assert restore_calibration(load_checkpoint(path)) != by_held_out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "--ckpt is missing: name a trained network"),
        ("--ckpt {run}/none.pt", "{run}/none.pt: no such checkpoint"),
        ("--ckpt {run}/base.pt", "--ckpt {run}/base.pt: no trained style but a base; name a run's style.pt"),
        (
            "--ckpt {run}/single.pt",
            "--ckpt {run}/single.pt: trained for one noise factor alone; there is nothing to calibrate",
        ),
        (
            "--ckpt {run}/texture.pt",
            "--ckpt {run}/texture.pt: trained to make a texture; there is nothing to calibrate",
        ),
        ("--ckpt {run}/style.pt --data_dir {run}/none", "--data_dir {run}/none: no such folder"),
        ("--ckpt {run}/style.pt --texture {run}/none.jpg", "{run}/none.jpg: no such style picture; name it with --texture"),
        ("--ckpt {run}/style.pt --vgg_weights {run}/none.pth", "--vgg_weights {run}/none.pth: no such file"),
    ],
)
def test_a_mistake_is_one_line(words: str, complaint: str, run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = load_checkpoint(run_folder / "style.pt")
    save_checkpoint(run_folder / "base.pt", {name: value for name, value in content.items() if name != "term_norm"})
    for name, setting in (("single", {"fixed_noise_factor": 0.5}), ("texture", {"no_content": True})):
        generator = {**content["config"]["generator"], **setting}
        save_checkpoint(run_folder / f"{name}.pt", {**content, "config": {**content["config"], "generator": generator}})
    assert left_with(*words.format(run=run_folder).split(), "--device", "cpu") == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"texnet: {complaint.format(run=run_folder)}")
    assert len(printed.splitlines()) == 1
