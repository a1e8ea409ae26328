"""Checkpoints changed at random, by seed: each is read, and can be used, or is refused in a line; nothing else happens.

TEXNET_FUZZ_CHECKPOINTS sets their number: 300 for the full run.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.helpers import fit
from texnet.checkpoint import Checkpoint
from texnet.cli.commands import printable
from texnet.config import TrainConfig
from texnet.errors import UserError
from texnet.evaluation.networks import load_network
from texnet.monitoring import Monitor
from texnet.stylize import Stylizer
from texnet.training.build import build_training

COUNT = int(os.environ.get("TEXNET_FUZZ_CHECKPOINTS", "40"))
SECONDS = 30.0  # that one may take at most
ODD_VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 10**9, -(10**9), 2**64, 10**400, 0.0, -0.0, 1e-300, 1e300, float("nan"), float("inf")),
    *("", "x", "../../x", "/etc/passwd", "a\nb", "\x1b[2J", "n" * 10_000, "\udcff", "\u202e", "nan", b"bytes"),
    *([], {}, (), [None], [[]], {"x": 1}, {1: 2}, {None: None}, set(), [1e400], list(range(1000))),
]
DTYPES = [
    torch.float16,
    torch.bfloat16,
    torch.float64,
    torch.int64,
    torch.uint8,
    torch.bool,
    torch.complex64,
    torch.float8_e5m2,
]


@pytest.fixture(scope="module")
def run(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run, whose files are changed in copies."""
    folder = tmp_path_factory.mktemp("malformed") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("texnet.training.calibrate.COARSE_STEPS", (2, 2))
        patch.setattr("texnet.training.calibrate.STEPS", (4, 2))
        fit(shared_config, folder)
    return folder


def places_in(content: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of nested tables and lists."""
    pairs = (
        list(content.items()) if isinstance(content, dict) else list(enumerate(content)) if isinstance(content, list) else []
    )
    return [place for key, value in pairs for place in [(content, key), *places_in(value)]]


def odd_tensor(tensor: torch.Tensor, draw: random.Random) -> Any:
    changes: list[Callable[[], Any]] = [
        lambda: tensor.to(draw.choice(DTYPES)),
        lambda: tensor[None],
        lambda: tensor.flatten(),
        lambda: tensor.flatten()[:1].expand(tensor.shape) if tensor.numel() else tensor,
        lambda: tensor.flatten()[:1].expand(draw.choice([10**9, 10**15])) if tensor.numel() else tensor,
        lambda: tensor.to_sparse() if tensor.is_floating_point() else tensor.bool(),
        lambda: tensor.to("meta"),
        lambda: torch.empty(0),
        lambda: (
            torch.full_like(tensor, draw.choice([0, 1, 200]))
            if tensor.dtype == torch.uint8
            else tensor * draw.choice([0.0, -1.0, 1e38])
        ),
        lambda: torch.where(torch.rand(tensor.shape) < 0.1, draw.choice([torch.nan, torch.inf]), tensor.float()),
        lambda: torch.nn.Parameter(tensor) if tensor.is_floating_point() else tensor.tolist(),
        lambda: tensor.numpy().tolist(),
        lambda: tensor.mT if tensor.ndim >= 2 else tensor,
    ]
    return draw.choice(changes)()


def change_content(content: Any, draw: random.Random) -> None:
    """One to three changes of a content's keys, types, shapes, number formats or values."""
    for _ in range(draw.randint(1, 3)):
        top = draw.random() < 0.3  # else most changes would fall on weights
        places = [(content, key) for key in content] if top else places_in(content)
        others = [place for place in places if not isinstance(place[0][place[1]], torch.Tensor)]
        container, key = draw.choice(others if others and draw.random() < 0.6 else places)
        value = container[key]
        kind = draw.choice(["drop", "odd", "odd", "tensor", "rename", "add"])
        if kind == "drop":
            del container[key]
        elif kind == "rename" and isinstance(container, dict):
            container[draw.choice([f"{key}x", 7, None, "../x"])] = container.pop(key)
        elif kind == "add" and isinstance(value, dict):
            value[draw.choice(["x", "../x", 3, "y" * 5000])] = deepcopy(draw.choice(ODD_VALUES))
        elif isinstance(value, torch.Tensor):
            container[key] = odd_tensor(value, draw)
        else:
            container[key] = deepcopy(draw.choice([*ODD_VALUES, torch.zeros(3), torch.tensor(float("nan"))]))


def change_bytes(data: bytes, draw: random.Random) -> bytes:
    """A file that was cut off, or overwritten in places."""
    kind = draw.choice(["cut", "flip", "zeros", "insert", "double"])
    at = draw.randrange(len(data))
    if kind == "cut":
        return data[:at]
    if kind == "flip":
        changed = bytearray(data)
        for _ in range(draw.randint(1, 20)):
            changed[draw.randrange(len(data))] = draw.randrange(256)
        return bytes(changed)
    if kind == "zeros":
        return data[:at] + bytes(min(512, len(data) - at)) + data[at + 512 :]
    return data[:at] + draw.randbytes(draw.randint(1, 100)) + data[at:] if kind == "insert" else data + data


def use(path: Path) -> str:
    """Read a file as the commands do; what became of it."""
    try:
        checkpoint = Checkpoint.load(path)
        stylizer = Stylizer.load(path)
        output = stylizer(torch.rand(1, 3, 16, 16), min(1.0, stylizer.max_noise_factor))
        assert output.shape == (1, 3, 16, 16)
        load_network(str(path), torch.device("cpu"))
        checkpoint.save(path.with_name("again.pt"))
        if checkpoint.resume is not None:
            settings, cpu = checkpoint.resume.config, torch.device("cpu")
            training = build_training(settings, Monitor(), device=cpu, precision=torch.float32, resume_from=checkpoint)
            training.trainer.train_on(torch.rand(settings.data.batch_size, 3, 32, 32))
            training.trainer.step.check()
    except (UserError, FileNotFoundError) as error:
        line = printable(str(error))
        assert line.isprintable()
        return "refused"
    return "read"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch, about odd tensors
def test_a_checkpoint_changed_at_random_is_read_or_refused(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcomes = {"read": 0, "refused": 0}
    slowest = 0.0
    for seed in range(COUNT):
        draw = random.Random(seed)
        torch.manual_seed(seed)
        source = run / ("style.pt" if seed % 2 else "latest.pt")
        path = tmp_path / f"{seed}.pt"
        if draw.random() < 0.25:
            path.write_bytes(change_bytes(source.read_bytes(), draw))
        else:
            content = torch.load(source, weights_only=True)
            change_content(content, draw)
            torch.save(content, path)
        begin = time.monotonic()
        try:
            outcomes[use(path)] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error
        slowest = max(slowest, time.monotonic() - begin)
        path.unlink()
    assert slowest < SECONDS
    assert {path.name for path in tmp_path.iterdir()} <= {"again.pt"}, "nothing else was written"
    assert outcomes["refused"] > 0
    print(f"{COUNT} changed checkpoints: {outcomes}, the slowest took {slowest:.1f} s")
