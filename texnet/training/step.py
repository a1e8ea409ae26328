"""One update of a generator: paint, measure the loss, and move the weights and their average."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.profiler import record_function

from texnet.devices import autocast
from texnet.errors import NonFiniteError
from texnet.generators import Generator
from texnet.losses import DiversityLoss, PerceptualLoss
from texnet.noise_factor import gradient_weight, strength_weights
from texnet.soap import Soap
from texnet.training.augment import NO_BORDER, Border, add_border
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.optim import FiniteGuard, update_average
from texnet.training.second_view import SecondView, unsteadiness

CHECK_EVERY = 10  # steps between looks at a device that computes beside the CPU: each waits for all that it has to do


class TrainStep:
    """A generator, its loss and its optimizer: call it with a batch. All that it depends on is in :meth:`state_dict`.

    ``count`` is the number of steps so far, ``ema_generator`` has the average of the weights. A step whose loss or gradient
    is not finite changes nothing, nor do later ones, until :meth:`check` finds it. The CPU checks at each step, other
    devices every ``check_every`` steps, so that the CPU can prepare the next steps meanwhile.
    """

    def __init__(
        self,
        *,
        generator: Generator,
        loss: PerceptualLoss,
        optimizer: Soap,
        device: torch.device,
        precision: torch.dtype,
        clip_norm: float,
        diversity: DiversityLoss | None = None,
        steady_weight: float = 0.0,
        context: DistributedContext = SINGLE_PROCESS,
        check_every: int | None = None,
    ) -> None:
        self.generator = generator
        self.ema_generator = copy.deepcopy(generator).eval().requires_grad_(False)
        self.model = context.wrap(generator, device)
        self.loss = loss
        self.optimizer = optimizer
        self.device = device
        self.precision = precision
        self.clip_norm = clip_norm
        self.diversity = diversity
        self.steady_weight = steady_weight
        self.context = context
        self.check_every = check_every or (1 if device.type == "cpu" else CHECK_EVERY)
        self.count = 0
        self._term_names: tuple[str, ...] = ()
        self._guard = FiniteGuard(device)

    def __call__(
        self,
        content: Tensor,
        noise_factor: Tensor,
        noise: Tensor,
        border: Border = NO_BORDER,
        view: SecondView | None = None,
        *,
        learning_rate: float,
    ) -> dict[str, Tensor]:
        """One update from photos (N, 3, H, W) in [0, 1] stylized at factors (N,): the weighted terms of the loss, scalars.

        Both are padded by the border before the loss. Of a second view only the steadiness is a term. The terms are means over
        all processes; each picture's gradient is multiplied by :func:`gradient_weight`. The four parts are labeled for a
        profiler. NonFiniteError as :meth:`check`.
        """
        with record_function("generator"), autocast(self.precision, self.device):
            photos = content if self.generator.reads_photo else None
            output, second = self._paint(photos, noise_factor, noise, view)
        with record_function("loss"):
            terms = self._terms(output, photos, noise_factor, border)
            if self.steady_weight:
                terms["steady"] = output.new_zeros(())  # named at every step, for the guard of later ones
                if view is not None and second is not None:
                    terms["steady"] = self.steady_weight * unsteadiness(output, second, view, content)
            total = torch.stack(list(terms.values())).sum()
        with record_function("backward"):
            self.optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(total)
        with record_function("update"):
            means = self.context.all_reduce_mean(torch.stack(list(terms.values())).detach())  # (terms,)
            self._term_names = tuple(terms)
            self._update(means, learning_rate)
        return dict(zip(terms, means.unbind(), strict=True))

    def check(self) -> None:
        """Wait for the device; NonFiniteError names the term and the step that became infinite or not a number.

        Weights, average, optimizer and ``count`` are then those before that step.
        """
        if not self._guard.broken:
            return
        broken, self.count = self._guard, int(self._guard.applied)
        self._guard = FiniteGuard(self.device, self.count)
        what = broken.explain(self._term_names)
        raise NonFiniteError(f"step {self.count + 1}: {what} is not finite; the weights are those of the step before")

    def state_dict(self) -> dict[str, Any]:
        """Weights, their average, the optimizer, the norms of the loss's terms and the number of updates."""
        return {
            "generator": self.generator.state_dict(),
            "ema": self.ema_generator.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "term_norm": self.loss.term_norm,
            "step": int(self._guard.applied),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where :meth:`state_dict` was taken."""
        self.generator.load_state_dict(state["generator"])
        self.ema_generator.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.loss.set_term_norm(state["term_norm"])
        self.count = state["step"]
        self._guard = FiniteGuard(self.device, self.count)

    def _paint(
        self, photos: Tensor | None, noise_factor: Tensor, noise: Tensor, view: SecondView | None
    ) -> tuple[Tensor, Tensor | None]:
        """The paintings (N, 3, H, W) of the photos and, in the same pass, of their second view, whose noise moves along."""
        weights = gradient_weight(noise_factor)[:, None, None, None]
        if view is None or photos is None:
            output = self.model(noise, photos, noise_factor)
            output.register_hook(partial(torch.mul, weights))
            return output, None
        noises = torch.cat([noise, view.move(noise, "nearest")])
        both = self.model(noises, torch.cat([photos, view.photograph(photos)]), noise_factor.repeat(2))  # (2 * N, 3, H, W)
        both.register_hook(partial(torch.mul, weights.repeat(2, 1, 1, 1)))
        output, second = both.chunk(2)
        return output, second

    def _terms(self, output: Tensor, content: Tensor | None, noise_factor: Tensor, border: Border) -> dict[str, Tensor]:
        mode = self.generator.padding_mode
        style_share, content_share = strength_weights(noise_factor)
        padded = add_border(output, border, mode)
        padded_content = None if content is None else add_border(content, border, mode)
        if self.loss.match_colors:
            self.loss.step = self.count  # else left alone: a compiled loss would be compiled again
        terms: dict[str, Tensor] = self.loss(padded, padded_content, style_share, content_share)
        if self.diversity:
            terms["diversity"] = self.diversity(output, style_share)
        return terms

    def _update(self, terms: Tensor, learning_rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        norm = nn.utils.clip_grad_norm_(self.generator.parameters(), self.clip_norm)
        self._guard.watch(norm, terms)
        checks_always = self.check_every == 1
        if (self.count + 1) % self.check_every == 0:
            self.check()
        self.optimizer.found_inf, self.optimizer.calls = self._guard.broken, self.count
        self.optimizer.step()
        self.count += 1
        weights, average = self.generator.parameters(), self.ema_generator.parameters()
        update_average(average, weights, self.count, None if checks_always else self._guard.broken)
