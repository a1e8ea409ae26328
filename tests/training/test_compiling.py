"""Compiled, a training is the same but for rounding; where nothing can be compiled, one line says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.conftest import REPOSITORY, with_options
from tests.training.conftest import CPU, Diary, build
from texnet.checkpoint import load_checkpoint
from texnet.config import TrainConfig
from texnet.generators import build_generator
from texnet.training.compiling import compile_in_place

needs_compiler = pytest.mark.skipif(shutil.which(os.environ.get("CXX", "g++")) is None, reason="no C++ compiler here")
warns_of_itself = pytest.mark.filterwarnings("ignore:::torch")  # torch.compile of its own parts, another in each version


@needs_compiler
@warns_of_itself
def test_a_compiled_training_has_the_losses_and_the_checkpoint_of_an_eager_one(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    config = with_options(tiny_config, "generator", generator="light", width=2)
    config = with_options(config, "loss", style_layers=("relu1_1",), content_layers=("relu1_1",))
    config = with_options(config, "optim", max_steps=3)
    diaries = {compiled: Diary() for compiled in (False, True)}
    for compiled, diary in diaries.items():
        folder = tmp_path / f"compiled-{compiled}"
        build(with_options(config, "run", compile=compiled, preview_every=2), folder, monitor=diary).fit()
    assert diaries[True].losses == pytest.approx(diaries[False].losses, rel=1e-3)
    assert torch.allclose(diaries[True].previews[2], diaries[False].previews[2], atol=0.02)
    eager, compiled = (load_checkpoint(tmp_path / f"compiled-{name}" / "latest.pt") for name in (False, True))
    for part in ("generator", "ema"):
        assert list(compiled[part]) == list(eager[part])


@needs_compiler
@warns_of_itself
def test_the_loss_and_the_network_are_compiled_whole(tiny_config: TrainConfig, tmp_path: Path) -> None:
    """Every part of a graph is compiled anew for each layer and size, and torch gives up after eight."""
    trainer = build(tiny_config, tmp_path).trainer
    photo, factor = torch.rand(2, 3, 32, 32), torch.tensor([0.3, 1.0])
    for module, inputs in (
        (trainer.generator, (photo, factor, torch.randn(2, 3, 32, 32))),
        (trainer.loss, (photo.clone().requires_grad_(), photo, factor, factor)),
    ):
        assert torch._dynamo.explain(module)(*inputs).graph_break_count == 0


@needs_compiler
@warns_of_itself
def test_compiling_in_place_leaves_the_names_of_weights(tiny_config: TrainConfig) -> None:
    generator = build_generator(tiny_config.generator)
    names = list(generator.state_dict())
    compile_in_place(generator, device=CPU)
    assert list(generator.state_dict()) == names


def test_without_a_compiler_one_line_says_what_to_do(tmp_path: Path) -> None:
    program = "import torch; from texnet.cli import run_command; from texnet.training.compiling import compile_in_place\n"
    program += "run_command(lambda: compile_in_place(device=torch.device('cpu')))"
    environment = {**os.environ, "CXX": str(tmp_path / "nowhere"), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120
    )
    complaints = [line for line in done.stderr.splitlines() if line.startswith("texnet: ")]
    assert done.returncode == 2 and len(complaints) == 1 and "Traceback" not in done.stderr, done.stderr
    assert complaints[0].startswith("texnet: --compile: ") and complaints[0].endswith("or leave --compile out")
