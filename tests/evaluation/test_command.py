"""texnet evaluate: files in, table, JSON and plots out, mistakes in a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from texnet.cli import evaluate
from texnet.config import EvaluateConfig, LossConfig
from texnet.images import load_picture


def run(*argv: object) -> int:
    with pytest.raises(SystemExit) as left:
        evaluate.main([str(word) for word in argv])
    return int(left.value.code or 0)


@pytest.fixture
def arguments(config: EvaluateConfig, loss_config: LossConfig, network: Path, other: Path, tmp_path: Path) -> list[object]:
    flags = [
        *("--texture", loss_config.texture, "--vgg_weights", loss_config.vgg_weights, "--style_size", 0),
        *("--style_layers", *loss_config.style_layers, "--content_layers", *loss_config.content_layers),
        *("--data_dir", config.data_dir, "--max_images", 2, "--image_size", 64, "--curve_images", 1, "--curve_step", 0.5),
        *("--cache_dir", tmp_path / "references", "--device", "cpu", "--output", tmp_path / "out"),
    ]
    return ["--ckpt", network, other, *flags]


def test_table_json_and_plots_tell_the_same(
    arguments: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments, "--optimum_steps", 3) == 0
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        *("evaluation.json", "evaluation.md", "layers.png", "strength.png", "optimum.png")
    }
    report = json.loads((out / "evaluation.json").read_text())
    table = (out / "evaluation.md").read_text()
    assert table in capsys.readouterr().out + "\n"
    assert [network["name"].split("/")[-1] for network in report["networks"]] == ["style", "mosaic"]
    for network in report["networks"]:
        assert f"{network['terms']['loss']:.3f}" in table
        assert f"{network['optimality']['ratio']:.3f}" in table
    assert report["settings"]["evaluation"]["image_size"] == 64
    for name in ("layers.png", "strength.png", "optimum.png"):
        assert load_picture(out / name).image.std() > 0.02


def test_without_optimization_and_dial_their_columns_are_left_out(arguments: list[object], other: Path, tmp_path: Path) -> None:
    arguments[:3] = ["--ckpt", other]
    assert run(*arguments) == 0
    head = (tmp_path / "out" / "evaluation.md").read_text().splitlines()[0]
    assert "SSIM" in head
    assert "optimality ratio" not in head and "style falls" not in head
    assert not (tmp_path / "out" / "strength.png").exists()


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--texture="], "--texture is missing: name the style picture"),
        (["--ckpt", "no.pt"], "no.pt: no such checkpoint"),
        (["--data_dir", "nowhere"], "--data_dir nowhere: no such folder"),
        (["--max_images", "1"], "at least 2 are needed"),
        (["--image_size", "8"], "--image_size must be at least 64 pixels"),
        (["--curve_step", "0"], "--curve_step must be between 0.01 and 0.5"),
        (["--eval_features", "vgg16", "--eval_weights", "no.pth"], "--eval_weights no.pth: no such file"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[object], flags: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments, *flags) == 2
    assert complaint in capsys.readouterr().err


def test_no_network_is_a_mistake(arguments: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments[3:]) == 2
    assert "--ckpt is missing" in capsys.readouterr().err
