"""The measurements by name, the machine that they were taken on, and all figures as JSON."""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

import texnet
from texnet.benchmark.compiling import measure_compile
from texnet.benchmark.convergence import measure_convergence
from texnet.benchmark.device_tests import measure_tests
from texnet.benchmark.processes import measure_distributed
from texnet.benchmark.profile import measure_profile
from texnet.benchmark.setup import BenchmarkSetup
from texnet.benchmark.startup import measure_startup
from texnet.benchmark.stylizing import measure_stylizing
from texnet.benchmark.summary import BenchmarkResult
from texnet.benchmark.training import measure_training
from texnet.config import BenchmarkConfig, to_dict
from texnet.devices import describe_device, name_of
from texnet.files import write_atomically

# names of instructions that decide how fast a CPU multiplies in low precision, and torch's questions for them
INSTRUCTIONS = {"AVX512_BF16": "_is_avx512_bf16_supported", "AMX": "_is_amx_tile_supported"}


MEASUREMENTS: dict[str, Callable[[BenchmarkSetup, BenchmarkConfig], BenchmarkResult]] = {
    "training": measure_training,
    "profile": measure_profile,
    "stylizing": measure_stylizing,
    "startup": measure_startup,
    "compile": measure_compile,
    "convergence": measure_convergence,
    "distributed": measure_distributed,
    "tests": measure_tests,
}


def describe_setup(setup: BenchmarkSetup, config: BenchmarkConfig) -> dict[str, Any]:
    """What is measured, where and how, in plain types."""
    return {
        "texnet": texnet.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "device": describe_device(setup.device),
        "processor": describe_processor(),
        "precision": name_of(setup.precision),
        "rounds": config.rounds,
        "generator": to_dict(setup.training.generator),
        "loss": {**to_dict(setup.training.loss), "vgg_weights": "", "texture": Path(setup.training.loss.texture).name},
    }


def headline(about: Mapping[str, Any]) -> str:
    """A setup that was described, in a line."""
    processor = "{name} ({instructions})".format(
        name=about["processor"]["name"], instructions=", ".join(about["processor"]["instructions"])
    )
    words = "texnet {texnet}, torch {torch}, {device}, {processor}, {precision}; medians of {rounds} rounds in turns"
    return words.format(**{**about, "processor": processor})


def describe_processor() -> dict[str, Any]:
    """The processor's name and the instruction sets that torch uses on it, such as AVX512, AVX512_BF16, AMX."""
    capability = torch.backends.cpu.get_cpu_capability()
    extra = [name for name, question in INSTRUCTIONS.items() if getattr(torch.cpu, question, lambda: False)()]
    return {"name": _processor_name(), "instructions": [capability, *extra]}


def plain(value: Any) -> Any:
    """A result as nested dicts, lists and numbers, its properties included: fit for JSON."""
    if dataclasses.is_dataclass(value):
        names = [item.name for item in dataclasses.fields(value)]
        derived = [name for name, member in vars(type(value)).items() if isinstance(member, property)]
        return {name: plain(getattr(value, name)) for name in (*names, *derived)}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def save_report(path: str | Path, about: Mapping[str, Any], results: Mapping[str, BenchmarkResult]) -> None:
    """Write what was measured, on what, as one JSON file."""
    report = {"about": plain(about), **plain(results)}
    write_atomically(path, (json.dumps(report, indent=1, allow_nan=False) + "\n").encode())


def _processor_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
