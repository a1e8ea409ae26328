"""The perceptual loss of a batch in which every picture has a style of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

from texnet.losses.matching import MatchedStyle
from texnet.losses.perceptual import PerceptualLoss


@dataclass(frozen=True)
class StyleTarget:
    """What of :class:`PerceptualLoss` depends on the style."""

    targets: dict[str, dict[str, Tensor]]
    feature_norm: dict[str, float]
    term_norm: dict[str, float]
    matched_style: MatchedStyle | None = None


class StylesLoss(PerceptualLoss):
    """As :class:`PerceptualLoss`, with ``targets`` for each picture of the next batch; features are computed for all.

    Pictures of one style that follow each other are compared together. ``last`` are their losses in the last batch, scalars, a
    number for each such group, without luminance.
    """

    targets: Sequence[StyleTarget] = ()
    last: Sequence[Tensor] = ()

    def take(self, target: StyleTarget) -> None:
        """Become the loss of one style."""
        self.style_targets, self.feature_norm = target.targets, target.feature_norm
        self.matched_style, self._matched_to = target.matched_style, None
        self.set_term_norm(target.term_norm)

    @torch.no_grad()
    def measure(self, style: Tensor, photos: Tensor, found: Mapping[str, Tensor]) -> StyleTarget:
        """The target of a style picture, (1, 3, H, W) in [0, 1], by photos (N, 3, H, W) and their features in all layers."""
        self.set_style(style)
        term_norm = self.measure_term_norm(photos, found)
        return StyleTarget(self.style_targets, self.feature_norm, term_norm, self.matched_style)

    def forward(self, output: Tensor, content: Tensor | None, style_share: Tensor, content_share: Tensor) -> dict[str, Tensor]:
        """The mean over the batch of each term of :meth:`PerceptualLoss.forward`."""
        found = self.extract(output, {**self.style_layers, **self.content_layers})
        with torch.no_grad():
            content_found = {} if content is None else self.extract(content, self.content_layers)
        each: list[dict[str, Tensor]] = []
        counts: list[int] = []
        for _, equal in groupby(self.targets, key=id):
            same = list(equal)
            self.take(same[0])
            begin, count = sum(counts), len(same)
            part = slice(begin, begin + count)
            if content is not None:
                self.match(content[part], self.step)
            features = _part(found, part), _part(content_found, part)
            each.append(self.compare(output[part], *features, style_share[part], content_share[part]))
            counts.append(count)
        self.last = [sum(terms.values(), torch.zeros(())).detach() for terms in each]
        shares = output.new_tensor(counts) / len(output)
        terms = {name: (shares * torch.stack([terms[name] for terms in each])).sum() for name in each[0]}
        if self.luminance_weight and content is not None:
            terms["luminance"] = self.luminance_term(output, content, content_share)
        return terms


def _part(features: dict[str, Tensor], part: slice) -> dict[str, Tensor]:
    return {layer: feature[part] for layer, feature in features.items()}
