"""texnet train: a user's mistake is one line that names flag or file; settings, textures, devices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.cli.helpers import TRAINING, complaints, exit_code, fill
from texnet.cli.train import main

MISTAKES = {
    "no photos named": ("--data_dir=", "--data_dir is missing: name a COCO root or a folder of pictures"),
    "photos that are not there": ("--data_dir {tmp}/nowhere", "--data_dir {tmp}/nowhere: no such folder"),
    "a folder without pictures": ("--data_dir {empty}", "--data_dir {empty}: no pictures found in it"),
    "a folder of broken pictures": ("--data_dir {broken}", "none of the 1 pictures can be read, for example {broken}/a.jpg"),
    "a folder's name far too long": ("--data_dir {long}", "--data_dir {long}: no such folder"),
    "no texture": ("--texture=", "--texture is missing: name the style picture"),
    "a texture that is not there": ("--texture {tmp}/no.jpg", "{tmp}/no.jpg: No such file or directory"),
    "a texture that is no picture": ("--texture {broken}/a.jpg", "{broken}/a.jpg: not a picture that can be read"),
    "categories without COCO": (
        "--categories dog",
        "--categories needs a COCO root, with train2017/ and annotations/ in it; {photos} has none",
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
        "--run_name done: {tmp}/done exists; take another name, or continue that run with --resume {tmp}/done",
    ),
    "a run that is not there": ("--resume {tmp}/nowhere", "--resume {tmp}/nowhere: no such file"),
    "a folder that is no run": ("--resume {empty}", "--resume {empty}: no latest.pt in it"),
    "a run that is for stylizing": (
        "--resume {ckpt}",
        "--resume {ckpt}: made for stylizing only; resume from the run's folder",
    ),
}


@pytest.mark.parametrize(("flags", "complaint"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_that_names_it(
    flags: str, complaint: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(main, fill(f"{TRAINING} {flags}", places))
    printed = capsys.readouterr().err
    assert (code, len(complaints(printed)), "Traceback" in printed) == (2, 1, False)
    assert complaint.format(**places) in complaints(printed)[0]


def test_the_same_command_line_without_a_mistake_trains(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, fill(TRAINING, places)) == 0
    assert "1 steps; stylize with: texnet stylize --ckpt checkpoints/stripes/style.pt" in capsys.readouterr().out


def test_settings_are_shown_without_training(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--dry_run", "--batch_size", "7"]) == 0
    assert '"batch_size": 7' in capsys.readouterr().out


def test_a_texture_needs_no_photos_and_says_what_to_do_with_it(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(main, fill(f"{TRAINING} --data_dir= --no_content", places)) == 0
    printed = capsys.readouterr()
    assert "synthesize with: texnet synthesize --ckpt checkpoints/stripes/style.pt --size" in printed.out
    assert "noise alone" in printed.err


def test_a_texture_is_not_continued_as_a_network_for_photos(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, fill(f"{TRAINING} --data_dir= --no_content --run_name a", places)) == 0
    assert exit_code(main, fill("--resume checkpoints/a --no-no_content --device cpu", places)) == 2
    assert "--no_content False: this run began with True" in capsys.readouterr().err


def test_several_processes_on_a_device_that_they_cannot_share_are_refused(
    places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.mps, "is_available", lambda: True)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert exit_code(main, fill(TRAINING.replace("--device cpu", "--device mps"), places)) == 2
    assert "several processes train on cuda or cpu, not on mps; give --device cpu" in capsys.readouterr().err


def test_a_texture_is_learned_from_its_hues_alone(places: dict[str, str]) -> None:
    words = TRAINING.replace("--style_layers relu1_1 --content_layers relu1_1", "--style_layers hues")
    assert exit_code(main, fill(f"{words} --data_dir= --no_content", places)) == 0


@pytest.mark.parametrize(("flags", "missing"), [("--style_weight 0", "style"), ("--content_weight 0", "content")])
def test_a_weight_of_zero_takes_that_term_out_of_the_loss(flags: str, missing: str, places: dict[str, str]) -> None:
    assert exit_code(main, fill(f"{TRAINING} {flags} --log_every 1", places)) == 0
    last = json.loads(Path("checkpoints/stripes/metrics.jsonl").read_text().splitlines()[-1])
    assert last[missing] == 0
    assert last["loss"] > 0
