"""The perceptual loss of a batch in which every picture has a style of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.losses import PerceptualLoss


@dataclass(frozen=True)
class StyleTarget:
    """What of :class:`PerceptualLoss` depends on the style."""

    targets: dict[str, dict[str, Tensor]]
    feature_norm: dict[str, float]
    term_norm: dict[str, float]


class StylesLoss(PerceptualLoss):
    """As :class:`PerceptualLoss`, with ``targets`` for each picture of the next batch; features are computed for all."""

    targets: Sequence[StyleTarget] = ()

    def forward(self, output: Tensor, content: Tensor | None, style_share: Tensor, content_share: Tensor) -> dict[str, Tensor]:
        """The mean over the batch of each term of :meth:`PerceptualLoss.forward`."""
        assert content is not None
        found = self.extract(output, {**self.style_layers, **self.content_layers})
        with torch.no_grad():
            content_found = self.extract(content, self.content_layers)
        each = []
        for n, target in enumerate(self.targets):
            self.style_targets, self.feature_norm = target.targets, target.feature_norm
            self.set_term_norm(target.term_norm)
            one = slice(n, n + 1)
            features = _part(found, one), _part(content_found, one)
            each.append(self.compare(output[one], *features, style_share[one], content_share[one]))
        terms = {name: torch.stack([terms[name] for terms in each]).mean() for name in each[0]}
        if self.luminance_weight:
            terms["luminance"] = self.luminance_term(output, content, content_share)
        return terms


def _part(features: dict[str, Tensor], part: slice) -> dict[str, Tensor]:
    return {layer: feature[part] for layer, feature in features.items()}
