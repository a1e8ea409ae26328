"""Compiled, a training is the same but for rounding; where nothing can be compiled, one line says so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.helpers import REPOSITORY, with_options
from tests.training.helpers import Diary, build, fit
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig

TINY = """--num_val 0 --image_size 32 --batch_size 2 --num_workers 1 --generator light --width 2 --num_blocks 1 --style_size 0
    --style_layers relu1_1 --content_layers relu1_1 --max_steps 3 --warmup_steps 2 --precision float32 --no-progressive_crops
    --device cpu --run_name compiled --log_every 1 --preview_every 2 --compile"""


def run_train(config: TrainConfig, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real script, in a process of its own, as torch.compile keeps threads, processes and files."""
    files = ["--data_dir", config.data.data_dir, "--texture", config.loss.texture, "--vgg_weights", config.loss.vgg_weights]
    command = [sys.executable, "scripts/train.py", *files, *TINY.split(), "--checkpoint_dir", str(folder)]
    own = {"OMP_NUM_THREADS": "1", "TORCHINDUCTOR_COMPILE_THREADS": "2", "TORCHINDUCTOR_CACHE_DIR": str(folder / "cache")}
    return subprocess.run(command, cwd=REPOSITORY, env={**os.environ, **own, **environment}, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which(os.environ.get("CXX", "g++")) is None, reason="no C++ compiler here")
def test_a_compiled_training_has_the_losses_and_the_checkpoint_of_an_eager_one(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    done = run_train(tiny_config, tmp_path)
    assert done.returncode == 0, done.stderr
    config = with_options(tiny_config, "generator", generator="light", width=2)
    config = with_options(config, "loss", style_layers=("relu1_1",), content_layers=("relu1_1",))
    diary = Diary()
    fit(with_options(config, "optim", epochs=0, max_steps=3), tmp_path / "eager", monitor=diary)
    lines = [json.loads(line) for line in (tmp_path / "compiled" / "metrics.jsonl").read_text().splitlines()]
    assert {line["step"]: line["loss"] for line in lines} == pytest.approx(
        diary.losses, rel=3e-3
    )  # rounding, which steps amplify
    compiled, eager = (Checkpoint.load(tmp_path / name / "latest.pt").resume for name in ("compiled", "eager"))
    assert compiled and eager
    for part in ("generator", "ema"):
        assert list(compiled.trainer[part]) == list(eager.trainer[part])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:::torch")  # of its own parts, another in each version
def test_the_loss_and_the_network_are_compiled_whole(tiny_config: TrainConfig) -> None:
    """Each part of a graph would be compiled for each layer and size, and torch gives up after eight."""
    trainer = build(tiny_config).trainer
    photo, factor = torch.rand(2, 3, 32, 32), torch.tensor([0.3, 1.0])
    for module, inputs in (
        (trainer.generator, (torch.randn(2, 3, 32, 32), photo, factor)),
        (trainer.loss, (photo.clone().requires_grad_(), photo, factor, factor)),
    ):
        assert torch._dynamo.explain(module)(*inputs).graph_break_count == 0


@pytest.mark.slow
def test_without_a_compiler_one_line_says_what_to_do(tiny_config: TrainConfig, tmp_path: Path) -> None:
    done = run_train(tiny_config, tmp_path, CXX=str(tmp_path / "nowhere"))
    complaints = [line for line in done.stderr.splitlines() if line.startswith("texnet: ")]
    assert done.returncode == 2 and len(complaints) == 1 and "Traceback" not in done.stderr, done.stderr
    assert complaints[0].startswith("texnet: --compile: ") and complaints[0].endswith("or leave --compile out")
