"""texnet export: mistakes, the file's name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.helpers import complaints, exit_code, fill
from texnet.cli.export import main

EXPORTING = "--ckpt {ckpt} --output {tmp}/out --format pt2"
MISTAKES = {
    "no network named": ("--ckpt=", "--ckpt is missing: name a trained network"),
    "a network that is not there": ("--ckpt {tmp}/no.pt", "{tmp}/no.pt: no such checkpoint"),
    "a network for textures": ("--ckpt {texture_ckpt}", "{texture_ckpt}: a network for textures, which repaints no photos"),
    "no size": ("--size huge", "--size huge: must be WIDTHxHEIGHT"),
    "a strength of nothing": ("--fold 0", "--fold must be a number above 0"),
    "a strength beyond the trained ones": ("--fold 5", "--fold 5: this network goes from 0 to 2"),
    "another suffix": ("--output {tmp}/a.onnx", "--output {tmp}/a.onnx: --format pt2 is written into files of suffix .pt2"),
    "a size that the stride does not divide": ("--size 512x383", "--size 512x383: width and height must be multiples of 4"),
    "several networks in a file": ("--ckpt {ckpt} {ckpt}", "--ckpt: --format pt2 is of one network"),
    "a page's photo without a page": ("--example {photo}", "--runtime and --example are for --format web"),
    "a page of one strength": ("--format web --fold 0.5", "--format web paints any size and strength: no --fold, no --size"),
    "a page in a file's place": ("--format web --output {tmp}/one.png", "--output {tmp}/one.png: --format web writes a folder"),
    "a page in another folder's place": ("--format web --output {tmp}/taken", "{tmp}/taken exists already: give --overwrite"),
    "a folder without onnxruntime-web": ("--format web --runtime {empty}", "--runtime {empty}: not the npm package"),
    "a file that exists": ("--output {tmp}/taken.pt2", "{tmp}/taken.pt2 exists already: give --overwrite"),
}


@pytest.mark.parametrize(("flags", "complaint"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_that_names_it(
    flags: str, complaint: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(places["tmp"], "taken.pt2").touch()
    code = exit_code(main, fill(f"{EXPORTING} {flags}", places))
    printed = capsys.readouterr().err
    assert (code, len(complaints(printed)), "Traceback" in printed) == (2, 1, False)
    assert complaint.format(**places) in complaints(printed)[0]


def test_a_missing_package_is_named_with_the_extra_that_has_it(
    places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert exit_code(main, fill("--ckpt {ckpt}", places)) == 2
    assert "--format onnx needs onnx: pip install 'texnet[export]'" in complaints(capsys.readouterr().err)[0]


@pytest.mark.slow
def test_the_same_command_line_without_a_mistake_writes_a_file(
    places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(main, fill(f"{EXPORTING} --fold 0.5 --half", places)) == 0
    assert Path(places["tmp"], "out", "stripes_fold-0.5_half.pt2").is_file()
    assert "largest difference from texnet stylize" in capsys.readouterr().out
