"""Networks that make a texture out of noise: how like it, how varied, and whether it tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

import torch
from torch import Tensor

from texnet import metrics
from texnet.checkpoint import Checkpoint
from texnet.config import EvaluateConfig, LossConfig
from texnet.errors import UserError
from texnet.evaluation.evaluator import weighted_terms
from texnet.evaluation.networks import name_of
from texnet.evaluation.optimization_reference import OptimizationReference, find_references
from texnet.images import load_style, to_float
from texnet.losses import PerceptualLoss, build_loss, resolve_style_weight
from texnet.monitoring.base import totals
from texnet.optimize import noise_picture
from texnet.rng import make_generator
from texnet.synthesize import Synthesizer
from texnet.training.data import TERM_NORM_PHOTOS, draw_scenes


@dataclass(frozen=True)
class TextureEvalSetup:
    """A loss without content that has the texture, and what slow optimization from noise reaches with it.

    ``crop_distance`` is the mean distance of crops of the texture, squares of side ``crop`` pixels: see :func:`mean_distance`.
    """

    loss: PerceptualLoss
    crop: int
    crop_distance: float
    references: tuple[OptimizationReference, ...]


@dataclass(frozen=True)
class TextureResult:
    """Everything measured of one network: style per seed, 1 for a drawn scene, and that of optimized noise.

    ``style_ratio``: over that of the optimization from noise, geometric mean. ``seed_distance`` and ``crop_distance``: how
    different pictures from two seeds look, and two crops of the texture, in roots of perceptual distances, means over all
    pairs. ``seam``: the change across the seams of what tiles, over that inside.
    """

    name: str
    path: str
    styles: list[float]
    optimum_steps: int
    optimum_styles: list[float]
    style_ratio: float | None
    seed_distance: float
    crop_distance: float
    seam: float


def is_texture(path: str) -> bool:
    """Whether a file is a network that makes a texture, not one that stylizes photos. FileNotFoundError if there is none."""
    try:
        checkpoint = Checkpoint.load(path)
    except UserError:
        return False  # of another project, or broken: loading it to stylize photos says so
    return checkpoint.generator_config.no_content


def build_texture_setup(
    config: EvaluateConfig,
    loss_config: LossConfig,
    device: torch.device,
    on_step: Callable[[], object] = lambda: None,
    log: Callable[[str], object] = lambda text: None,
) -> TextureEvalSetup:
    """The texture's loss in units of drawn scenes, as in training, and references from noise where the config asks for them.

    ``on_step`` is called after each step of the optimization. FileNotFoundError or ValueError say what is missing.
    """
    if not loss_config.texture:
        raise UserError("--texture is missing: name the picture of the texture")
    if resolve_style_weight(loss_config) == 0:
        raise UserError("--style_weight 0: textures are evaluated by their style loss; give a positive weight")
    texture = load_style(loss_config.texture, loss_config.style_size).to(device)
    loss = build_loss(loss_config, keep_content=False, device=device)
    loss.set_style(texture)
    loss.measure_term_norm(draw_scenes(TERM_NORM_PHOTOS, config.image_size).to(device))
    crop = min(config.image_size, min(texture.shape[2:]) // 2)
    crops = _random_crops(texture, config.num_seeds, crop, config.seed)
    starts = (noise_picture((1, 3, config.image_size, config.image_size), seed).to(device) for seed in _seeds(config))
    return TextureEvalSetup(loss, crop, mean_distance(loss, crops), find_references(config, loss, starts, on_step, log))


def evaluate_texture(path: str, setup: TextureEvalSetup, config: EvaluateConfig, device: torch.device) -> TextureResult:
    """Measure the network of a file on pictures from ``num_seeds`` seeds, plain ones and tileable ones."""
    synthesizer = Synthesizer.load(path, device)
    size, seeds, loss = (config.image_size, config.image_size), _seeds(config), setup.loss
    pictures = [to_float(synthesizer(size, seed)[None]).to(device) for seed in seeds]
    tiles = [to_float(synthesizer(size, seed, tileable=True)[None]) for seed in seeds]
    weighted = [totals(weighted_terms(loss, picture, picture))["style"] for picture in pictures]
    distance = mean_distance(loss, [picture[..., : setup.crop, : setup.crop] for picture in pictures])
    pairs = list(zip(weighted, setup.references, strict=False))
    return TextureResult(
        name=name_of(path),
        path=path,
        styles=[style / loss.style_weight for style in weighted],
        optimum_steps=config.optimum_steps,
        optimum_styles=[reference.style / loss.style_weight for reference in setup.references],
        style_ratio=metrics.geometric_mean([style / reference.style for style, reference in pairs]) if pairs else None,
        seed_distance=distance,
        crop_distance=setup.crop_distance,
        seam=fmean(metrics.seam(tile) for tile in tiles),
    )


@torch.no_grad()
def mean_distance(loss: PerceptualLoss, pictures: Sequence[Tensor]) -> float:
    """How different pictures, two or more of (1, 3, H, W), look, mean over all pairs: roots of the feature distances."""
    output_features = [loss.extract(picture, loss.style_layers) for picture in pictures]
    return fmean(metrics.feature_distances(a, b).sqrt().item() for a, b in combinations(output_features, 2))


def _random_crops(texture: Tensor, count: int, side: int, seed: int) -> list[Tensor]:
    random = make_generator(seed, "crops")
    height, width = texture.shape[2:]
    crops = []
    for _ in range(count):
        top, left = (int(torch.randint(length - side + 1, (), generator=random)) for length in (height, width))
        crops.append(texture[..., top : top + side, left : left + side])
    return crops


def _seeds(config: EvaluateConfig) -> range:
    return range(config.seed, config.seed + config.num_seeds)
