"""The perceptual loss: named, weighted terms that say how far an output is from photo and style.

Every term is divided by what it is worth for untouched photos, so that its value can be read: a style term
is 1 for a photo that nobody painted and 0 for the style picture itself; a content term is 0 for the photo and 1 for
the photos' average, so about 2 for an unrelated one; total variation is 1 for a photo. Hence
one ``style_weight`` means the same for every style picture, every layer and every weights file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import torch
from torch import Tensor, nn

from texnet.losses.content import content_distance
from texnet.losses.style import STATISTICS, squared_distance
from texnet.losses.total_variation import total_variation

FLOOR = 1e-12  # keeps the division finite where photos do not differ at all


class PerceptualLoss(nn.Module):
    """Content, style and total variation, output_features through ``features``: a picture and names of layers in, a dict out.

    Call :meth:`set_style` and :meth:`set_term_norm` (or :meth:`measure_term_norm`) before the first loss. Layer weights
    are shares: they are divided by their sum, so that ``style_weight`` keeps its meaning whatever the layers.
    """

    def __init__(
        self,
        features: nn.Module,
        *,
        style_layers: Mapping[str, float],
        content_layers: Mapping[str, float],
        statistic: str,
        style_weight: float,
        content_weight: float,
        tv_weight: float,
    ) -> None:
        super().__init__()
        self.features = features
        self.style_layers = _shares(style_layers)
        self.content_layers = _shares(content_layers)
        self.statistic = STATISTICS[statistic]
        self.style_weight = style_weight
        self.content_weight = content_weight
        self.tv_weight = tv_weight
        self.style_targets: dict[str, dict[str, Tensor]] = {}
        self.feature_norm: dict[str, float] = {}
        self.term_norm: dict[str, float] = {}

    @torch.no_grad()
    def set_style(self, style: Tensor) -> None:
        """Take the style picture, (1, 3, H, W) in [0, 1], as the target of every style layer."""
        found = self.extract(style, self.style_layers)
        self.feature_norm = {layer: max(found[layer].abs().mean().item(), FLOOR) for layer in self.style_layers}
        self.style_targets = {layer: self._statistic(layer, found[layer]) for layer in self.style_layers}

    @torch.no_grad()
    def measure_term_norm(self, photos: Tensor) -> dict[str, float]:
        """Measure on photos, (N, 3, H, W) in [0, 1], what each term is worth untouched; N >= 2 differing photos."""
        scales = {"tv": max(total_variation(photos).mean().item(), FLOOR)}
        found = self.extract(photos, {**self.style_layers, **self.content_layers})
        for layer in self.style_layers:
            for part, value in self._statistic(layer, found[layer]).items():
                distance = squared_distance(value, self.style_targets[layer][part]).mean()
                scales[f"style/{layer}/{part}"] = max(distance.item(), FLOOR)
        for layer in self.content_layers:
            output_features = found[layer].float()
            scales[f"content/{layer}"] = max(output_features.var(dim=(0, 2, 3), unbiased=False).mean().item(), FLOOR)
        self.set_term_norm(scales)
        return scales

    def set_term_norm(self, scales: Mapping[str, float]) -> None:
        """Take scales that :meth:`measure_term_norm` gave for the same layers and statistic."""
        self.term_norm = dict(scales)

    def forward(self, output: Tensor, content: Tensor | None, style_share: Tensor, content_share: Tensor) -> dict[str, Tensor]:
        """Weighted terms as scalars, their sum being the loss: ``content/LAYER``, ``style/LAYER``, ``tv``.

        ``output`` and ``content`` are (N, 3, H, W) in [0, 1]; the shares, (N,), weigh the style and the content terms
        of each picture: its noise factor decides them.
        """
        output_features = self.extract(output, {**self.style_layers, **self.content_layers})
        with torch.no_grad():
            content_features = {} if content is None else self.extract(content, self.content_layers)
        return self.compare(output, output_features, content_features, style_share, content_share)

    def compare(
        self,
        output: Tensor,
        output_features: dict[str, Tensor],
        content_features: dict[str, Tensor],
        style_share: Tensor,
        content_share: Tensor,
    ) -> dict[str, Tensor]:
        """The terms of :meth:`forward` from what was output_features of output and content."""
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
        """How far an output that was output_features is from the style and from the photo: unweighted, (N,) each, float32.

        1 and 0 for an untouched photo; the content of the photos' mean features is 1, of an unrelated photo about 2.
        """
        style = [share * self.style_distance(name, output_features[name]) for name, share in self.style_layers.items()]
        content = [
            share * self.content_distance(name, output_features[name], content_features[name])
            for name, share in self.content_layers.items()
        ]
        return torch.stack(style).sum(0), torch.stack(content).sum(0)

    def content_distance(self, layer: str, output_features: Tensor, content_features: Tensor) -> Tensor:
        """How far a layer is from the photo's, per picture: (N, C, H, W) twice -> (N,)."""
        return content_distance(output_features, content_features) / self.term_norm[f"content/{layer}"]

    def style_distance(self, layer: str, output_features: Tensor) -> Tensor:
        """How far a layer's statistics are from the style's, per picture: (N, C, H, W) -> (N,); 1 = a photo's."""
        targets = self.style_targets[layer]
        parts = self._statistic(layer, output_features)
        distances = [squared_distance(parts[p], targets[p]) / self.term_norm[f"style/{layer}/{p}"] for p in targets]
        return torch.stack(distances).mean(0)

    def _statistic(self, layer: str, output_features: Tensor) -> dict[str, Tensor]:
        """The layer's statistic of features in units of the style picture's mean: the same for every weights file."""
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
