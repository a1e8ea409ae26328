"""Output whose reader has gone does not end a command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY

PROGRAM = """
import sys
from pathlib import Path
from tqdm import tqdm
from texnet.cli.commands import run_command

def work():
    for _ in tqdm(range(3), file=sys.stderr):
        for stream in (sys.stdout, sys.stderr):
            print("x" * 100_000, file=stream)
        sys.stdout.flush()
    print(ascii("done"), "caf\\u00e9 \\udcff")
    Path(sys.argv[1]).write_text("done")
    return 0

run_command(work)
"""


def run(path: Path, **settings: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], cwd=REPOSITORY, **settings)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("closed", [("stdout",), ("stderr",), ("stdout", "stderr")], ids="-".join)
def test_a_command_goes_on_when_nobody_reads_any_more(closed: tuple[str, ...], tmp_path: Path) -> None:
    reader, writer = os.pipe()
    nowhere = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
    command = run(tmp_path / "end", **{**nowhere, **dict.fromkeys(closed, writer)})
    os.close(writer)
    os.close(reader)
    assert command.wait(60) == 0
    assert (tmp_path / "end").read_text() == "done"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_command_goes_on_when_its_log_is_full(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        assert run(tmp_path / "end", stdout=full, stderr=full).wait(60) == 0
    assert (tmp_path / "end").read_text() == "done"


def test_a_command_goes_on_without_streams(tmp_path: Path) -> None:
    command = ["sh", "-c", 'exec "$0" -c "$1" "$2" >&- 2>&-', sys.executable, PROGRAM, str(tmp_path / "end")]
    assert subprocess.run(command, cwd=REPOSITORY, timeout=60).returncode == 0
    assert (tmp_path / "end").read_text() == "done"


def test_what_an_encoding_lacks_is_escaped(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    command = run(tmp_path / "end", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    assert rb"caf\xe9 \udcff" in command.communicate(timeout=60)[0]
    assert command.returncode == 0
