"""What every network is measured by: photos, the loss, the same through another extractor, and what it could reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.config import EvaluateConfig, LossConfig
from texnet.errors import UnreadablePictureError, UserError
from texnet.evaluation.optimization_reference import OptimizationReference, find_references
from texnet.evaluation.random_filters import SCALES, RandomFilters
from texnet.evaluation.regret import SingleStrengthBaseline, measure_single_strength
from texnet.files import find_pictures
from texnet.images import load_picture, load_style
from texnet.losses import PerceptualLoss, build_loss
from texnet.losses.features import Features
from texnet.losses.weights import load_vgg_weights
from texnet.training.build import TERM_NORM_PHOTOS

SECOND_LAYERS = ("relu1_2", "relu2_2", "relu3_3")  # of a VGG as the second extractor


@dataclass(frozen=True)
class EvalSetup:
    """What every network is measured by: photos, (N, 3, S, S), the loss, and one through another extractor.

    ``references``: what slow optimization reaches on the photos; ``baselines``: networks for one strength alone.
    """

    photos: Tensor
    texture: Tensor
    loss: PerceptualLoss
    second: PerceptualLoss
    references: tuple[OptimizationReference, ...] = ()
    baselines: tuple[SingleStrengthBaseline, ...] = ()


def build_setup(
    config: EvaluateConfig,
    loss_config: LossConfig,
    device: torch.device,
    *,
    on_unreadable: Callable[[str], None],
    on_step: Callable[[], object] = lambda: None,
) -> EvalSetup:
    """PhotoDataset and losses as the config says, and references and networks for one strength where it asks for them.

    ``on_step`` is called after each step of the optimization. FileNotFoundError or ValueError say what is missing.
    """
    if not loss_config.texture:
        raise UserError("--texture is missing: name the style picture")
    texture = load_style(loss_config.texture, loss_config.style_size)
    photos = load_photos(config, on_unreadable)
    loss = build_loss(loss_config, device=device)
    second = build_second(config, loss_config)
    for each in (loss, second.to(device)):
        each.set_style(texture.to(device))
        each.measure_term_norm(photos[:TERM_NORM_PHOTOS].to(device))
    baselines = tuple(measure_single_strength(path, loss, photos, config.seed, device) for path in config.regret)
    references = find_references(config, loss, torch.split(photos.to(device), 1), on_step)
    return EvalSetup(photos, texture, loss, second, references, baselines)


def load_photos(config: EvaluateConfig, on_unreadable: Callable[[str], None]) -> Tensor:
    """The middles of the photos, reduced or enlarged to fill the square: float (N, 3, S, S) in [0, 1]."""
    folder = Path(config.data_dir)
    if not config.data_dir or not folder.is_dir():
        raise FileNotFoundError(f"--data_dir {config.data_dir}: no such folder; name one with photos to judge by")
    squares: list[Tensor] = []
    for path in find_pictures(folder):
        if config.max_images and len(squares) == config.max_images:
            break
        try:
            squares.append(_square(load_picture(path).image, config.image_size))
        except UnreadablePictureError as error:
            on_unreadable(str(error))
    if len(squares) < 2:
        raise UserError(f"--data_dir {folder}: {len(squares)} pictures can be read; at least 2 are needed")
    return torch.cat(squares)


def build_second(config: EvaluateConfig, loss_config: LossConfig) -> PerceptualLoss:
    """The loss through another extractor, all its layers equal, with the weights of style and content of the first."""
    layers: tuple[str, ...]
    if config.eval_features == "random":
        features: torch.nn.Module = RandomFilters()
        layers = SCALES
    else:
        features, layers = Features(config.eval_features, SECOND_LAYERS), SECOND_LAYERS
        features.load_vgg(*load_vgg_weights(config.eval_features, config.eval_weights, "--eval_weights"))
    return PerceptualLoss(
        features,
        style_layers=dict.fromkeys(layers, 1.0),
        content_layers=dict.fromkeys(layers, 1.0),
        statistic="covariance",
        style_weight=1.0,
        content_weight=1.0,
        tv_weight=0.0,
    )


def _square(image: Tensor, size: int) -> Tensor:
    height, width = image.shape[2:]
    scale = size / min(height, width)
    shape = (max(size, round(height * scale)), max(size, round(width * scale)))
    resized = F.interpolate(image, shape, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
    top, left = (shape[0] - size) // 2, (shape[1] - size) // 2
    return resized[..., top : top + size, left : left + size]
