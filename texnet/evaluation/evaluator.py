"""The evaluator: one loss and the same photos for every network, as losses with different weights cannot be compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean

import torch
from torch import Tensor

from texnet.config import LossConfig
from texnet.errors import UserError
from texnet.images import load_style
from texnet.losses import PerceptualLoss, build_loss
from texnet.monitoring.base import totals
from texnet.noise_factor import strength_weights
from texnet.training.data import TERM_NORM_PHOTOS


class Evaluator:
    """A loss that has its style, and photos, (N, 3, S, S) in [0, 1], that no network was trained on.

    The loss is scaled by the first TERM_NORM_PHOTOS of these photos: left untouched they have no content term, and style and
    tv terms equal to their weights.
    """

    def __init__(self, loss: PerceptualLoss, photos: Tensor) -> None:
        self.loss = loss
        self.photos = photos
        self.device = loss.device
        loss.measure_term_norm(photos[:TERM_NORM_PHOTOS].to(self.device))

    def score(self, stylize: Callable[[Tensor], Tensor], noise_factor: float = 1.0) -> dict[str, float]:
        """The mean terms of the photos, each stylized as (1, 3, S, S), and their sums ``loss``, ``content`` and ``style``.

        Style and content are weighed as at ``noise_factor``.
        """
        photos = torch.split(self.photos, 1)
        return totals(mean_terms([self.terms(stylize(photo), photo, noise_factor) for photo in photos]))

    def terms(self, output: Tensor, photo: Tensor, noise_factor: float = 1.0) -> dict[str, float]:
        """The weighted terms of one picture, (1, 3, H, W), style and content weighed as at ``noise_factor``."""
        return weighted_terms(self.loss, output, photo, noise_factor)


def build_evaluator(config: LossConfig, photos: Tensor, device: torch.device) -> Evaluator:
    """The loss of a config, its texture included, on some photos. ValueError or FileNotFoundError say what is missing."""
    if not config.texture:
        raise UserError("--texture is missing: name the style picture")
    loss = build_loss(config, device=device)
    loss.set_style(load_style(config.texture, config.style_size).to(device))
    return Evaluator(loss, photos)


def mean_terms(terms: Sequence[dict[str, float]]) -> dict[str, float]:
    """The mean of each term over some pictures."""
    return {name: fmean(each[name] for each in terms) for name in terms[0]}


@torch.no_grad()
def weighted_terms(loss: PerceptualLoss, output: Tensor, photo: Tensor, noise_factor: float = 1.0) -> dict[str, float]:
    """The weighted terms of a loss for one picture, (1, 3, H, W), style and content weighed as at ``noise_factor``."""
    device = loss.device
    weights = strength_weights(torch.full((1,), noise_factor, device=device))
    return {name: term.item() for name, term in loss(output.to(device), photo.to(device), *weights).items()}
