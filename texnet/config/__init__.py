"""Every option of texnet: its name, type, default, help and validation, and nowhere else.

The command line (:mod:`texnet.cli.options`), the checkpoints and ``config.json`` are all made from
these dataclasses. Imports nothing heavy, so that ``--help`` answers at once.
"""

from __future__ import annotations

from texnet.config.commands import (
    MEASUREMENT_NAMES,
    STYLE_TAPS,
    BenchmarkConfig,
    CalibrateConfig,
    DistillConfig,
    EvaluateConfig,
    PretrainConfig,
    SweepConfig,
)
from texnet.config.fields import (
    PRECISION_NAMES,
    SEEDS,
    from_dict,
    option,
    parse_size,
    require,
    to_dict,
)
from texnet.config.painting import OPTIMIZER_NAMES, OptimizeConfig, StylizeConfig, SynthesizeConfig
from texnet.config.training import (
    FEATURES_NAMES,
    GENERATOR_NAMES,
    STATISTIC_NAMES,
    DataConfig,
    GeneratorConfig,
    LossConfig,
    OptimConfig,
    RunConfig,
    TrainConfig,
)

__all__ = [
    "FEATURES_NAMES",
    "GENERATOR_NAMES",
    "MEASUREMENT_NAMES",
    "OPTIMIZER_NAMES",
    "PRECISION_NAMES",
    "SEEDS",
    "STATISTIC_NAMES",
    "STYLE_TAPS",
    "BenchmarkConfig",
    "CalibrateConfig",
    "DataConfig",
    "DistillConfig",
    "EvaluateConfig",
    "GeneratorConfig",
    "LossConfig",
    "OptimConfig",
    "OptimizeConfig",
    "PretrainConfig",
    "RunConfig",
    "StylizeConfig",
    "SweepConfig",
    "SynthesizeConfig",
    "TrainConfig",
    "from_dict",
    "option",
    "parse_size",
    "require",
    "to_dict",
]
