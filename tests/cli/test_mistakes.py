"""A user's mistake: exit code 2 and one line that names flag or file and says what to do; never a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import texnet.cli
from texnet.checkpoint import Checkpoint
from texnet.cli import monitor, stylize, synthesize, train
from texnet.cli.commands import COMMANDS, run_command
from texnet.config import PRECISION_NAMES, GeneratorConfig
from texnet.errors import NonFiniteError, UserError
from texnet.generators import build_generator

Main = Callable[[Sequence[str]], None]

TRAINING = """--data_dir {photos} --texture {style} --vgg_weights {vgg} --device cpu --precision float32 --image_size 32
    --batch_size 2 --max_steps 1 --warmup_steps 0 --style_layers relu1_1 --content_layers relu1_1 --style_size 0
    --width 4 --num_blocks 1 --verbose"""

TRAINING_MISTAKES = {
    "no photos named": ("--data_dir=", "--data_dir is missing: name a COCO root or a folder of pictures"),
    "photos that are not there": ("--data_dir {tmp}/nowhere", "--data_dir {tmp}/nowhere: no such folder"),
    "a folder without pictures": ("--data_dir {empty}", "--data_dir {empty}: no pictures found in it"),
    "a folder of broken pictures": ("--data_dir {broken}", "none of the 1 pictures can be read, for example {broken}/a.jpg"),
    "a folder's name far too long": ("--data_dir {long}", "File name too long: '{long}'"),
    "no texture": ("--texture=", "--texture is missing: name the style picture"),
    "a texture that is not there": ("--texture {tmp}/no.jpg", "{tmp}/no.jpg: No such file or directory"),
    "a texture that is no picture": ("--texture {broken}/a.jpg", "{broken}/a.jpg: not a picture that can be read"),
    "categories without COCO": (
        "--categories dog",
        "--categories needs a COCO root, with annotations/ in it; {photos} has none",
    ),
    "a split without COCO": (
        "--split val",
        "--split val needs a COCO root, with val2017/ in it; {photos} is none",
    ),
    "an unknown category": ("--data_dir {coco} --categories cat", "--categories: cat not in train2017; known are: dog, person"),
    "an unknown split": ("--data_dir {coco} --split test", "--split test: no such folder in {coco}; it has train2017, val2017"),
    "crops too small": ("--image_size 8", "--image_size must be at least 32 pixels"),
    "a seed too large": ("--seed 99999999999999999999", "--seed must be between 0 and 2^63 - 1"),
    "no end": ("--max_steps 0 --epochs 0", "training without end: give one of --epochs, --max_steps, --max_minutes"),
    "an unknown device": ("--device tpu", "--device tpu: not one of cuda, mps, xpu, cpu"),
    "two devices": ("--cuda", "--cuda contradicts --device cpu: give one of them"),
    "weights that are not there": ("--vgg_weights {tmp}/no.pth", "--vgg_weights {tmp}/no.pth: no such file"),
    "weights of another kind": ("--vgg_weights {style}", "{style}: not a file of VGG weights"),
    "a layer without number": ("--style_layers relu1_1=much", "--style_layers relu1_1=much: write LAYER or LAYER=WEIGHT"),
    "checkpoints into a file": ("--checkpoint_dir {style}", "{style}/"),
    "a run's name with a folder": ("--run_name a/b", "--run_name must be a plain folder name"),
    "a run that exists": (
        "--checkpoint_dir {tmp} --run_name done",
        "--run_name done: that run exists; continue it with --resume",
    ),
    "a run that is not there": ("--resume {tmp}/nowhere", "--resume {tmp}/nowhere: no such file"),
    "a folder that is no run": ("--resume {empty}", "--resume {empty}: no latest.pt in it"),
    "a run that is for stylizing": (
        "--resume {ckpt}",
        "--resume {ckpt}: made for stylizing only; resume from the run's folder",
    ),
}

STYLISING = "--ckpt {ckpt} --output {tmp}/out --device cpu"

STYLISING_MISTAKES = {
    "no network named": ("--ckpt= {photo}", "--ckpt is missing: name a trained network"),
    "a network that is not there": ("--ckpt {tmp}/no.pt {photo}", "{tmp}/no.pt: no such checkpoint"),
    "a network that is a picture": ("--ckpt {style} {photo}", "{style}: not a checkpoint of texnet"),
    "a picture that is not there": ("{tmp}/no.jpg", "{tmp}/no.jpg: no such picture, folder or pattern"),
    "a pattern that fits nothing": ("{tmp}/*.xyz", "{tmp}/*.xyz: no such picture, folder or pattern"),
    "a folder without pictures": ("{empty}", "no pictures found in {empty}"),
    "one file for several": (
        "{photos} --output {tmp}/one.png",
        "--output {tmp}/one.png: one file for 8 pictures; name a folder",
    ),
    "a file that exists": ("{photo} --output {style}", "{style} exists already: give --overwrite, or another --output"),
    "a folder that is a file": ("{photo} --output {style}/inner", "{style}/inner"),
    "a negative strength": ("{photo} --noise_factor -1", "--noise_factor must be numbers, none negative"),
    "a strength beyond the network": ("{photo} --noise_factor 1 9", "--noise_factor 9: this network goes from 0 to 2"),
    "a strength that is a missing file": (
        "{photo} --noise_factor strong",
        "--noise_factor strong: neither a number nor a picture's file",
    ),
    "a mask that is no picture": ("{photo} --noise_factor 1 {broken}/a.jpg", "{broken}/a.jpg: not a picture that can be read"),
    "a mask of another shape": ("{photo} --noise_factor {style}", "{style}: 64x48 pixels do not fit a picture of 40x56"),
    "a size too small": ("{photo} --max_size 3", "--max_size must be 0 or at least 16 pixels"),
    "no picture, and another where a drawn one would go": (
        "--output {tmp}/taken",
        "no pictures named, and where a drawn one would go there is another, {tmp}/taken/scene.png: give --overwrite",
    ),
    "no device of that number": ("--device cpu:x {photo}", "--device cpu:x: write cpu or, for the second one, cpu:1"),
    "a pretrained generator to be refined": (
        "--ckpt {tmp}/base.pt {photo} --refine 1",
        "--ckpt {tmp}/base.pt: a pretrained generator, which has no style",
    ),
    "a network for textures": ("--ckpt {texture_ckpt} {photo}", "{texture_ckpt}: a network for textures"),
}

SYNTHESISING = "--ckpt {texture_ckpt} --output {tmp}/out --size 40x30 --device cpu"

SYNTHESISING_MISTAKES = {
    "no network named": ("--ckpt=", "--ckpt is missing: name a trained network"),
    "a network that is not there": ("--ckpt {tmp}/no.pt", "{tmp}/no.pt: no such checkpoint"),
    "a network for photos": ("--ckpt {ckpt}", "{ckpt}: a network that repaints photos"),
    "no size": ("--size huge", "--size huge: must be WIDTHxHEIGHT"),
    "steps back": ("--refine -1", "--refine must not be negative"),
    "too small to be refined": ("--refine 1", "--size 40x30: --refine needs at least 32 pixels each"),
    "no texture to be refined towards": (
        "--size 40x40 --refine 1 --texture {tmp}/no.jpg",
        "{tmp}/no.jpg: no such style picture",
    ),
    "a file that exists": ("--output {tmp}/one.png", "{tmp}/one.png exists already: give --overwrite, or another --output"),
    "a format that is not written in parts": ("--output {tmp}/a.jpg", "--output {tmp}/a.jpg: only .png can be written"),
    "a folder that is a file": ("--output {style}/inner", "{style}/inner"),
}

UNPARSABLE = {
    "no number": (train.main, "--batch_size many", "--batch_size: invalid int value: 'many'"),
    "no such choice": (train.main, "--statistic mean", "--statistic: invalid choice: 'mean'"),
    "a flag that is not there": (train.main, "--color red", "unrecognized arguments: --color red"),
    "no such precision": (stylize.main, "--precision half", "--precision: invalid choice: 'half'"),
    "no value": (stylize.main, "--ckpt", "--ckpt: expected one argument"),
    "no port": (monitor.main, "--port http", "--port: invalid"),
}


@pytest.fixture
def places(
    tmp_path: Path,
    photo_folder: Path,
    style_path: Path,
    vgg_path: Path,
    coco_root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, str]:
    """The files and folders that the commands above name in braces; the test runs in an empty folder."""
    monkeypatch.setenv("THP_MEM_ALLOC_ENABLE", "1")  # the commands set it for the whole process
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.jpg").write_text("no picture")
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "latest.pt").touch()
    (tmp_path / "one.png").touch()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "scene.png").touch()
    ckpt, texture_ckpt = tmp_path / "style.pt", tmp_path / "texture.pt"
    for path, no_content in ((ckpt, False), (texture_ckpt, True)):
        config = GeneratorConfig(width=4, num_blocks=1, no_content=no_content)
        checkpoint = Checkpoint(config, build_generator(config).state_dict(), ("stripes",), term_norm={"tv": 1.0})
        checkpoint.save(path)
        if not no_content:
            replace(checkpoint, term_norm={}).save(tmp_path / "base.pt")
    return {
        "tmp": str(tmp_path),
        "photos": str(photo_folder),
        "photo": str(photo_folder / "photo-0.png"),
        "style": shutil.copy(style_path, tmp_path),
        "vgg": str(vgg_path),
        "coco": str(coco_root),
        "empty": str(tmp_path / "empty"),
        "broken": str(tmp_path / "broken"),
        "long": "n" * 300,
        "ckpt": str(ckpt),
        "texture_ckpt": str(texture_ckpt),
    }


def fill(words: str, places: dict[str, str]) -> list[str]:
    return [word.format(**places) for word in words.split()]


def left_with(main: Main, argv: Sequence[str]) -> object:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(argv)
    return left.value.code


def complaints(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("texnet: ")]


@pytest.mark.parametrize(("flags", "complaint"), TRAINING_MISTAKES.values(), ids=list(TRAINING_MISTAKES))
def test_a_mistake_in_training_is_one_line_that_names_it(
    flags: str, complaint: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = left_with(train.main, fill(f"{TRAINING} {flags}", places))
    told = capsys.readouterr().err
    assert (code, len(complaints(told)), "Traceback" in told) == (2, 1, False)
    assert complaint.format(**places) in complaints(told)[0]


@pytest.mark.parametrize(("flags", "complaint"), STYLISING_MISTAKES.values(), ids=list(STYLISING_MISTAKES))
def test_a_mistake_in_stylizing_is_one_line_that_names_it(
    flags: str, complaint: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = left_with(stylize.main, fill(f"{STYLISING} {flags}", places))
    told = capsys.readouterr().err
    assert (code, len(told.splitlines())) == (2, 1)
    assert told.startswith("texnet: ")
    assert complaint.format(**places) in told


@pytest.mark.parametrize(("flags", "complaint"), SYNTHESISING_MISTAKES.values(), ids=list(SYNTHESISING_MISTAKES))
def test_a_mistake_in_synthesizing_is_one_line_that_names_it(
    flags: str, complaint: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = left_with(synthesize.main, fill(f"{SYNTHESISING} {flags}", places))
    told = capsys.readouterr().err
    assert (code, len(complaints(told)), "Traceback" in told) == (2, 1, False)
    assert complaint.format(**places) in complaints(told)[0]


@pytest.mark.parametrize(("main", "flags", "complaint"), UNPARSABLE.values(), ids=list(UNPARSABLE))
def test_what_cannot_be_parsed_is_named_in_the_last_line(
    main: Main, flags: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_with(main, flags.split()) == 2
    assert complaint in capsys.readouterr().err.splitlines()[-1]


def test_the_mistakes_are_mistakes_for_without_them_training_works(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_with(train.main, fill(TRAINING, places)) == 0
    assert "1 steps; stylize with: texnet stylize --ckpt checkpoints/stripes/style.pt" in capsys.readouterr().out


def test_the_mistakes_are_mistakes_for_without_them_stylizing_works(places: dict[str, str]) -> None:
    assert left_with(stylize.main, fill(f"{STYLISING} {{photo}}", places)) == 0
    assert Path(places["tmp"], "out", "photo-0_stripes.png").is_file()


def test_the_mistakes_are_mistakes_for_without_them_synthesizing_works(places: dict[str, str]) -> None:
    assert left_with(synthesize.main, fill(f"{SYNTHESISING} --tileable", places)) == 0
    assert Path(places["tmp"], "out", "stripes_40x30_seed-0_tileable.png").is_file()


@pytest.mark.parametrize(("main", "words"), [(stylize.main, f"{STYLISING} {{photo}}"), (synthesize.main, SYNTHESISING)])
def test_the_precision_that_is_asked_for_is_painted_in(main: Main, words: str, places: dict[str, str]) -> None:
    painted = set()
    for precision in PRECISION_NAMES:
        assert left_with(main, fill(f"{words} --overwrite --precision {precision}", places)) == 0
        painted.update(path.read_bytes() for path in Path(places["tmp"], "out").iterdir())
    assert len(painted) == 2


def test_a_texture_needs_no_photos_and_says_what_to_do_with_it(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_with(train.main, fill(f"{TRAINING} --data_dir= --no_content", places)) == 0
    told = capsys.readouterr()
    assert "synthesize with: texnet synthesize --ckpt checkpoints/stripes/style.pt --size" in told.out
    assert "noise alone" in told.err


def test_a_texture_is_not_continued_as_a_network_for_photos(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with(train.main, fill(f"{TRAINING} --data_dir= --no_content --run_name a", places)) == 0
    assert left_with(train.main, fill("--resume checkpoints/a --no-no_content --device cpu", places)) == 2
    assert "--no_content False: this run was begun with True" in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
@pytest.mark.parametrize(("main", "words"), [(train.main, TRAINING), (stylize.main, f"{STYLISING} {{photo}}")])
def test_a_missing_graphics_card_is_named_with_what_there_is(
    main: Main, words: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_with(main, fill(words.replace("--device cpu", "--cuda"), places)) == 2
    told = capsys.readouterr().err
    assert "--device cuda: no cuda device here" in told and "present: " in told


def test_several_processes_on_a_device_that_they_cannot_share_are_refused(
    places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.mps, "is_available", lambda: True)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert left_with(train.main, fill(TRAINING.replace("--device cpu", "--device mps"), places)) == 2
    assert "several processes train on cuda or cpu, not on mps; give --device cpu" in capsys.readouterr().err


def test_a_broken_picture_among_others_is_named_and_the_others_are_painted(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = left_with(stylize.main, fill(f"{STYLISING} {{photo}} {{broken}}", places))
    told = capsys.readouterr()
    assert code == 1
    assert told.err.count("skipped {broken}/a.jpg: not a picture that can be read".format(**places)) == 1
    assert "1 of 2 pictures repainted" in told.out
    assert len(list(Path(places["tmp"], "out").glob("*.png"))) == 1


def test_stylizing_nothing_but_broken_pictures_is_a_mistake(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    code = left_with(stylize.main, fill(f"{STYLISING} {{broken}}", places))
    told = capsys.readouterr()
    assert code == 2
    assert told.err == "skipped {broken}/a.jpg: not a picture that can be read\n".format(**places)


def test_watching_a_folder_that_is_no_run_names_it(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with(monitor.main, [places["empty"]]) == 2
    assert capsys.readouterr().err == "texnet: {empty}: no metrics.jsonl in it, so no run\n".format(**places)


def test_an_unknown_command_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with(texnet.cli.main, ["paint"]) == 2
    assert capsys.readouterr().err.startswith("texnet: unknown command paint: use one of train, stylize, ")


def test_no_command_shows_what_there_is_and_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with(texnet.cli.main, []) == 2
    assert "texnet COMMAND" in capsys.readouterr().out


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_asking_for_help_is_no_mistake(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with(texnet.cli.main, [flag]) == 0
    told = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in told] == []


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_a_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with(texnet.cli.main, [command, "--help"]) == 0
    assert f"usage: texnet {command}" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    texnet.cli.main(["--version"])
    assert capsys.readouterr().out == f"texnet {texnet.__version__}\n"


def test_settings_are_shown_without_training(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with(train.main, ["--dry_run", "--batch_size", "7"]) == 0
    assert '"batch_size": 7' in capsys.readouterr().out


@pytest.mark.parametrize(
    "error", [UserError("a\n  b"), OSError(28, "a b"), NonFiniteError("a b"), NotADirectoryError(20, "a b")]
)
def test_every_kind_of_users_error_is_one_line(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> int:
        raise error

    assert left_with(lambda argv: run_command(fails), []) == 2
    told = capsys.readouterr().err
    assert told.startswith("texnet: ") and told.endswith("a b\n") and told.count("\n") == 1


def test_an_error_of_the_program_itself_shows_its_traceback() -> None:
    def fails() -> int:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        run_command(fails)


def test_a_break_leaves_with_the_code_of_a_break() -> None:
    def fails() -> int:
        raise KeyboardInterrupt

    assert left_with(lambda argv: run_command(fails), []) == 130
