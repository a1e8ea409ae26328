"""A texture, improved by slow optimization after the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.helpers import with_options
from texnet import metrics
from texnet.checkpoint import Checkpoint
from texnet.cli import synthesize
from texnet.config import DataConfig, TrainConfig
from texnet.errors import TooLargeError
from texnet.images import load_picture
from texnet.losses import PerceptualLoss
from texnet.monitoring.base import totals
from texnet.synthesize import Synthesizer
from texnet.synthesize.refine import TextureRefiner
from texnet.training import fit

SIZE = (48, 64)


@pytest.fixture(scope="module")
def trained(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a texture that was learned in six steps, which leave much to be done."""
    folder = tmp_path_factory.mktemp("trained")
    config = replace(shared_config, data=DataConfig(image_size=32, batch_size=2))
    config = with_options(config, "generator", generator="pyramid", width=6, num_blocks=2, no_content=True)
    config = with_options(config, "optim", epochs=0, max_steps=6)
    assert fit(config, folder, device=torch.device("cpu")).done
    return folder / "style.pt"


@pytest.fixture(scope="module")
def loss(trained: Path) -> PerceptualLoss:
    return Checkpoint.load(trained).loss()


@torch.no_grad()
def style_of(loss: PerceptualLoss, picture: Tensor) -> float:
    image, one = picture[None] / 255, torch.ones(1)
    return totals({name: term.item() for name, term in loss(image, image, one, one).items()})["style"]


def test_the_loss_of_a_texture_asks_for_no_content(loss: PerceptualLoss) -> None:
    assert not loss.content_layers
    assert not any(name.startswith("content") for name in loss.term_norm)


def test_each_step_brings_the_style_nearer(trained: Path, loss: PerceptualLoss) -> None:
    synthesizer = Synthesizer.load(trained)
    styles = [style_of(loss, synthesizer(SIZE, 3))]
    for steps in (3, 30):
        told: list[int] = []
        refined = TextureRefiner(synthesizer, loss, steps, lambda: told.append(1))(SIZE, 3)  # noqa: B023
        assert (refined.dtype, refined.shape) == (torch.uint8, (3, *SIZE))
        assert len(told) == steps
        styles.append(style_of(loss, refined))
    assert styles[2] < styles[1] < 0.8 * styles[0]


@pytest.mark.slow
def test_what_tiles_still_does_as_the_loss_sees_its_seams(
    trained: Path, loss: PerceptualLoss, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesizer = Synthesizer.load(trained)
    refiner = TextureRefiner(synthesizer, loss, 30)
    seen = refiner(SIZE, 3, tileable=True)
    monkeypatch.setattr(refiner, "_as_repeated", loss)
    unseen = refiner(SIZE, 3, tileable=True)
    assert metrics.seam(seen[None].float()) < 0.9 * metrics.seam(unseen[None].float())
    assert style_of(loss, seen) < 0.8 * style_of(loss, synthesizer(SIZE, 3, tileable=True))


def test_what_does_not_fit_into_memory_is_told_with_a_size_that_does(
    trained: Path, loss: PerceptualLoss, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("texnet.devices.free_memory", lambda device: 6_000 * 200 * 300)
    refiner = TextureRefiner(Synthesizer.load(trained), loss, 1)
    with pytest.raises(TooLargeError, match=r"^400x200 pixels need .*; use --size \d+x\d+$") as told:
        refiner((200, 400), tileable=True)
    width, height = map(int, str(told.value).split()[-1].split("x"))
    assert 200 < width < 300 and 100 < height < 150
    refiner((height, width), tileable=True)


def test_the_command_refines_where_it_is_asked_to(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THP_MEM_ALLOC_ENABLE", "1")  # the command sets it for the whole process
    flags = ["--ckpt", str(trained), "--size", "64x48", "--seed", "3", "--output", str(tmp_path), "--device", "cpu"]
    for more in ([], ["--refine", "5", "--precision", "float32"]):
        with pytest.raises(SystemExit) as left:
            synthesize.main([*flags, *more])
        assert not left.value.code
    loss = Checkpoint.load(trained).loss()
    plain, refined = (tmp_path / f"stripes_64x48_seed-3{end}.png" for end in ("", "_refine-5"))
    assert style_of(loss, load_picture(refined).pixels) < style_of(loss, load_picture(plain).pixels)
