"""texnet monitor: its mistakes; the server itself is tested in tests/monitoring/visdom."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import exit_code
from texnet.cli.monitor import main


def test_a_folder_without_a_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, [tmp_path]) == 2
    assert capsys.readouterr().err == f"texnet: {tmp_path}: no metrics.jsonl in it, so no run\n"


@pytest.mark.parametrize("port", ["0", "65536"])
def test_a_port_out_of_range_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--port", port]) == 2
    assert capsys.readouterr().err == "texnet: --port must be between 1 and 65535\n"
