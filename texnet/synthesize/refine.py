"""Continue from a texture that a network made with slow optimization of its pixels.

The statistics of one picture scatter around those that the network learned, the more the smaller it is. Optimization brings
them to the texture's (Gatys et al. 2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from texnet.devices import check_memory
from texnet.images import to_bytes, to_float
from texnet.losses import PerceptualLoss
from texnet.optimize import BYTES_PER_PIXEL, refine
from texnet.synthesize import Synthesizer
from texnet.training.augment import add_border

WRAP = 32  # pixels of the opposite edges around what tiles: as far as relu4_1 sees


@dataclass
class TextureRefiner:
    """A synthesizer followed by ``steps`` of L-BFGS on the loss it was trained with; used like a :class:`Synthesizer`.

    The picture, of 32 pixels to a side at least, must fit into memory with all the features of the loss. ``on_step`` is called
    after each step.
    """

    synthesizer: Synthesizer
    loss: PerceptualLoss
    steps: int
    on_step: Callable[[], object] = lambda: None

    def __call__(self, size: tuple[int, int], seed: int = 0, *, tileable: bool = False) -> Tensor:
        """A texture of (height, width): uint8 (3, H, W), on the CPU. TooLargeError where memory does not suffice."""
        device = self.synthesizer.device
        check_memory(size, BYTES_PER_PIXEL, device, "--size", margin=WRAP if tileable else 0, both=True)
        loss = self._as_repeated if tileable else self.loss
        made = to_float(self.synthesizer(size, seed, tileable=tileable)[None]).to(device)
        return to_bytes(refine(loss, made, made, steps=self.steps, on_step=self.on_step)[0]).cpu()

    def _as_repeated(self, output: Tensor, content: Tensor, style_share: Tensor, content_share: Tensor) -> dict[str, Tensor]:
        """The loss of a picture that tiles: features with the opposite edges around it, of which those inside count.

        The total variation is that of all, seams included, as these alone would stay rough otherwise.
        """
        around = add_border(output, (WRAP,) * 4, "circular")
        output_features = self.loss.extract(around, self.loss.style_layers)
        inside = {layer: _inside(features, output.shape[3]) for layer, features in output_features.items()}
        return self.loss.compare(around, inside, {}, style_share, content_share)


def _inside(features: Tensor, width: int) -> Tensor:
    """Features of a picture of that width with WRAP pixels around it, without those: (N, C, H, W) -> (N, C, H', W')."""
    border = round(WRAP * features.shape[3] / (width + 2 * WRAP))
    return features[..., border : features.shape[2] - border, border : features.shape[3] - border]
