"""Every option of texnet: its name, type, default, help and validation, and nowhere else; one file per command.

The command line (:mod:`texnet.cli.options`), the checkpoints and ``config.json`` are all made from these dataclasses.
Imports nothing heavy, so that ``--help`` answers at once.
"""

from __future__ import annotations

from texnet.config.benchmark import MEASUREMENT_NAMES, BenchmarkConfig
from texnet.config.calibrate import CalibrateConfig
from texnet.config.card import CardConfig
from texnet.config.demo import DemoConfig
from texnet.config.device import PRECISION_NAMES, DeviceConfig
from texnet.config.distill import STYLE_TAPS, DistillConfig
from texnet.config.evaluate import EvaluateConfig
from texnet.config.export import FORMAT_NAMES, ExportConfig
from texnet.config.fields import check_given, expand_home, from_dict, option, parse_size, require, to_dict, to_flags
from texnet.config.live import LiveConfig
from texnet.config.monitor import MonitorConfig
from texnet.config.optimize import OPTIMIZER_NAMES, OptimizeConfig
from texnet.config.pretrain import PretrainConfig
from texnet.config.run import RunConfig
from texnet.config.studio import StudioConfig
from texnet.config.styles import ShelfConfig
from texnet.config.stylize import StylizeConfig
from texnet.config.sweep import SweepConfig
from texnet.config.synthesize import SynthesizeConfig
from texnet.config.textures import TexturesConfig
from texnet.config.train import (
    FEATURES_NAMES,
    GENERATOR_NAMES,
    STATISTIC_NAMES,
    DataConfig,
    GeneratorConfig,
    LossConfig,
    OptimConfig,
    StylesConfig,
    TrainConfig,
    check_same_run,
)

__all__ = [
    "FEATURES_NAMES",
    "FORMAT_NAMES",
    "GENERATOR_NAMES",
    "MEASUREMENT_NAMES",
    "OPTIMIZER_NAMES",
    "PRECISION_NAMES",
    "STATISTIC_NAMES",
    "STYLE_TAPS",
    "BenchmarkConfig",
    "CalibrateConfig",
    "CardConfig",
    "DataConfig",
    "DemoConfig",
    "DeviceConfig",
    "DistillConfig",
    "EvaluateConfig",
    "ExportConfig",
    "GeneratorConfig",
    "LiveConfig",
    "LossConfig",
    "MonitorConfig",
    "OptimConfig",
    "OptimizeConfig",
    "PretrainConfig",
    "RunConfig",
    "ShelfConfig",
    "StudioConfig",
    "StylesConfig",
    "StylizeConfig",
    "SweepConfig",
    "SynthesizeConfig",
    "TexturesConfig",
    "TrainConfig",
    "check_given",
    "check_same_run",
    "expand_home",
    "from_dict",
    "option",
    "parse_size",
    "require",
    "to_dict",
    "to_flags",
]
