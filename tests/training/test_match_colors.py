"""Trainings that leave the photo's colors: what they begin with, their loss, their checkpoints, their resume."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.cli.helpers import exit_code
from tests.helpers import with_options
from tests.training.helpers import Diary, fit, stop_after
from texnet.checkpoint import Checkpoint
from texnet.cli.train import main
from texnet.config import TrainConfig
from texnet.generators.base import chroma
from texnet.generators.noise import draw_noise
from texnet.stylize import Stylizer
from texnet.training.initialization import begin_with, build_initial_generator


@pytest.fixture
def config(tiny_config: TrainConfig) -> TrainConfig:
    layers = ("relu1_1", "relu2_1", "palette", "hues")
    matched = with_options(tiny_config, "loss", match_colors=True, style_layers=layers, statistic="sqrt_moments")
    return with_options(matched, "optim", epochs=0, max_steps=6)


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(config: TrainConfig, tmp_path: Path) -> None:
    whole, parts = Diary(), Diary()
    assert fit(config, tmp_path / "whole", monitor=whole).done
    assert not fit(config, tmp_path / "parts", monitor=parts, stop_requested=stop_after(3)).done
    assert fit(config, tmp_path / "parts", monitor=parts, resume_from=tmp_path / "parts" / "latest.pt").done
    assert whole.losses == parts.losses


def test_the_shared_network_says_so_and_keeps_the_chroma(config: TrainConfig, tmp_path: Path) -> None:
    assert fit(config, tmp_path / "run").done
    checkpoint = Checkpoint.load(tmp_path / "run" / "style.pt")
    assert checkpoint.loss_config.match_colors
    assert checkpoint.calibration.noise_factors
    generator, photo = checkpoint.generator(), 0.3 + 0.4 * torch.rand(1, 3, 40, 40)
    noise, factor = draw_noise(0, (1, 3, 40, 40)), torch.ones(1)
    painted = generator(noise, photo, factor)
    generator.keeps_chroma = False
    plain = generator(noise, photo, factor)
    torch.testing.assert_close(painted, (plain + chroma(photo)).clamp(0, 1), rtol=0, atol=0.25)
    loss = checkpoint.loss(vgg_weights=config.loss.vgg_weights)
    assert loss.matched_style is not None
    stylized = Stylizer.load(tmp_path / "run" / "style.pt")(photo, 1.0, 0)
    torch.testing.assert_close(stylized, painted, rtol=0, atol=1e-4)


def test_a_start_that_paints_in_colors_paints_grays_and_keeps_the_photos_colors(config: TrainConfig) -> None:
    colorful = build_initial_generator(with_options(config, "loss", match_colors=False))
    generator = build_initial_generator(config)
    begin_with(generator, Checkpoint(config.generator, colorful.state_dict(), ("stripes",)))
    photo = 0.45 + 0.1 * torch.rand(1, 3, 40, 40)
    painted = generator(draw_noise(0, (1, 3, 40, 40)), photo, torch.ones(1))
    inside = ((painted > 0) & (painted < 1)).all(1, keepdim=True).expand_as(painted)
    assert inside.float().mean() > 0.3
    torch.testing.assert_close(chroma(painted)[inside], chroma(photo)[inside], rtol=0, atol=1e-5)


def test_a_start_that_matched_colors_is_taken_as_it_is(config: TrainConfig) -> None:
    generator, trained = build_initial_generator(config), build_initial_generator(with_options(config, "optim", seed=1))
    begin_with(generator, Checkpoint(config.generator, trained.state_dict(), ("stripes",), loss_config=config.loss))
    assert all(torch.equal(generator.state_dict()[name], weight) for name, weight in trained.state_dict().items())


def test_a_run_cannot_begin_or_cease_to_match_colors(
    config: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(config, tmp_path / "run")
    assert exit_code(main, ["--resume", str(tmp_path / "run"), "--no-match_colors", "--device", "cpu"]) == 2
    assert "--match_colors False: this run began with True" in capsys.readouterr().err


def test_a_texture_has_no_photo_to_match(config: TrainConfig, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(main, ["--texture", config.loss.texture, "--no_content", "--match_colors", "--dry_run"]) == 2
    assert "--match_colors: is for photos; leave it out with --no_content" in capsys.readouterr().err
