"""Several processes under torchrun are one training."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.helpers import CONTENT_LAYERS, REPOSITORY, STYLE_LAYERS
from tests.training.helpers import Diary, fit
from texnet.checkpoint import Checkpoint
from texnet.config import DataConfig, DeviceConfig, GeneratorConfig, LossConfig, OptimConfig, RunConfig, TrainConfig
from texnet.errors import UserError
from texnet.stylize import Stylizer
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext, choose_card, read_context

STEPS = 4
TORCHRUN = ("-m", "torch.distributed.run", "--nproc-per-node=2", "--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
TALK = """
import torch
from texnet.training.distributed import read_context, process_group

context, cpu = read_context(), torch.device("cpu")
with process_group(context, cpu):
    rank = context.rank
    print(context.all_reduce_state(10.0 + rank, rank == 1), context.all_reduce_mean(torch.tensor([1.0, 2.0]) * rank))
"""
DOWNLOAD = """
import sys, time
from pathlib import Path
import torch
from texnet.training.distributed import read_context, process_group

context, path = read_context(), Path(sys.argv[1])
with process_group(context, torch.device("cpu")), context.main_first():
    found = path.exists()
    if not found:
        time.sleep(0.5)
        path.write_text("weights")
    print("read" if found else "downloaded")
"""


def run(arguments: list[str], **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=REPOSITORY, env={**ENVIRONMENT, **environment}, stdout=pipe, stderr=pipe, text=True)


pytestmark = pytest.mark.slow  # processes that start and meet


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("distributed")


@pytest.fixture(scope="module")
def config(photo_folder: Path, style_path: Path, vgg_path: Path) -> TrainConfig:
    """A few steps on batches of four."""
    return TrainConfig(
        data=DataConfig(data_dir=str(photo_folder), image_size=32, batch_size=4, num_workers=1, num_val=0),
        generator=GeneratorConfig(width=4, num_blocks=1),
        loss=LossConfig(
            texture=str(style_path),
            style_size=0,
            vgg_weights=str(vgg_path),
            style_layers=STYLE_LAYERS,
            content_layers=CONTENT_LAYERS,
            style_weight=1.0,
        ),
        optim=OptimConfig(epochs=0, max_steps=STEPS, warmup_steps=2, progressive_crops=False, precision="float32"),
        run=RunConfig(device=DeviceConfig("cpu"), log_every=1, preview_every=0),
    )


@pytest.fixture(scope="module")
def one_process(config: TrainConfig, folder: Path) -> Diary:
    """A single process with the whole batch, in the folder ``one``."""
    diary = Diary()
    fit(config, folder / "one", monitor=diary)
    return diary


@pytest.fixture(scope="module")
def two_processes(config: TrainConfig, folder: Path) -> tuple[str, str]:
    """The real script under torchrun, half of the batch each, in the folder ``two``: its output and its messages."""
    flags = {
        "data_dir": config.data.data_dir, "image_size": 32, "batch_size": 2, "num_workers": 1, "num_val": 0,
        "width": 4, "num_blocks": 1,
        "texture": config.loss.texture, "style_size": 0, "vgg_weights": config.loss.vgg_weights, "style_weight": 1.0,
        "max_steps": STEPS, "warmup_steps": 2, "precision": "float32",
        "device": "cpu", "checkpoint_dir": folder, "run_name": "two", "log_every": 1, "preview_every": 0,
    }  # fmt: skip
    words = [word for name, value in flags.items() for word in (f"--{name}", str(value))]
    layers = ["--style_layers", *STYLE_LAYERS, "--content_layers", *CONTENT_LAYERS]
    process = run([*TORCHRUN, "scripts/train.py", *words, *layers, "--no-progressive_crops", "--verbose"])
    output, errors = process.communicate(timeout=150)
    assert process.returncode == 0, errors
    return output, errors


@pytest.mark.usefixtures("one_process", "two_processes")
def test_two_processes_learn_what_one_does_with_the_joined_batch(folder: Path) -> None:
    resumes = [Checkpoint.load(folder / name / "latest.pt").resume for name in ("one", "two")]
    one, two = (resume.trainer["generator"] for resume in resumes if resume)
    for key in one:
        if key.endswith(".conv.weight"):  # a bias before a norm has no effect, hence no gradient but rounding
            torch.testing.assert_close(one[key], two[key], rtol=0, atol=1e-3, msg=key)


@pytest.mark.usefixtures("one_process", "two_processes")
def test_two_processes_paint_what_one_does_with_the_joined_batch(folder: Path) -> None:
    image = torch.rand(1, 3, 32, 40)
    one, two = (Stylizer.load(folder / name / "style.pt")(image) for name in ("one", "two"))
    torch.testing.assert_close(one, two, rtol=0, atol=0.02)


@pytest.mark.usefixtures("two_processes")
def test_two_processes_report_the_losses_of_the_joined_batch(folder: Path, one_process: Diary) -> None:
    lines = [json.loads(line) for line in (folder / "two" / "metrics.jsonl").read_text().splitlines()]
    assert {line["step"]: line["loss"] for line in lines} == pytest.approx(one_process.losses, rel=1e-3)


def test_only_one_of_two_processes_reports(two_processes: tuple[str, str]) -> None:
    output, errors = two_processes
    assert output.count("stylize with") == 1
    for message in ("features: ", "from scratch", "8 photos, cpu", "calibrating 100%"):
        assert errors.count(message) == 1, errors


@pytest.mark.usefixtures("two_processes")
def test_two_processes_write_one_run(folder: Path) -> None:
    assert [path.name for path in folder.iterdir() if path.name.startswith("two")] == ["two"]


def run_two(program: str, *arguments: str) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of a program in two processes that are one training."""
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port(), "WORLD_SIZE": "2"}
    processes = [run(["-c", program, *arguments], RANK=rank, LOCAL_RANK=rank, **where) for rank in ("0", "1")]
    texts = [process.communicate(timeout=60) for process in processes]
    return [(process.returncode, *text) for process, text in zip(processes, texts, strict=True)]


