"""The criterion of a sweep: one and the same loss for all its models, on photos that were held out of their training."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import torch

from texnet.config import DataConfig
from texnet.data import PhotoDataset, build_photos
from texnet.evaluation.evaluator import Evaluator, build_evaluator
from texnet.generators import Generator
from texnet.losses import resolve_style_weight
from texnet.stylize import Stylizer
from texnet.sweep.settings import Setting, Sweep
from texnet.training.data import TERM_NORM_PHOTOS
from texnet.training.previews import choose_photos

CRITERIA = {
    "total": "the perceptual loss",
    "style": "the style term of the perceptual loss",
    "content": "the content term of the perceptual loss",
}

Scores = dict[str, float]  # total, style, content


def score_generator(evaluator: Evaluator, generator: Generator) -> Scores:
    """The mean loss of the photos stylized at noise factor 1, and its style and content terms."""
    stylizer = Stylizer(generator, style="", max_noise_factor=1.0, device=evaluator.device)
    terms = evaluator.score(stylizer)
    return {"total": terms["loss"], "style": terms["style"], "content": terms["content"]}


class EvaluatorCache:
    """The evaluator of each run of a sweep; the last one is kept, as most runs share it."""

    def __init__(self, sweep: Sweep, device: torch.device) -> None:
        self.sweep = sweep
        self.device = device
        self._last: tuple[object, Evaluator] | None = None

    def evaluator_for(self, setting: Setting) -> Evaluator:
        """The evaluator of a run: its own held-out photos and style picture, and the rest as for all runs."""
        loss, photos = self.sweep.criterion_loss(setting), photos_of(self.sweep, setting)[1]
        key = (loss, photos.paths)
        if self._last is None or self._last[0] != key:
            self._last = None  # one at a time in memory
            count = min(len(photos), max(setting.config.data.num_val, TERM_NORM_PHOTOS))
            self._last = (key, build_evaluator(loss, choose_photos(photos, count, 0, "criterion"), self.device))
        return self._last[1]


def photos_of(sweep: Sweep, setting: Setting) -> tuple[PhotoDataset, PhotoDataset]:
    """The photos that a run trains on and those that it holds out, the same where none can be spared.

    They come at the crop size of the sweep's first setting.
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
        "style_weight": resolve_style_weight(loss),
        "content_weight": loss.content_weight,
        "tv_weight": loss.tv_weight,
    }
    words = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
    return (
        f"{CRITERIA[sweep.criterion]} of the held-out photos stylized at noise factor 1, "
        f"with the same weights for every model ({words}); lower is better"
    )
