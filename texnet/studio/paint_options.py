"""How a photo or a video is to be painted, as the page asks for it and as texnet stylize calls it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from texnet.config import StylizeConfig
from texnet.config.stylize import REST, TimedFactor

UNTRAINED = "untrained:"  # before a style picture's path, in place of a network's


@dataclass(frozen=True)
class PaintOptions:
    """What a picture is painted of: paths, and numbers within the ranges of the page.

    With a ``mask`` the first network paints where it is white, and a second one, or the photo itself, is where it is black.
    ``timed`` are the noise factors of a video, each with its seconds before it, in place of one ``factor``.
    """

    photo: str
    networks: Sequence[str]
    factor: float
    seed: int = 0
    keep_colors: float = 0.0
    stroke_size: float = 1.0
    mask: str = ""
    timed: Sequence[tuple[float, float]] = ()

    def config(self, max_size: int = 0) -> StylizeConfig:
        """The settings of texnet stylize that paint the same, at a long side of at most ``max_size`` pixels, 0 for any."""
        return StylizeConfig(
            ckpt=tuple(self.networks),
            noise_factor=tuple(TimedFactor(*pair) for pair in self.timed) or (self.factor,),
            seed=self.seed,
            keep_colors=self.keep_colors,
            stroke_size=self.stroke_size,
            mask=self._masks(),
            max_size=max_size,
        )

    def flags(self) -> list[str]:
        """Words of its command line, without pictures; an untrained network is the only one."""
        network = self.networks[0]
        source = f"--texture={network.removeprefix(UNTRAINED)}" if network.startswith(UNTRAINED) else f"--ckpt={network}"
        networks = ["--ckpt", *self.networks] if len(self.networks) > 1 else [source]
        over_time = ["--noise_factor", *(f"{seconds:.10g}:{factor:.10g}" for seconds, factor in self.timed)]
        strength = over_time if self.timed else [f"--noise_factor={self.factor:g}"]
        masks = ["--mask", *self._masks()] if self.mask else []
        numbers = [f"--keep_colors={self.keep_colors:g}", f"--seed={self.seed}", f"--stroke_size={self.stroke_size:g}"]
        return [*networks, *strength, *masks, *numbers]

    def _masks(self) -> tuple[str, ...]:
        return (self.mask, *[REST] * (len(self.networks) - 1)) if self.mask else ()