def test_what_the_main_process_downloads_the_others_wait_for_and_read(tmp_path: Path) -> None:
    results = run_two(DOWNLOAD, str(tmp_path / "weights"))
    assert [(code, output.split()) for code, output, _ in results] == [(0, ["downloaded"]), (0, ["read"])], results


def test_where_the_main_process_fails_the_others_end_with_it(tmp_path: Path) -> None:
    results = run_two(DOWNLOAD, str(tmp_path / "no folder" / "weights"))
    assert [code for code, _, _ in results] == [1, 1]
    assert "FileNotFoundError" in results[0][2]
    assert "MainProcessError" in results[1][2] and "FileNotFoundError" not in results[1][2]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_two_processes_agree_on_the_later_clock_on_a_stop_and_on_means() -> None:
    answers = run_two(TALK)
    assert [output.strip() for _, output, _ in answers] == ["(11.0, True) tensor([0.5000, 1.0000])"] * 2, answers


def test_a_single_process_agrees_with_itself() -> None:
    assert SINGLE_PROCESS.all_reduce_state(1.5, True) == (1.5, True)


def test_without_torchrun_there_is_one_process_and_it_is_the_main_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert read_context() == SINGLE_PROCESS
    assert SINGLE_PROCESS.is_main


def test_under_torchrun_a_process_knows_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RANK", "5"), ("WORLD_SIZE", "8"), ("LOCAL_RANK", "1")):
        monkeypatch.setenv(name, value)
    assert read_context() == DistributedContext(rank=5, world_size=8, local_rank=1)
    assert not read_context().is_main


def test_two_processes_share_a_card_only_where_it_is_named() -> None:
    pair, card = DistributedContext(rank=1, world_size=2, local_rank=1, local_world_size=2), torch.device("cuda:0")
    context, device = choose_card(pair, card)
    assert (context.shares_card, device) == (True, card)
    assert choose_card(SINGLE_PROCESS, card) == (SINGLE_PROCESS, card)
    alone_here = DistributedContext(rank=1, world_size=2)
    assert choose_card(alone_here, card) == (alone_here, card)
    assert choose_card(pair, torch.device("cpu")) == (pair, torch.device("cpu"))


@pytest.mark.skipif(torch.cuda.device_count() > 1, reason="there is a card for each here")
def test_more_processes_than_cards_are_refused() -> None:
    with pytest.raises(UserError, match="--device cuda:1: "):
        choose_card(DistributedContext(rank=1, world_size=2, local_rank=1, local_world_size=2), torch.device("cuda"))
