"""Go on from a texture that a network made with slow optimisation of its pixels.

A network draws from what it has learnt, so that the statistics of one picture scatter around the texture's, the more the
smaller it is; optimisation brings those of the picture itself to the texture's (Gatys et al. 2015).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from texnet.devices import check_memory
from texnet.images import to_bytes, to_float
from texnet.losses import PerceptualLoss
from texnet.optimize import BYTES_PER_PIXEL, optimize
from texnet.synthesize import Synthesizer
from texnet.training.border import add_border

WRAP = 32  # pixels of the opposite edge that the loss sees beyond each edge of what tiles


class TextureRefiner:
    """A synthesizer followed by ``steps`` of L-BFGS on the loss it was trained with; used like a :class:`Synthesizer`.

    The picture must fit into memory with all that the loss sees of it. ``on_step`` is called after each step.
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
        height, width = size
        wrap = min(WRAP, height, width) if tileable else 0  # pixels near an edge then count twice, in a corner four times
        device = self.synthesizer.device
        check_memory(size, BYTES_PER_PIXEL, device, "--size", margin=wrap, both=True)

        def wrapped(output: Tensor, *others: Tensor) -> dict[str, Tensor]:
            return self.loss(add_border(output, (wrap,) * 4, "circular"), *others)

        refined = to_float(self.synthesizer(size, seed, tileable=tileable)[None]).to(device)
        with torch.enable_grad():
            for step in optimize(wrapped, refined, refined, steps=self.steps):
                refined = step.image
                if step.number:
                    self.on_step()
        return to_bytes(refined[0]).cpu()
