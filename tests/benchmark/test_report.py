"""Figures side by side as JSON, and the machine that they were taken on."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from texnet.benchmark import BenchmarkSetup, describe_setup, headline, save_report
from texnet.benchmark.measure import Comparison, Cost, Roofline
from texnet.benchmark.report import describe_processor, plain
from texnet.benchmark.training import Stage, TrainingSpeed
from texnet.config import BenchmarkConfig

ROOFLINE = Roofline(flops=100, rate=1000.0)
BOTH = Comparison(Cost((0.1, 0.2, 9.0), ROOFLINE, "bfloat16", 5), Cost((0.8,), ROOFLINE, "float32"))


def test_a_result_is_plain_with_its_properties() -> None:
    assert plain(BOTH) == {
        "ours": {
            "rounds": [0.1, 0.2, 9.0],
            "roofline": {"flops": 100, "rate": 1000.0, "seconds": 0.1},
            "precision": "bfloat16",
            "peak_bytes": 5,
            "seconds": 0.2,
            "times_roofline": 2.0,
        },
        "baseline": {
            "rounds": [0.8],
            "roofline": {"flops": 100, "rate": 1000.0, "seconds": 0.1},
            "precision": "float32",
            "peak_bytes": None,
            "seconds": 0.8,
            "times_roofline": 8.0,
        },
        "ratio": 4.0,
    }


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    result = TrainingSpeed(4, 32, BOTH, (Stage(1.0, 32, (0.2,)),))
    save_report(tmp_path / "deep" / "report.json", {"device": "cpu"}, {"training": result})
    read = json.loads((tmp_path / "deep" / "report.json").read_text())
    assert read == {"about": {"device": "cpu"}, "training": plain(result)}


def test_the_processor_and_its_instruction_set_stand_beside_the_figures(setup: BenchmarkSetup) -> None:
    about = describe_setup(setup, BenchmarkConfig(rounds=3))
    assert about["processor"] == describe_processor()
    assert about["processor"]["name"]
    assert about["processor"]["instructions"][0] == torch.backends.cpu.get_cpu_capability()
    line = headline(about)
    assert f"{about['processor']['name']} ({', '.join(about['processor']['instructions'])})" in line
    assert line.endswith("float32; medians of 3 rounds in turns")
