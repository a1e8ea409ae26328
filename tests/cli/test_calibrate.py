"""texnet calibrate: a network's calibration measured once more and stored with it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.helpers import assert_same, with_options
from tests.training.conftest import coarse_calibration as coarse_calibration
from tests.training.helpers import fit
from texnet.checkpoint import Checkpoint
from texnet.cli import calibrate
from texnet.config import TrainConfig, to_dict
from texnet.drawing import draw_scene
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration
from texnet.stylize import Stylizer


@pytest.fixture(scope="module")
def finished_run(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of one step whose checkpoints have lost their calibration; not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    fit(with_options(shared_config, "optim", max_steps=1), folder)
    for name in ("style.pt", "latest.pt"):
        checkpoint = Checkpoint.load(folder / name)
        torch.save(to_dict(checkpoint.calibration), folder / f"{name}.calibration")
        replace(checkpoint, calibration=Calibration()).save(folder / name)
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
    found = Checkpoint.load(path).calibration
    measured = torch.load(run_folder / "style.pt.calibration", weights_only=True)
    assert found.noise_factors == pytest.approx(measured["noise_factors"], abs=1e-4)
    assert found.uncalibrated_factors == pytest.approx(measured["uncalibrated_factors"])
    assert Stylizer.load(path).calibration == found
    assert f"{path}: calibrated; noise factor -> uncalibrated factor: 0.25 -> " in capsys.readouterr().out


def test_one_bad_file_does_not_end_the_calibration_of_the_others(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = run_folder / "bad.pt"
    bad.write_bytes(b"bad")
    assert left_with("--ckpt", bad, run_folder / "style.pt", "--device", "cpu") == 1
    assert Checkpoint.load(run_folder / "style.pt").calibration.noise_factors
    assert f"skipped {bad}: not a checkpoint" in capsys.readouterr().err


def test_several_networks_are_calibrated_and_nothing_else_in_them_is_changed(run_folder: Path) -> None:
    paths = [run_folder / name for name in ("style.pt", "latest.pt")]
    before = [torch.load(path) for path in paths]
    assert left_with("--ckpt", *paths, "--device", "cpu") == 0
    for path, content in zip(paths, before, strict=True):
        after = torch.load(path)
        assert after["calibration"] != content["calibration"]
        assert_same({**after, "calibration": content["calibration"]}, content)


def test_other_photos_give_a_calibration_of_their_own(run_folder: Path, coco_root: Path) -> None:
    path = run_folder / "style.pt"
    left_with("--ckpt", path, "--device", "cpu")
    by_held_out = Checkpoint.load(path).calibration
    assert left_with("--ckpt", path, "--device", "cpu", "--data_dir", coco_root / "val2017") == 0
    assert Checkpoint.load(path).calibration != by_held_out


def draw_photos(folder: Path, seeds: range) -> Path:
    """Photos in a new folder, named after their seeds."""
    folder.mkdir(parents=True)
    for number in seeds:
        draw_scene(40, seed=number).save(folder / f"photo-{number:02d}.png")
    return folder


def test_it_measures_on_what_training_held_out_even_where_the_folder_of_the_training_is_named(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, photos = run_folder / "style.pt", draw_photos(tmp_path / "photos", range(20))
    config = json.loads((run_folder / "config.json").read_text())
    config["data"] |= {"data_dir": str(photos), "num_val": 2}
    (run_folder / "config.json").write_text(json.dumps(config))
    found = []
    for words in ([], ["--data_dir", photos]):
        assert left_with("--ckpt", path, "--device", "cpu", *words) == 0
        found.append(Checkpoint.load(path).calibration)
    assert found[1].noise_factors == pytest.approx(found[0].noise_factors, abs=1e-4)
    first, second = (line for line in capsys.readouterr().err.splitlines() if line.startswith("run/style: "))
    assert first == "run/style: measured on the 2 photos that its training held out"
    assert second == f"run/style: trained on photos of --data_dir {photos}; only the 2 that were held out are used"


def test_of_a_coco_root_it_takes_the_validation_photos(run_folder: Path, tmp_path: Path) -> None:
    path, root = run_folder / "style.pt", tmp_path / "coco"
    splits = [draw_photos(root / name, seeds) for name, seeds in (("val2017", range(2)), ("train2017", range(50, 52)))]
    found = []
    for words in ([root], [splits[0]], [root, "--split", "train"]):
        assert left_with("--ckpt", path, "--device", "cpu", "--data_dir", *words) == 0
        found.append(Checkpoint.load(path).calibration)
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "--ckpt is missing: name a trained network"),
        ("--ckpt {run}/none.pt", "{run}/none.pt: no such checkpoint"),
        ("--ckpt {run}/base.pt", "--ckpt {run}/base.pt: a pretrained generator, which has no style; name a run's style.pt"),
        (
            "--ckpt {run}/single.pt",
            "--ckpt {run}/single.pt: trained for one noise factor alone; no strength control to calibrate",
        ),
        (
            "--ckpt {run}/texture.pt",
            "--ckpt {run}/texture.pt: trained to make a texture; no strength control to calibrate",
        ),
        ("--ckpt {run}/style.pt --data_dir {run}/none", "--data_dir {run}/none: no such folder"),
        ("--ckpt {run}/style.pt --texture {run}/none.jpg", "{run}/none.jpg: no such style picture; name it with --texture"),
        ("--ckpt {run}/style.pt --vgg_weights {run}/none.pth", "--vgg_weights {run}/none.pth: no such file"),
    ],
)
def test_a_mistake_is_one_line(words: str, complaint: str, run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = Checkpoint.load(run_folder / "style.pt")
    replace(checkpoint, term_norm={}).save(run_folder / "base.pt")
    for name, setting in (("single", {"fixed_noise_factor": 0.5}), ("texture", {"no_content": True})):
        config = replace(checkpoint.generator_config, **setting)  # type: ignore[arg-type]
        other = replace(checkpoint, generator_config=config, weights=build_generator(config).state_dict())
        other.save(run_folder / f"{name}.pt")
    assert left_with(*words.format(run=run_folder).split(), "--device", "cpu") == 2
    complaints = [line for line in capsys.readouterr().err.splitlines() if line.startswith("texnet: ")]
    assert len(complaints) == 1
    assert complaints[0].startswith(f"texnet: {complaint.format(run=run_folder)}")
