"""What every network is measured by: photos, the loss, the same through other features, and what it could reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.config import EvaluateConfig, LossConfig
from texnet.errors import UserError
from texnet.evaluation.evaluator import Evaluator, build_evaluator
from texnet.evaluation.optimization_reference import OptimizationReference, find_references
from texnet.evaluation.photos import find_unseen, load_squares
from texnet.evaluation.runs import SingleStrengthBaseline, measure_single_strength
from texnet.images import load_style
from texnet.losses import PerceptualLoss
from texnet.losses.features import FeatureExtractor, Features
from texnet.losses.weights import load_vgg_weights
from texnet.rng import make_generator
from texnet.training.run_folder import LATEST

SECOND_LAYERS = ("relu1_2", "relu2_2", "relu3_3")  # of a VGG as second features
SCALES = ("scale1", "scale2", "scale4", "scale8")  # of random features: the picture reduced by so much
FILTERS, KERNEL = 64, 7


@dataclass(frozen=True)
class EvalSetup:
    """Photos and the loss, in an evaluator; another that sees them through other features; the style picture.

    ``references``: what slow optimization reaches on the photos. ``baselines``: networks for one strength alone.
    ``photo_names``: the files of the photos.
    """

    evaluator: Evaluator
    second: Evaluator
    texture: Tensor
    references: tuple[OptimizationReference, ...] = ()
    baselines: tuple[SingleStrengthBaseline, ...] = ()
    photo_names: tuple[str, ...] = ()

    @property
    def photos(self) -> Tensor:
        """The photos, (N, 3, S, S) in [0, 1]."""
        return self.evaluator.photos

    @property
    def loss(self) -> PerceptualLoss:
        """The loss that networks are compared by."""
        return self.evaluator.loss


def build_setup(
    config: EvaluateConfig,
    loss_config: LossConfig,
    device: torch.device,
    *,
    log: Callable[[str], None],
    on_unreadable: Callable[[str], None],
    on_step: Callable[[], object] = lambda: None,
) -> EvalSetup:
    """Photos and losses as the config says, and references and baselines where it asks for them.

    ``log`` gets a line where photos are held out of training; ``on_step`` is called after each step of the optimization.
    FileNotFoundError or ValueError say what is missing.
    """
    if not loss_config.texture:
        raise UserError("--texture is missing: name the style picture")
    texture = load_style(loss_config.texture, loss_config.style_size)
    squares = load_squares(find_unseen(config.data_dir, config.split, _checkpoints(config), log), config, on_unreadable)
    photos = torch.cat(list(squares.values()))
    evaluator = build_evaluator(loss_config, photos, device)
    second = build_second_loss(config, match_colors=loss_config.match_colors).to(device)
    second.set_style(texture.to(device))
    return EvalSetup(
        evaluator,
        Evaluator(second, photos),
        texture,
        references=find_references(config, evaluator.loss, torch.split(photos.to(device), 1), on_step, log),
        baselines=tuple(measure_single_strength(path, evaluator, config.seed, device) for path in config.regret),
        photo_names=tuple(path.name for path in squares),
    )


def build_second_loss(config: EvaluateConfig, *, match_colors: bool = False) -> PerceptualLoss:
    """A loss through other features, all its layers equal, style and content of weight 1."""
    layers: tuple[str, ...]
    if config.eval_features == "random":
        features: FeatureExtractor = RandomFeatures()
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
        match_colors=match_colors,
    )


class RandomFeatures(FeatureExtractor):
    """ReLU of fixed random convolutions of the picture at each scale: RGB (N, 3, H, W) in [0, 1] -> (N, 64, H', W').

    Nothing was trained on them. Gram matrices of one such layer carry a texture well enough to synthesize it (Ustyuzhaninov et
    al. 2017), so they show whether a network has learned the style or only what VGG sees of it. H and W are at least 8; the
    border is replicated.
    """

    weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        weight = torch.randn(FILTERS, 3, KERNEL, KERNEL, generator=make_generator(0, "random filters"))
        weight = weight / weight.flatten(1).norm(dim=1)[:, None, None, None]
        self.weight = nn.Parameter(weight, requires_grad=False)

    def forward(self, image: Tensor, layers: Iterable[str] = SCALES) -> dict[str, Tensor]:
        """Responses at the named scales."""
        found: dict[str, Tensor] = {}
        for name in layers:
            small = F.avg_pool2d(image, int(name.removeprefix("scale")))  # (N, 3, H / scale, W / scale)
            padded = F.pad(2 * small - 1, (KERNEL // 2,) * 4, mode="replicate")
            found[name] = F.relu(F.conv2d(padded, self.weight))  # (N, 64, H / scale, W / scale)
        return found


def _checkpoints(config: EvaluateConfig) -> list[Path]:
    """All networks that take part in the comparison."""
    return [*map(Path, (*config.ckpt, *config.regret)), *(Path(folder, LATEST) for folder in config.runs)]
