"""Go on from a texture that a network made with slow optimization of its pixels.

A network draws from what it has learned, so that the statistics of one picture scatter around the texture's, the more the
smaller it is; optimization brings those of the picture itself to the texture's (Gatys et al. 2015).
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from texnet.devices import check_memory
from texnet.images import to_bytes, to_float
from texnet.losses import PerceptualLoss
from texnet.optimize import BYTES_PER_PIXEL, refine
from texnet.synthesize import Synthesizer
from texnet.training.augment import add_border

WRAP = 32  # pixels of the opposite edges around what tiles: as far as relu4_1 sees


class TextureRefiner:
    """A synthesizer followed by ``steps`` of L-BFGS on the loss it was trained with; used like a :class:`Synthesizer`.

    The picture, of 32 pixels to a side at least, must fit into memory with all that the loss sees of it. ``on_step`` is called
    after each step.
    """

    def __init__(
        self, synthesizer: Synthesizer, loss: PerceptualLoss, steps: int, on_step: Callable[[], object] = lambda: None
    ) -> None:
        self.synthesizer = synthesizer
        self.loss = loss
        self.steps = steps
        self.on_step = on_step

    def __call__(self, size: tuple[int, int], seed: int = 0, *, tileable: bool = False) -> Tensor:
        """A texture of (height, width): uint8 (3, H, W), on the CPU. TooLargeError where memory does not suffice."""
        device = self.synthesizer.device
        check_memory(size, BYTES_PER_PIXEL, device, "--size", margin=WRAP if tileable else 0, both=True)
        loss = self._as_repeated if tileable else self.loss
        made = to_float(self.synthesizer(size, seed, tileable=tileable)[None]).to(device)
        return to_bytes(refine(loss, made, made, steps=self.steps, on_step=self.on_step)[0]).cpu()

    def _as_repeated(self, output: Tensor, content: Tensor, style_share: Tensor, content_share: Tensor) -> dict[str, Tensor]:
        """The loss of what tiles: output_features with its opposite edges around it, and of that what lies inside.

        The total variation is that of all, seams included: left out, these alone would stay rough.
        """
        around = add_border(output, (WRAP,) * 4, "circular")
        output_features = self.loss.extract(around, self.loss.style_layers)
        inside = {layer: _inside(features, output.shape[3]) for layer, features in output_features.items()}
        return self.loss.compare(around, inside, {}, style_share, content_share)


def _inside(features: Tensor, width: int) -> Tensor:
    """Features of a picture of that width with WRAP pixels around it, without those: (N, C, H, W) -> (N, C, H', W')."""
    border = round(WRAP * features.shape[3] / (width + 2 * WRAP))
    return features[..., border : features.shape[2] - border, border : features.shape[3] - border]
