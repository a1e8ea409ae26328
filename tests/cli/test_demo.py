"""texnet demo: its mistakes, which end it before anything is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import exit_code
from texnet.cli.demo import main


@pytest.mark.parametrize("minutes", ["0", "-1", "inf"])
def test_the_minutes_must_be_positive(minutes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--minutes", minutes, "--output", tmp_path / "demo"]) == 2
    assert capsys.readouterr().err == "texnet: --minutes must be a positive number\n"
    assert not (tmp_path / "demo").exists()
