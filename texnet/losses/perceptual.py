"""The perceptual loss: named, weighted terms for the distance of an output from photo and style.

Every term is divided by its mean over untouched photos, the term norm: a style term is 1 for an untouched photo and 0 for
the style picture itself; a content term is 0 for the photo and 1 for the photos' average, so about 2 for an unrelated one;
total variation is 1 for a photo. Hence one ``style_weight`` has the same unit for every style picture, layer and weights file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import torch
from torch import Tensor, nn

from texnet.errors import UserError
from texnet.losses.features import HUES, PALETTE, FeatureExtractor
from texnet.losses.matching import MatchedStyle
from texnet.losses.style import STATISTICS, quantiles, squared_distance
from texnet.losses.terms import content_distance, total_variation
from texnet.metrics import luminance_correlation

LUMINANCE_SCALE = 8  # pixels to a side that are averaged: strokes are free, light and dark of objects stay
COLORS = {HUES, PALETTE}
FLOOR = 1e-12  # keeps the division finite where photos do not differ at all
COLOR_FLOOR = 1e-3  # the same for the hues of a style picture without colors, whose unit is squared twice


class PerceptualLoss(nn.Module):
    """Content, style and total variation in the layers of a feature extractor.

    Call :meth:`set_style` and :meth:`set_term_norm` (or :meth:`measure_term_norm`) before the first loss. Layer weights
    are shares: they are divided by their sum, so that ``style_weight`` keeps its meaning whatever the layers.

    With ``match_colors`` the style picture takes on the colors of each photo, see :mod:`texnet.losses.matching`, and every
    photo has style targets of its own, see :meth:`match`. In a training, which sets ``step``, convolutions see a crop of the
    style picture as large as the photo, another at each step, and layers of colors see all of it; else all layers do. The unit
    of layers of colors is the distance to the style picture in its own colors: what is left of it after the match, the form
    of their distribution, weighs little.
    """

    step: int | None = None

    def __init__(
        self,
        features: FeatureExtractor,
        *,
        style_layers: Mapping[str, float],
        content_layers: Mapping[str, float],
        statistic: str,
        style_weight: float,
        content_weight: float,
        tv_weight: float,
        luminance_weight: float = 0.0,
        match_colors: bool = False,
    ) -> None:
        super().__init__()
        self.features = features
        self.style_layers = _shares(style_layers)
        self.content_layers = _shares(content_layers)
        self.statistic = STATISTICS[statistic]
        self.style_weight = style_weight
        self.content_weight = content_weight
        self.tv_weight = tv_weight
        self.luminance_weight = luminance_weight
        self.match_colors = match_colors
        self.matched_style: MatchedStyle | None = None
        self._matched_to: Tensor | None = None  # photos whose targets are set
        self.own_targets: dict[str, dict[str, Tensor]] = {}  # of the style picture in its own colors
        self.style_targets: dict[str, dict[str, Tensor]] = {}
        self.feature_norm: dict[str, float] = {}
        self.term_norm: dict[str, float] = {}

    @torch.no_grad()
    def set_style(self, style: Tensor, found: Mapping[str, Tensor] | None = None) -> None:
        """Take the style picture, (1, 3, H, W) in [0, 1], as the target of every style layer; ``found`` as below."""
        found = self.extract(style, self.style_layers) if found is None else found
        floor = {layer: COLOR_FLOOR if layer in COLORS else FLOOR for layer in self.style_layers}
        self.feature_norm = {layer: max(found[layer].abs().mean().item(), floor[layer]) for layer in self.style_layers}
        self.own_targets = {layer: self._statistic(layer, found[layer]) for layer in self.style_layers}
        self.style_targets = self.own_targets
        self.matched_style = MatchedStyle(style) if self.match_colors else None
        self._matched_to = None

    @torch.no_grad()
    def match(self, photos: Tensor, step: int | None = None) -> None:
        """With ``match_colors``: set the style targets of photos, (N, 3, H, W) in [0, 1], for all that is compared next.

        Those of a step of a training see a crop of the style picture each.
        """
        if self.matched_style is None or (step is None and photos is self._matched_to):
            return
        self._matched_to = photos if step is None else None
        style, each = self.matched_style, []
        for number, (matrix, constant) in enumerate(zip(*(torch.split(part, 1) for part in style.map_to(photos)), strict=True)):
            whole = style.recolor(matrix, constant)
            if step is None:
                found = self.extract(whole, self.style_layers)
            else:
                part = style.crop((photos.shape[2], photos.shape[3]), step * len(photos) + number)
                found = self.extract(style.recolor(matrix, constant, part), {*self.style_layers} - COLORS)
                found |= self.extract(whole, COLORS.intersection(self.style_layers))
            each.append({layer: self._statistic(layer, found[layer]) for layer in self.style_layers})
        self.style_targets = {
            layer: {part: torch.cat([targets[layer][part] for targets in each]) for part in each[0][layer]}
            for layer in self.style_layers
        }

    @torch.no_grad()
    def measure_term_norm(self, photos: Tensor, found: Mapping[str, Tensor] | None = None) -> dict[str, float]:
        """Measure the mean of each term on untouched photos, (N, 3, H, W) in [0, 1]; N >= 2 differing photos.

        ``found`` are their features in all layers, where they are known.
        """
        self.match(photos)
        term_norm = {"tv": max(total_variation(photos).mean().item(), FLOOR)}
        found = self.extract(photos, {**self.style_layers, **self.content_layers}) if found is None else found
        for layer in self.style_layers:
            for part, value in self._statistic(layer, found[layer]).items():
                targets = self.own_targets if layer in COLORS else self.style_targets
                distance = squared_distance(value, targets[layer][part]).mean()
                term_norm[f"style/{layer}/{part}"] = max(distance.item(), FLOOR)
        for layer in self.content_layers:
            term_norm[f"content/{layer}"] = max(found[layer].float().var((0, 2, 3), correction=0).mean().item(), FLOOR)
        self.set_term_norm(term_norm)
        return term_norm

    def set_term_norm(self, term_norm: Mapping[str, float]) -> None:
        """Take what :meth:`measure_term_norm` gave for the same layers and statistic; UserError names what is missing."""
        content = [f"content/{layer}" for layer in self.content_layers]
        style = [f"style/{layer}/{part}" for layer, parts in self.style_targets.items() for part in parts]
        missing = next((name for name in ("tv", *content, *style) if name not in term_norm), None)
        if missing:
            raise UserError(f"term_norm: no {missing}, which this loss has")
        self.term_norm = dict(term_norm)

    def forward(self, output: Tensor, content: Tensor | None, style_share: Tensor, content_share: Tensor) -> dict[str, Tensor]:
        """Weighted terms as scalars, their sum being the loss: ``content/LAYER``, ``style/LAYER``, ``tv``, ``luminance``.

        ``output`` and ``content`` are (N, 3, H, W) in [0, 1]; the shares, (N,), weigh the style and the content terms
        of each picture: its noise factor decides them.
        """
        if self.match_colors and content is not None:
            self.match(content, self.step)
        output_features = self.extract(output, {**self.style_layers, **self.content_layers})
        with torch.no_grad():
            content_features = {} if content is None else self.extract(content, self.content_layers)
        terms = self.compare(output, output_features, content_features, style_share, content_share)
        if self.luminance_weight and content is not None:
            terms["luminance"] = self.luminance_term(output, content, content_share)
        return terms

    def luminance_term(self, output: Tensor, content: Tensor, content_share: Tensor) -> Tensor:
        """How far light and dark of pictures lie from the photos': (N, 3, H, W) twice, shares (N,) -> a scalar, weighted."""
        difference = 1 - luminance_correlation(output, content, LUMINANCE_SCALE)  # (N,)
        return self.luminance_weight * (content_share * difference).mean()

    def compare(
        self,
        output: Tensor,
        output_features: dict[str, Tensor],
        content_features: dict[str, Tensor],
        style_share: Tensor,
        content_share: Tensor,
    ) -> dict[str, Tensor]:
        """The terms of :meth:`forward` from the features of output and content."""
        terms: dict[str, Tensor] = {}
        for layer, share in self.content_layers.items():
            distance = self.content_distance(layer, output_features[layer], content_features[layer])
            terms[f"content/{layer}"] = self.content_weight * share * (content_share * distance).mean()
        for layer, share in self.style_layers.items():
            terms[f"style/{layer}"] = (
                self.style_weight * share * (style_share * self.style_distance(layer, output_features[layer])).mean()
            )
        terms["tv"] = self.tv_weight * total_variation(output).mean() / self.term_norm["tv"]
        return terms

    def distances(self, output_features: Mapping[str, Tensor], content_features: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Style and content distance of an output from its features: unweighted, (N,) each, float32.

        Where colors are matched, :meth:`match` comes first.
        1 and 0 for an untouched photo; the content of the photos' mean features is 1, of an unrelated photo about 2.
        """
        style = [share * self.style_distance(name, output_features[name]) for name, share in self.style_layers.items()]
        content = [
            share * self.content_distance(name, output_features[name], content_features[name])
            for name, share in self.content_layers.items()
        ]
        return torch.stack(style).sum(0), torch.stack(content).sum(0)

    def content_distance(self, layer: str, output_features: Tensor, content_features: Tensor) -> Tensor:
        """Content distance of one layer, per picture: (N, C, H, W) twice -> (N,)."""
        return content_distance(output_features, content_features) / self.term_norm[f"content/{layer}"]

    def style_distance(self, layer: str, output_features: Tensor) -> Tensor:
        """Style distance of one layer, per picture: (N, C, H, W) -> (N,); 1 for an untouched photo."""
        targets = self.style_targets[layer]
        parts = self._statistic(layer, output_features)
        distances = [squared_distance(parts[p], targets[p]) / self.term_norm[f"style/{layer}/{p}"] for p in targets]
        return torch.stack(distances).mean(0)

    def _statistic(self, layer: str, output_features: Tensor) -> dict[str, Tensor]:
        """The layer's statistic of features in units of the style picture's mean: the same for every weights file."""
        if layer == PALETTE:
            return quantiles(output_features)
        return self.statistic(output_features, self.feature_norm[layer])

    def extract(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Features of a picture, (N, 3, H, W) in [0, 1]: (N, C, H', W') per layer, in the weights' own format."""
        image = image.to(self._any_tensor().dtype).contiguous(memory_format=torch.channels_last)
        with torch.autocast(image.device.type, enabled=False):
            return self.features(image, layers)

    @property
    def device(self) -> torch.device:
        """Where the features are computed."""
        return self._any_tensor().device

    def _any_tensor(self) -> Tensor:
        return next(chain(self.features.parameters(), self.features.buffers()))  # hues alone have no parameters


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {layer: weight / total for layer, weight in weights.items()}
