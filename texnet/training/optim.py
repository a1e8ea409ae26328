"""How the weights move: an optimizer, a guard against steps that are not finite, and the average of weights that stylizes."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from texnet.soap import Soap

AVERAGED_SHARE = 1 / 32  # of the steps so far: the window of the weight average


def build_optimizer(generator: nn.Module, learning_rate: float) -> Soap:
    """The optimizer of all weights of a generator."""
    return Soap(generator.parameters(), learning_rate)


class FiniteGuard:
    """Notices on the device, without waiting for it, when a step is not finite; nothing may be updated from that step on.

    ``broken`` is 0, and 1 from that step on; ``applied`` counts the steps before it; ``terms`` are those of the newest step,
    then of that one. All are tensors on the device.
    """

    def __init__(self, device: torch.device, applied: int = 0) -> None:
        self.broken = torch.zeros((), device=device)
        self.applied = torch.full((), applied, dtype=torch.int64, device=device)
        self.terms: Tensor | None = None

    def watch(self, norm: Tensor, terms: Tensor) -> None:
        """Take in a step: the norm of its gradient, a scalar, and its terms, (K,)."""
        self.terms = terms if self.terms is None else torch.where(self.broken > 0, self.terms, terms)
        finite = torch.isfinite(norm + terms.sum())
        self.broken = torch.where(finite, self.broken, 1.0)
        self.applied += self.broken == 0

    def explain(self, names: Iterable[str]) -> str:
        """What was not finite in the step that broke; waits for the device."""
        assert self.terms is not None
        finite = self.terms.isfinite().tolist()
        values = zip(names, self.terms.tolist(), finite, strict=True)
        return ", ".join(f"{name} = {value}" for name, value, is_finite in values if not is_finite) or "the gradient"


@torch.no_grad()
def update_average(average: Iterable[Tensor], weights: Iterable[Tensor], steps: int, frozen: Tensor | None = None) -> None:
    """Move the averaged weights towards the current ones after ``steps`` steps; not where ``frozen``, a scalar, is 1.

    Polynomial-decay averaging (Shamir & Zhang 2013): the window grows with training, so that short and long runs
    need no setting, and the first steps are soon forgotten.

    Not ``torch.optim.swa_utils.AveragedModel``: it asks the device for its count of updates at every step, and waits.
    """
    average, weights = list(average), list(weights)
    if frozen is not None:  # towards itself
        weights = [torch.where(frozen > 0, before, now) for before, now in zip(average, weights, strict=True)]
    share = min(1.0, (1 / AVERAGED_SHARE + 1) / (steps + 1 / AVERAGED_SHARE))
    torch._foreach_lerp_(average, weights, share)
