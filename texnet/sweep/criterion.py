"""The criterion: one and the same loss for all models, as losses with different weights cannot be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor

from texnet.config import DataConfig, LossConfig
from texnet.data import PhotoDataset, build_photos
from texnet.errors import UserError
from texnet.generators import Generator
from texnet.images import load_style
from texnet.losses import PerceptualLoss, build_loss
from texnet.losses.presets import PRESETS
from texnet.monitoring.base import totals
from texnet.stylize import Stylizer
from texnet.sweep.settings import Setting, Sweep
from texnet.training.build import TERM_NORM_PHOTOS
from texnet.training.previews import choose_photos

PHRASES = {
    "total": "the perceptual loss",
    "style": "the style term of the perceptual loss",
    "content": "the content term of the perceptual loss",
}

Scores = dict[str, float]  # total, style, content


class Evaluator:
    """PhotoDataset that no model was trained on, (N, 3, S, S) in [0, 1], and the loss that says how well they were painted.

    The loss is scaled by these photos: left untouched they have no content term, and style and tv terms equal to their weights.
    """

    def __init__(self, loss: PerceptualLoss, photos: Tensor, device: torch.device | str = "cpu") -> None:
        self.loss = loss
        self.photos = photos
        self.device = torch.device(device)
        loss.measure_term_norm(photos[:TERM_NORM_PHOTOS].to(self.device))

    def __call__(self, generator: Generator) -> Scores:
        """The mean loss of the photos painted at noise factor 1, by kind of term."""
        stylizer = Stylizer(generator, style="", max_noise_factor=1.0, device=self.device)
        return self.weigh(stylizer)

    @torch.no_grad()
    def weigh(self, paint: Callable[[Tensor], Tensor]) -> Scores:
        """As for a generator, for any way to paint (1, 3, S, S)."""
        one = torch.ones(1, device=self.device)
        sums = dict.fromkeys(("total", "style", "content"), 0.0)
        for photo in self.photos[:, None]:
            terms = self.loss(paint(photo).to(self.device), photo.to(self.device), one, one)
            kinds = totals({name: term.item() for name, term in terms.items()})
            for name in sums:
                sums[name] += kinds["loss" if name == "total" else name] / len(self.photos)
        return sums


class EvaluatorCache:
    """The judge of each run of a sweep; the last one is kept, as most runs share it."""

    def __init__(self, sweep: Sweep, device: torch.device) -> None:
        self.sweep = sweep
        self.device = device
        self._last: tuple[object, Evaluator] | None = None

    def evaluator_for(self, setting: Setting) -> Evaluator:
        """The judge of a run: its own held-out photos and style picture, and else the same for all runs."""
        loss, photos = self.sweep.criterion_loss(setting), photos_of(self.sweep, setting)[1]
        key = (loss, photos.paths)
        if self._last is None or self._last[0] != key:
            self._last = None  # one at a time in memory
            count = min(len(photos), max(setting.config.data.num_val, TERM_NORM_PHOTOS))
            self._last = (key, _build(loss, choose_photos(photos, count, 0, "judge"), self.device))
        return self._last[1]


def photos_of(sweep: Sweep, setting: Setting) -> tuple[PhotoDataset, PhotoDataset]:
    """The photos that a run trains on and those that it holds out, the same where none can be spared.

    They come at the crop size that the sweep evaluators at.
    """
    data = replace(setting.config.data, image_size=sweep.base.data.image_size, batch_size=1, cache_fraction=0.0)
    return _list_photos(data, setting.config.optim.seed)


@lru_cache(maxsize=8)  # most runs share them, and the annotations of COCO take long to read
def _list_photos(data: DataConfig, seed: int) -> tuple[PhotoDataset, PhotoDataset]:
    return build_photos(data, seed=seed, on_unreadable=lambda text: None)  # training names them


def explain_criterion(sweep: Sweep) -> str:
    """The criterion in words."""
    loss = sweep.criterion_loss(sweep.setting("", {}))
    weights = {
        "style_weight": loss.style_weight or PRESETS[loss.preset].style_weight,
        "content_weight": loss.content_weight,
        "tv_weight": loss.tv_weight,
    }
    words = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
    return (
        f"{PHRASES[sweep.criterion]} of the held-out photos painted at noise factor 1, "
        f"with the same weights for every model ({words}); lower is better"
    )


def _build(config: LossConfig, photos: Tensor, device: torch.device) -> Evaluator:
    if not config.texture:
        raise UserError("--texture is missing: name the style picture")
    loss = build_loss(config, device=device)
    loss.set_style(load_style(config.texture, config.style_size).to(device))
    return Evaluator(loss, photos, device)
