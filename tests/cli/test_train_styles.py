"""One network for several styles, from the command line: learned, used, appended to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.generators.test_style_delta import moved_delta
from tests.helpers import moved_generator, save_stripes, with_options
from tests.training.conftest import coarse_calibration as coarse_calibration
from texnet.checkpoint import Checkpoint, StyleCollection, StyleEntry
from texnet.cli import export, live, styles, stylize, train
from texnet.cli.choose_style import all_styles, choose_styles, is_style
from texnet.config import GeneratorConfig, TrainConfig, to_flags
from texnet.drawing import draw_scene
from texnet.errors import UserError
from texnet.generators import build_generator

SHAPE = GeneratorConfig(width=4, num_blocks=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    entries = {
        name: StyleEntry(dict(moved_delta(build_generator(SHAPE), 1, seed).state_dict()), term_norm={"tv": 1.0})
        for seed, name in enumerate(("wave", "scream"))
    }
    StyleCollection(SHAPE, dict(moved_generator(SHAPE).state_dict()), entries).save(tmp_path / "styles.pt")
    draw_scene(32, seed=1).save(tmp_path / "photo.png")
    return tmp_path / "styles.pt"


def test_pictures_may_stand_behind_styles(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, photo = path.parent / "out", str(path.parent / "photo.png")
    with pytest.raises(SystemExit, match=r"^0$"):
        stylize.main(["--ckpt", str(path), "--output", str(output), "--style", "wave:0.7", "scream:0.3", photo])
    assert [file.name for file in output.iterdir()] == ["photo_wave+scream.png"]
    assert "1 of 1 pictures stylized" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "expected"),
    [("wave", True), ("wave:0.7", True), ("the scream:2", True), ("photo.jpg", False), ("a/photo", False), ("*.png", False)],
)
def test_what_can_be_a_style(word: str, expected: bool) -> None:
    assert is_style(word) == expected


def test_styles_are_of_one_file(path: Path) -> None:
    assert choose_styles([str(path)], ["wave"]) == (f"{path}#wave",)
    assert choose_styles(["a.pt", "b.pt"], []) == ("a.pt", "b.pt")
    with pytest.raises(UserError, match="--style is for one file of many styles; of several files name each as FILE#STYLE"):
        choose_styles(["a.pt", "b.pt"], ["wave"])
    assert all_styles([str(path), "x.pt"]) == (f"{path}#wave", f"{path}#scream", "x.pt")


def test_a_style_must_be_chosen(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (stylize.main, lambda words: export.main([word for word in words if "photo" not in word])):
        with pytest.raises(SystemExit) as ended:
            command(["--ckpt", str(path), str(path.parent / "photo.png")])
        assert ended.value.code == 2
        assert capsys.readouterr().err == f"texnet: {path}: holds 2 styles; choose with --style: wave, scream\n"
    with pytest.raises(SystemExit):
        live.main(["--ckpt", str(path), "--style", "tide", "--camera", str(path.parent / "photo.png")])
    assert capsys.readouterr().err == f"texnet: {path}: no style tide; it has wave, scream\n"


def test_all_settings_of_several_styles_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    textures = save_stripes(("mosaic", "batik"), tmp_path)
    with pytest.raises(SystemExit, match=r"^0$"):
        train.main(["--data_dir", "photos", "--texture", *textures, "--dry_run"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["textures"] == textures
    assert shown["styles"]["style_rank"] == 8


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--texture", "{mosaic}", "{batik}", "--no_content"], "--no_content: not for several styles in one network"),
        (["--texture", "{mosaic}", "{mosaic}"], "another picture is called mosaic too; rename one of the files"),
        (["--texture", "{mosaic}", "{tmp}/none.jpg"], "{tmp}/none.jpg"),
        (["--texture", "{mosaic}", "{batik}", "--append_to", "{tmp}/x.pt"], "--append_to: one style picture at a time"),
        (["--texture", "{mosaic}", "--append_to", "{tmp}/x.pt"], "{tmp}/x.pt: no such file of styles"),
    ],
)
def test_mistakes_get_a_line(
    tmp_path: Path, photo_folder: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    places = dict(zip(("mosaic", "batik"), save_stripes(("mosaic", "batik"), tmp_path), strict=True)) | {"tmp": str(tmp_path)}
    with pytest.raises(SystemExit) as ended:
        train.main(
            ["--data_dir", str(photo_folder), "--checkpoint_dir", str(tmp_path / "c"), *(w.format(**places) for w in words)]
        )
    assert ended.value.code == 2
    assert message.format(**places) in capsys.readouterr().err


@pytest.mark.slow
def test_processes_and_other_styles_are_refused(
    tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    textures = save_stripes(("mosaic", "batik", "wave"), tmp_path)
    words = [*to_flags(with_options(tiny_config, "optim", epochs=0, max_steps=1)), "--run_name", "run"]
    first = words.index("--texture")
    words[first : first + 2] = []
    with pytest.raises(SystemExit, match=r"^0$"):
        train.main([*words, "--texture", *textures[:2]])
    run = str(Path(tiny_config.run.checkpoint_dir) / "run")
    assert Checkpoint.load(f"{run}/styles.pt#batik").run_config() is not None, "so that its held-out photos are known"
    with pytest.raises(SystemExit, match=r"^2$"):
        train.main(["--resume", run, "--max_steps", "2", "--texture", *textures[1:]])
    assert "this run learns mosaic, batik, not batik, wave; start a new run" in capsys.readouterr().err
    with pytest.raises(SystemExit, match=r"^0$"):
        train.main(["--resume", run, "--max_steps", "2", "--texture", *textures[:2]])
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SystemExit, match=r"^2$"):
        train.main([*words, "--texture", *textures[:2]])
    assert "torchrun: several styles in one network train in one process" in capsys.readouterr().err


def test_styles_of_a_file_are_listed_and_removed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = stylize_bytes(path, "scream")
    for words, shown in (
        ([], "| wave "),
        (["--card", "scream"], "generator: residual"),
        (["--remove", "wave"], "wave is removed, 1 left"),
    ):
        with pytest.raises(SystemExit, match=r"^0$"):
            styles.main(["--ckpt", str(path), *words])
        assert shown in capsys.readouterr().out
    assert list(StyleCollection.load(path).entries) == ["scream"]
    assert stylize_bytes(path, "scream") == before
    for words, message in (
        (["--ckpt", str(path), "--remove", "scream"], "scream is the only style; delete the file instead"),
        (["--remove", "scream"], "--remove: name the file of many styles with --ckpt"),
        (["--ckpt", str(path), "--styles_dir", "."], "--styles_dir and --ckpt: give one of them"),
    ):
        with pytest.raises(SystemExit, match=r"^2$"):
            styles.main(words)
        assert message in capsys.readouterr().err


def stylize_bytes(path: Path, style: str) -> bytes:
    output = path.parent / "one.png"
    with pytest.raises(SystemExit, match=r"^0$"):
        stylize.main(["--ckpt", f"{path}#{style}", "--output", str(output), "--overwrite", str(path.parent / "photo.png")])
    return output.read_bytes()
