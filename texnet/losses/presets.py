"""Named losses: their style layers, content layers, statistic and style weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from texnet.errors import UserError


@dataclass(frozen=True)
class Preset:
    """Layers with their relative weights, the statistic of the style layers, VGG's pooling, and default weights."""

    style_layers: dict[str, float]
    content_layers: dict[str, float]
    statistic: str
    style_weight: float
    pooling: str = "max"
    luminance_weight: float = 0.0


PRESETS = {
    # Middle layers carry the strokes; a low weight of the deepest keeps objects recognizable. Hues and palette, because through
    # VGG alone a network learns more than the two commonest colors slowly, and neither black nor white. Covariances, because
    # brightness drowns contrast in a Gram matrix, and among square roots dark, sharp lines count for little. Luminance, because
    # relu2_2 does not see where a photo is light and dark at large.
    "texnet": Preset(
        {"hues": 1.0, "palette": 1.0, "relu1_2": 0.5, "relu2_2": 1.0, "relu3_2": 1.0, "relu4_1": 0.3},
        {"relu2_2": 1.0},
        "covariance",
        8.0,
        luminance_weight=2.0,
    ),
    # Gatys et al. 2016: changes most, colors included
    "gatys": Preset(
        {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0, "relu4_1": 1.0, "relu5_1": 1.0}, {"relu4_2": 1.0}, "gram", 5.0
    ),
    # Johnson et al. 2016, in the layers of pytorch/examples: content so shallow that the photo's colors stay
    "johnson": Preset({"relu1_2": 1.0, "relu2_2": 1.0, "relu3_3": 1.0, "relu4_3": 1.0}, {"relu2_2": 1.0}, "gram", 5.0),
    # Narayanan & Ramanathan's pyramid (TextureNet_Pytorch), after Ulyanov et al. 2016. Its content weight of 1e3 belongs to
    # features of Caffe's range and counts for little where gradients are normalized at each layer: those of five style
    # layers at every step and of the content at each third are 15 to 1.
    "pyramid": Preset(
        {"relu1_1": 5.0, "relu2_1": 6.0, "relu3_1": 2.0, "relu4_1": 2.0, "relu5_1": 2.0},
        {"relu4_2": 1.0},
        "gram",
        15.0,
        "average",
    ),
}


def parse_layers(words: Sequence[str], flag: str) -> dict[str, float]:
    """``("relu1_1", "relu2_1=2")`` -> ``{"relu1_1": 1.0, "relu2_1": 2.0}``; UserError names the flag and the word."""
    layers: dict[str, float] = {}
    for word in words:
        name, _, weight = word.partition("=")
        try:
            layers[name] = float(weight) if weight else 1.0
        except ValueError:
            raise UserError(f"{flag} {word}: write LAYER or LAYER=WEIGHT, for example relu2_1=0.5") from None
        if not 0 < layers[name] < float("inf"):
            raise UserError(f"{flag} {word}: the weight must be positive")
    return layers
