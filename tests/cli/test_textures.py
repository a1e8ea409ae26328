"""texnet textures: the style pictures drawn into a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.helpers import exit_code
from tests.helpers import REPOSITORY
from texnet.cli.textures import main
from texnet.drawing import TEXTURES, texture_file


@pytest.mark.slow
def test_the_command_draws_what_is_named_into_a_folder(tmp_path: Path) -> None:
    arguments = ["mosaic", "stained_glass", "mosaic", "--size", "96", "--seed", "2", "--output", str(tmp_path / "new")]
    done = subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "textures.py", *arguments],
        capture_output=True, text=True, timeout=120, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    files = [tmp_path / "new" / file for file in ("mosaic.jpg", "stained_glass.png")]
    assert done.stdout.splitlines() == [str(file) for file in files]
    assert sorted((tmp_path / "new").iterdir()) == files
    for file in files:
        with Image.open(file) as picture:
            assert picture.size == (96, 96)


@pytest.mark.slow
def test_without_names_the_command_draws_all_and_leaves_the_global_random_state_alone(tmp_path: Path) -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index, union-attr]
    assert exit_code(main, ["--size", 64, "--output", tmp_path]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {texture_file(name) for name in TEXTURES}
    assert np.array_equal(before, np.random.get_state()[1])  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["sunflowers"], "unknown texture sunflowers: use some of batik, "),
        (["mosaic", "--size", "63"], "--size must be between 64 and 2048"),
        (["mosaic", "--size", "2049"], "--size must be between 64 and 2048"),
        (["mosaic", "--size", "large"], "argument --size: invalid int value: 'large'"),
        (["mosaic", "--seed", "-1"], "--seed must be between 0 and 2^63 - 1"),
        (["mosaic", "--size", "64", "--output", "{file}"], "Not a directory"),
    ],
)
def test_a_mistake_is_one_line_and_draws_nothing(
    arguments: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    places = [argument.format(file=tmp_path / "file") for argument in arguments]
    assert exit_code(main, places if "--output" in places else [*places, "--output", str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert (
        printed.out == "" and printed.err.startswith("texnet: ") and complaint in printed.err and printed.err.count("\n") == 1
    )
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
