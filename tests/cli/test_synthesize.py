"""texnet synthesize: mistakes, tiling, precision."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import SYNTHESIZING, complaints, exit_code, fill
from texnet.cli.synthesize import main
from texnet.config import PRECISION_NAMES

MISTAKES = {
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
    "a format that is not written in parts": (
        "--output {tmp}/a.jpg",
        "--output {tmp}/a.jpg: only .png can be written",
    ),
    "a folder that is a file": ("--output {style}/inner", "{style}/inner"),
}


@pytest.mark.parametrize(("flags", "complaint"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_one_line_that_names_it(
    flags: str, complaint: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(main, fill(f"{SYNTHESIZING} {flags}", places))
    printed = capsys.readouterr().err
    assert (code, len(complaints(printed)), "Traceback" in printed) == (2, 1, False)
    assert complaint.format(**places) in complaints(printed)[0]


def test_the_same_command_line_without_a_mistake_writes_a_texture(places: dict[str, str]) -> None:
    assert exit_code(main, fill(f"{SYNTHESIZING} --tileable", places)) == 0
    assert Path(places["tmp"], "out", "stripes_40x30_seed-0_tileable.png").is_file()


def test_the_precision_that_is_asked_for_is_used(places: dict[str, str]) -> None:
    made = set()
    for precision in PRECISION_NAMES:
        assert exit_code(main, fill(f"{SYNTHESIZING} --overwrite --precision {precision}", places)) == 0
        made.update(path.read_bytes() for path in Path(places["tmp"], "out").iterdir())
    assert len(made) == 2
