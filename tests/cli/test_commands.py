"""texnet itself, and what every command has: a help, exit codes, one line for a user's mistake, a traceback for our own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

import texnet.cli
from tests.cli.helpers import STYLIZING, TRAINING, Main, complaints, exit_code, fill
from tests.helpers import REPOSITORY
from texnet.cli import monitor, stylize, train
from texnet.cli.commands import COMMANDS, fail, run_command
from texnet.errors import NonFiniteError, UserError

UNPARSABLE = {
    "no number": (train.main, "--batch_size many", "--batch_size: invalid int value: 'many'"),
    "no such choice": (train.main, "--statistic mean", "--statistic: invalid choice: 'mean'"),
    "a flag that is not there": (train.main, "--color red", "unrecognized arguments: --color red"),
    "no such precision": (stylize.main, "--precision half", "--precision: invalid choice: 'half'"),
    "no value": (stylize.main, "--ckpt", "--ckpt: expected at least one argument"),
    "no port": (monitor.main, "--port http", "--port: invalid int value: 'http'"),
}


@pytest.mark.parametrize(("main", "flags", "complaint"), UNPARSABLE.values(), ids=list(UNPARSABLE))
def test_what_cannot_be_parsed_is_named_in_the_last_line(
    main: Main, flags: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(main, flags.split()) == 2
    assert complaint in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
@pytest.mark.parametrize(("main", "words"), [(train.main, TRAINING), (stylize.main, f"{STYLIZING} {{photo}}")])
def test_a_missing_graphics_card_is_named_with_what_there_is(
    main: Main, words: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(main, fill(words.replace("--device cpu", "--cuda"), places)) == 2
    printed = capsys.readouterr().err
    assert "--device cuda: no cuda device here" in printed and "present: " in printed


def test_an_unknown_command_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(texnet.cli.main, ["paint"]) == 2
    assert capsys.readouterr().err.startswith("texnet: unknown command paint: use one of train, stylize, ")


def test_no_command_shows_what_there_is_and_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(texnet.cli.main, []) == 2
    assert "texnet COMMAND" in capsys.readouterr().out


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_asking_for_help_is_no_mistake(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(texnet.cli.main, [flag]) == 0
    printed = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in printed] == []


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_a_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(texnet.cli.main, [command, "--help"]) == 0
    assert f"usage: texnet {command}" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    texnet.cli.main(["--version"])
    assert capsys.readouterr().out == f"texnet {texnet.__version__}\n"


@pytest.mark.parametrize(
    "error", [UserError("a\n  b"), OSError(28, "a b"), NonFiniteError("a b"), NotADirectoryError(20, "a b")]
)
def test_every_kind_of_users_error_is_one_line(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> int:
        raise error

    assert exit_code(lambda argv: run_command(fails), []) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("texnet: ") and printed.endswith("a b\n") and printed.count("\n") == 1


def test_an_error_of_the_program_itself_shows_its_traceback() -> None:
    def fails() -> int:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        run_command(fails)


def test_a_lack_of_memory_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> int:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried")

    assert exit_code(lambda argv: run_command(fails), []) == 2
    assert capsys.readouterr().err.startswith("texnet: the memory does not suffice; give smaller pictures")


def test_a_break_leaves_with_the_code_of_a_break() -> None:
    def fails() -> int:
        raise KeyboardInterrupt

    assert exit_code(lambda argv: run_command(fails), []) == 130


def run_in_a_process(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"from texnet.cli.commands import main, run_command; {program}"]
    return subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


@pytest.mark.slow
def test_a_value_error_of_the_program_itself_is_a_traceback_and_exit_code_1() -> None:
    done = run_in_a_process("run_command(lambda: int('many'))")
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "Traceback (most recent call last):")
    assert complaints(done.stderr) == []


@pytest.mark.parametrize(("debug", "traceback"), [("", False), ("1", True)])
def test_the_traceback_of_a_users_mistake_is_shown_with_texnet_debug(debug: str, traceback: bool) -> None:
    done = run_in_a_process("main(['train', '--batch_size', '0'])", TEXNET_DEBUG=debug)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "texnet: --batch_size must be at least 1")
    assert ("Traceback" in done.stderr) == traceback


def test_what_a_terminal_would_obey_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    assert fail("a\x1b[2J\u202eb\udcff\nc é 画") == 2
    assert capsys.readouterr().err == "texnet: a\\x1b[2J\\u202eb\\udcff c é 画\n"
