"""One table of the figures that matter most."""

from __future__ import annotations

from texnet.benchmark import summarize
from texnet.benchmark.compiling import CompiledSpeed
from texnet.benchmark.convergence import Convergence, ScoredTraining
from texnet.benchmark.isolation import Failure
from texnet.benchmark.measure import Comparison, Cost, Roofline
from texnet.benchmark.processes import DistributedSpeed, TrainedBy
from texnet.benchmark.startup import StartUp
from texnet.benchmark.stylizing import StylizingSpeed
from texnet.benchmark.training import Stage, TrainingSpeed

ROOFLINE = Roofline(1, 1.0)
BOTH = Comparison(Cost((0.02,), ROOFLINE, "bfloat16"), Cost((0.08,), ROOFLINE, "float32"))
COURSE = Convergence(
    "vgg19",
    100,
    4,
    (ScoredTraining(800, 80.0, 1.0), ScoredTraining(400, 40.0, 1.04), ScoredTraining(200, 20.0, 1.06)),
)


def test_every_measurement_has_its_lines() -> None:
    table = summarize(
        {
            "training": TrainingSpeed(4, 256, BOTH, (Stage(1.0, 256, (0.01,)),)),
            "stylizing": StylizingSpeed({}, {"64x64": BOTH, "9x9": Comparison(None, None)}),
            "startup": StartUp({"ours": (1.0,), "baseline": (2.0,)}),
            "compile": CompiledSpeed(
                4, 64, {"eager": (0.02,), "compiled": (0.01,), "baseline": (0.08,)}, 45.0, {"eager": 7.0, "compiled": 7.01}
            ),
            "distributed": DistributedSpeed("cuda:0", 4, 200, (TrainedBy(1, 400.0, 3.5), TrainedBy(2, 300.0, 3.5))),
            "convergence": COURSE,
            "profile": Failure("its process ended by SIGKILL"),
        }
    )
    assert table.rows == [
        ["training", "pictures/s, 256 pixels", "200", "50.0"],
        ["training", "pictures/s, growing crops", "400", "-"],
        ["stylizing", "ms, 64x64", "20.0", "80.0"],
        ["stylizing", "ms, 9x9", "-", "-"],
        ["startup", "s to the first picture", "1.00", "2.00"],
        ["compile", "pictures/s, 64 pixels", "200", "50.0"],
        ["compile", "pictures/s, 64 pixels, --compile", "400", "-"],
        ["compile", "s, first compiled step", "45.0", "-"],
        ["compile", "losses, eager and compiled", "7.000, 7.010", "-"],
        ["distributed", "pictures/s and loss, 1 process on cuda:0", "400, 3.500", "-"],
        ["distributed", "pictures/s and loss, 2 processes on cuda:0", "300, 3.500", "-"],
        ["convergence", "s to 1.05 x the loss of 800 steps", "40.0", "-"],
        ["convergence", "s of 800 steps", "80.0", "-"],
        ["convergence", "pictures/s of that training, growing crops", "40.0", "-"],
        ["profile", "failed", "its process ended by SIGKILL", "-"],
    ]


def test_the_quickest_training_is_the_shortest_that_is_near_the_longest() -> None:
    assert COURSE.quickest == COURSE.trainings[1]
    assert [row[3] for row in COURSE.table().rows] == ["1.000", "1.040", "1.060"]
