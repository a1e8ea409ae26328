"""Real photos, real styles, the real VGG: what only they can show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from texnet.config import DataConfig, GeneratorConfig, LossConfig, OptimConfig, RunConfig, TrainConfig
from texnet.data import PhotoDataset, center_crop, find_photos
from texnet.images import load_style, to_float
from texnet.losses import build_loss
from texnet.losses.features import Features
from texnet.losses.weights import load_vgg_weights
from texnet.monitoring.base import Monitor
from texnet.pretraining.channel_selection import restore_teacher
from texnet.pretraining.distill import explained_variance
from texnet.stylize import Stylizer
from texnet.training import build_training

pytestmark = [pytest.mark.real, pytest.mark.slow]
STYLES = ("mosaic", "starry_night", "wave", "the_scream", "feathers", "mondrian_oval", "red_peppers256", "udnie")


@pytest.fixture
def config(shared: Path, tmp_path: Path) -> TrainConfig:
    weights = shared / "weights" / "vgg19_tvnorm_conv5_1_fp16.pth"
    return TrainConfig(
        data=DataConfig(data_dir=str(shared / "data" / "coco_mini"), image_size=96, batch_size=4, num_val=2),
        generator=GeneratorConfig(width=8, num_blocks=2),
        loss=LossConfig(texture=str(shared / "data" / "styles" / "mosaic.jpg"), style_size=256, vgg_weights=str(weights)),
        optim=OptimConfig(epochs=0, max_steps=80, warmup_steps=10),
        run=RunConfig(checkpoint_dir=str(tmp_path), preview_every=0),
    )


def eval_photos(shared: Path, size: int) -> torch.Tensor:
    """Six photos that no training sees: (6, 3, size, size) in [0, 1]."""
    photos = PhotoDataset(sorted((shared / "data" / "eval").glob("*.jpg"))[:6], size)
    return to_float(torch.stack([center_crop(photos[i], size) for i in range(6)]))


def test_eighty_steps_halve_the_way_to_the_style_on_unseen_photos(config: TrainConfig, shared: Path, tmp_path: Path) -> None:
    training = build_training(config, tmp_path / "run", Monitor(), device=torch.device("cpu"), precision=torch.float32)
    photos = eval_photos(shared, 96)
    ones = torch.ones(len(photos))
    assert training.fit()
    painted = Stylizer.load(tmp_path / "run" / "style.pt")(photos)
    loss = training.trainer.loss
    with torch.no_grad():
        before, after = (sum(v for k, v in loss(x, photos, ones, ones).items() if "style" in k) for x in (photos, painted))
    assert after < 0.5 * before


@pytest.mark.parametrize("style", STYLES)
def test_an_untouched_photo_is_worth_about_one_whatever_the_style(config: TrainConfig, shared: Path, style: str) -> None:
    """Scales measured on some photos hold for others: one style weight means the same for every style."""
    loss = build_loss(replace(config.loss, style_weight=1.0))
    loss.set_style(load_style(shared / "data" / "styles" / f"{style}.jpg", 256))
    paths = find_photos(replace(config.data, max_images=16), seed=0)
    photos = PhotoDataset(paths, 96)
    loss.measure_term_norm(to_float(torch.stack([center_crop(photos[i], 96) for i in range(16)])))
    others = eval_photos(shared, 96)
    ones = torch.ones(len(others))
    with torch.no_grad():
        style_sum = sum(v.item() for k, v in loss(others, others, ones, ones).items() if "style" in k)
    assert 0.4 < style_sum < 2.5


def test_the_compact_network_sees_most_of_what_vgg_sees(config: TrainConfig, shared: Path) -> None:
    """On photos that nobody was taught on, in the channels that it gives, of the layers that the default loss looks at."""
    taps = ("relu1_2", "relu2_2", "relu3_2", "relu4_1")
    state, source = load_vgg_weights("compact")
    compact, vgg = Features("compact", taps), Features("vgg19", taps)
    compact.load_vgg(state, source)
    vgg.load_vgg(*load_vgg_weights("vgg19", config.loss.vgg_weights))
    teacher = restore_teacher(vgg, state, source)
    photos = eval_photos(shared, 128)
    with torch.no_grad():
        shares = explained_variance(compact(photos), teacher(photos, taps))
    assert shares["relu1_2"] > 0.97 and shares["relu2_2"] > 0.9 and shares["relu3_2"] > 0.8 and shares["relu4_1"] > 0.75
