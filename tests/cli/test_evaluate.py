"""texnet evaluate: files in, table, JSON and plots out, mistakes in a line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.evaluation.helpers import LAYER_FLAGS, save_network, save_texture_network, save_transformer_net
from tests.helpers import with_options
from tests.training.conftest import coarse_calibration as coarse_calibration
from tests.training.helpers import fit
from texnet.cli import evaluate
from texnet.config import TrainConfig
from texnet.drawing import draw_scene
from texnet.images import load_picture


def run(*argv: object) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as left:
        evaluate.main([str(word) for word in argv])
    return int(left.value.code or 0)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A network of ours."""
    return save_network(tmp_path_factory.mktemp("red") / "style.pt")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A network of pytorch/examples."""
    return save_transformer_net(tmp_path_factory.mktemp("other") / "mosaic.pth")


@pytest.fixture
def arguments(photo_folder: Path, style_path: Path, vgg_path: Path, tmp_path: Path) -> list[object]:
    """All flags but --ckpt and --runs."""
    return [
        *("--texture", style_path, "--vgg_weights", vgg_path, "--style_size", 0, *LAYER_FLAGS),
        *("--data_dir", photo_folder, "--max_images", 2, "--image_size", 64, "--curve_images", 1, "--curve_step", 0.5),
        *("--cache_dir", tmp_path / "references", "--device", "cpu", "--output", tmp_path / "out"),
    ]


@pytest.mark.slow
def test_table_json_and_plots_agree(
    network: str, other: str, arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--ckpt", network, other, *arguments, "--optimum_steps", 3) == 0
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        *("evaluation.json", "evaluation.md", "layers.png", "strength.png", "optimum.png")
    }
    report = json.loads((out / "evaluation.json").read_text())
    table = (out / "evaluation.md").read_text()
    assert table in capsys.readouterr().out + "\n"
    assert [result["name"].split("/")[-1] for result in report["networks"]] == ["style", "mosaic"]
    for result in report["networks"]:
        assert f"{result['terms']['loss']:.3f}" in table
        assert f"{result['optimality']['ratio']:.3f}" in table
    assert report["settings"]["evaluation"]["image_size"] == 64
    assert len(report["photos"]) == 2
    for name in ("layers.png", "strength.png", "optimum.png"):
        assert load_picture(out / name).image.std() > 0.02


def test_columns_of_what_was_not_measured_are_left_out(other: str, arguments: list[object], tmp_path: Path) -> None:
    assert run("--ckpt", other, *arguments) == 0
    head = (tmp_path / "out" / "evaluation.md").read_text().splitlines()[0]
    assert "SSIM" in head
    assert "optimality ratio" not in head and "style falls" not in head
    assert not (tmp_path / "out" / "strength.png").exists()


def test_on_the_folder_of_the_training_only_held_out_photos_are_used(
    arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(20):
        draw_scene(64, seed=number).save(folder / f"photo-{number:02d}.png")
    config = TrainConfig()
    ckpt = save_network(tmp_path / "run" / "style.pt", config=with_options(config, "data", data_dir=str(folder), num_val=2))
    assert run("--ckpt", ckpt, *arguments, "--data_dir", folder, "--max_images", 0, "--curve_images", 0) == 0
    captured = capsys.readouterr()
    assert f"run/style: trained on photos of --data_dir {folder}; only the 2 that were held out are used" in captured.err
    assert "\n2 photos, " in captured.out


def test_a_line_is_drawn_for_each_run(
    shared_config: TrainConfig, arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, photos = tmp_path / "stripes", tmp_path / "photos"
    config = with_options(with_options(shared_config, "run", snapshot_every=1), "optim", max_steps=2)
    assert fit(config, folder).done
    photos.mkdir()
    for number in range(2):
        draw_scene(64, seed=100 + number).save(photos / f"{number}.png")
    arguments += ["--data_dir", photos]
    assert run("--runs", folder, folder, *arguments) == 0
    first, again = json.loads((tmp_path / "out" / "evaluation.json").read_text())["runs"]
    assert first == again and [score["step"] for score in first["scores"]] == [1, 2]
    assert f"{first['scores'][-1]['loss']:.3f}" in capsys.readouterr().out
    assert load_picture(tmp_path / "out" / "time.png").image.std() > 0.02
    assert run("--runs", folder, "--ckpt", folder / "style.pt", *arguments) == 2
    assert "--runs takes the place of --ckpt: give one of them" in capsys.readouterr().err


def test_networks_for_textures_have_a_table_of_their_own(
    network: str, arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texture_ckpt = save_texture_network(tmp_path / "peppers.pt")
    seeds = ["--num_seeds", 2, "--optimum_steps", 3]
    assert run("--ckpt", texture_ckpt, *arguments, *seeds) == 0
    (texture,) = json.loads((tmp_path / "out" / "evaluation.json").read_text())["textures"]
    assert len(texture["styles"]) == len(texture["optimum_styles"]) == 2
    table = (tmp_path / "out" / "evaluation.md").read_text()
    assert f"{texture['style_ratio']:.2f}" in table and f"{texture['seam']:.2f}" in table
    assert table in capsys.readouterr().out
    assert run("--ckpt", texture_ckpt, network, *arguments) == 2
    assert "measured apart from those that stylize photos; give one kind" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--texture="], "--texture is missing: name the style picture"),
        (["--ckpt", "no.pt"], "no.pt: no such checkpoint"),
        (["--data_dir="], "--data_dir is missing: name a COCO root or a folder of pictures"),
        (["--data_dir", "nowhere"], "--data_dir nowhere: no such folder"),
        (["--split", "test"], "--split test needs a COCO root"),
        (["--max_images", "1"], "at least 2 are needed"),
        (["--image_size", "8"], "--image_size must be at least 64 pixels"),
        (["--curve_step", "0"], "--curve_step must be between 0.01 and 0.5"),
        (["--eval_features", "vgg16", "--eval_weights", "no.pth"], "--eval_weights no.pth: no such file"),
    ],
)
def test_a_mistake_is_one_line(
    network: str, arguments: list[object], flags: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--ckpt", network, *arguments, *flags) == 2
    assert complaint in capsys.readouterr().err


def test_no_network_is_a_mistake(arguments: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert "--ckpt is missing" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["config.json", "metrics.jsonl", "latest.pt"])
def test_a_bad_run_is_named_once_and_the_others_are_measured(
    name: str, shared_config: TrainConfig, arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, empty = (tmp_path / folder for folder in ("good", "bad", "empty"))
    fit(with_options(shared_config, "optim", max_steps=1), good)
    shutil.copytree(good, bad)
    (bad / name).write_bytes(b"{\x00damaged")
    empty.mkdir()
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(2):
        draw_scene(64, seed=100 + number).save(photos / f"{number}.png")
    arguments += ["--data_dir", photos]
    assert run("--runs", bad, good, empty, *arguments) == 1
    output = capsys.readouterr()
    assert output.err.count(str(empty)) == 1
    assert output.err.count(str(bad / name)) == (name == "latest.pt")
    assert "| good" in output.out and "| bad" in output.out
