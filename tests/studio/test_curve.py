"""The page's line of the noise factor says at every time what the command paints with."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

import texnet
from texnet.config.stylize import TimedFactor
from texnet.video.schedule import FactorSchedule

CURVE = Path(str(texnet.__file__)).parent / "studio" / "static" / "js" / "video" / "curve.js"
PROGRAM = """
import { factorAt, lineOf } from CURVE;
const { cases, line } = JSON.parse(process.argv[1]);
const found = cases.map(({ points, times }) => times.map((at) => factorAt(points, at)));
console.log(JSON.stringify({ found, line: lineOf(line, 4, 2) }));
"""


def test_the_line_is_the_schedule_of_the_command() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here")
    draw = random.Random(0)
    cases, expected = [], []
    for count in (1, 2, 3, 10):
        seconds = sorted(draw.sample(range(0, 1000), count))
        points = [{"at": at / 100, "factor": draw.random() * 2} for at in seconds]
        times = [0, 99, *(point["at"] for point in points), *(draw.random() * 10 for _ in range(20))]
        schedule = FactorSchedule([TimedFactor(point["at"], point["factor"]) for point in points])
        cases.append({"points": points, "times": times})
        expected.append([schedule.at(time) for time in times])
    line = [{"at": 1, "factor": 0}, {"at": 3, "factor": 1}]
    words = [PROGRAM.replace("CURVE", json.dumps(CURVE.as_uri())), json.dumps({"cases": cases, "line": line})]
    done = subprocess.run(
        [node, "--input-type=module", "--eval", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    for found, wanted in zip(answer["found"], expected, strict=True):
        assert found == pytest.approx(wanted)
    assert answer["line"] == "0,100 25,100 75,50 100,50"
