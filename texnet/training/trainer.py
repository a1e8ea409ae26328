"""The training loop: fit -> epoch -> step. It gets built objects and knows no architecture, loss or monitor."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from collections.abc import Generator as Generating
from contextlib import closing
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.profiler import record_function

from texnet.data import CropLoader, NoiseOnlyLoader
from texnet.devices import autocast, send
from texnet.errors import NonFiniteError
from texnet.generators import Generator
from texnet.losses import DiversityLoss, PerceptualLoss
from texnet.monitoring.base import Monitor, Record, totals
from texnet.rng import make_generator
from texnet.strength import draw_noise_factors, gradient_weight, strength_weights
from texnet.training.augment import NO_BORDER, Border, add_border, draw_border
from texnet.training.distributed import SINGLE_PROCESS, DistributedContext
from texnet.training.optim import update_average
from texnet.training.schedule import Schedule


class Trainer:
    """Teach a generator. All that a step depends on is in :meth:`state_dict`, the weights apart from randomness:
    every random number is a function of the seed and the step.

    ``model`` is the generator or a DistributedDataParallel around it. With ``fixed_noise_factor`` every picture is
    painted at that one. ``stop_requested`` is asked after each step.
    """

    def __init__(
        self,
        *,
        generator: Generator,
        model: nn.Module,
        loss: PerceptualLoss,
        loader: CropLoader | NoiseOnlyLoader,
        optimizer: torch.optim.Optimizer,
        schedule: Schedule,
        monitor: Monitor,
        device: torch.device,
        precision: torch.dtype,
        max_noise_factor: float,
        fixed_noise_factor: float = 0.0,
        clip_norm: float,
        seed: int,
        log_every: int,
        diversity: DiversityLoss | None = None,
        context: DistributedContext = SINGLE_PROCESS,
        stop_requested: Callable[[], bool] = lambda: False,
    ) -> None:
        self.generator = generator
        self.model = model
        self.ema_generator = copy.deepcopy(generator).eval().requires_grad_(False)
        self.loss = loss
        self.loader = loader
        self.optimizer = optimizer
        self.schedule = schedule
        self.monitor = monitor
        self.device = device
        self.precision = precision
        self.max_noise_factor = max_noise_factor
        self.fixed_noise_factor = fixed_noise_factor
        self.clip_norm = clip_norm
        self.seed = seed
        self.log_every = log_every
        self.diversity = diversity
        self.context = context
        self.stop_requested = stop_requested
        self.step_count = 0
        self.seconds = 0.0
        self._images_since_log = 0
        self._log_clock = time.perf_counter()

    @property
    def epoch(self) -> int:
        """Epochs that are done."""
        return self.step_count // self.loader.steps_per_epoch

    @property
    def progress(self) -> float:
        """Share of the training that is done, 0 to 1."""
        return self.schedule.progress(self.step_count, self.seconds)

    def fit(self, after_step: Callable[[], None] = lambda: None) -> bool:
        """Train until the schedule is done; True if it is, False if a stop was requested before.

        ``after_step`` is called after every step: the place to save and to preview. FloatingPointError names the term and
        the step that became infinite or not a number; the weights are then those before that step.
        """
        begin = time.perf_counter() - self.seconds
        self._images_since_log, self._log_clock = 0, time.perf_counter()
        while self.progress < 1:
            with closing(self._crops()) as crops:
                for crop in crops:
                    terms = self.step(crop, *self.draw(crop))
                    seconds, stop = time.perf_counter() - begin, self.stop_requested()
                    self.seconds, stop = self.context.all_reduce_state(seconds, stop)
                    self._record(terms, crop)
                    after_step()
                    if stop:
                        return False
                    if self.progress >= 1:
                        break
        return True

    def step(self, content: Tensor, noise_factor: Tensor, noise: Tensor, border: Border = NO_BORDER) -> dict[str, Tensor]:
        """One update from photos (N, 3, H, W) in [0, 1] painted at factors (N,): the weighted terms of the loss.

        The loss sees both with the border around them. The terms are told as they are; each picture's gradient counts
        :func:`gradient_weight` times. The four parts are labeled for a profiler.
        """
        self._set_learning_rate()
        with record_function("paint"), autocast(self.precision, self.device):
            photos = content if self.generator.reads_photo else None
            output = self.model(noise, photos, noise_factor)
        with record_function("loss"):
            output.register_hook(partial(torch.mul, gradient_weight(noise_factor)[:, None, None, None]))
            seen = add_border(output, border, self.generator.padding_mode)
            wanted = None if photos is None else add_border(photos, border, self.generator.padding_mode)
            style_share, content_share = strength_weights(noise_factor)
            terms: dict[str, Tensor] = self.loss(seen, wanted, style_share, content_share)
            if self.diversity:
                terms["diversity"] = self.diversity(output, style_share)
            total = torch.stack(list(terms.values())).sum()
        with record_function("backward"):
            self.optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(total)
        with record_function("update"):
            self._update(total, terms)
        return terms

    def draw(self, content: Tensor) -> tuple[Tensor, Tensor, Border]:
        """Noise factors, noise and border of this step, for the pictures of this context out of those of all."""
        rank, world_size, n = self.context.rank, self.context.world_size, len(content)
        random = make_generator(self.seed, "draw", self.step_count)
        factors = draw_noise_factors(n * world_size, self.max_noise_factor, random)[rank * n : (rank + 1) * n]
        factors = self.diversity.pick(factors) if self.diversity else factors
        factors = torch.full((n,), self.fixed_noise_factor) if self.fixed_noise_factor else factors
        shape = (n * world_size, self.generator.noise_channels, *content.shape[2:])
        noise_random = make_generator(self.seed, "noise", self.step_count, device=self.device)  # on the card, where it is fast
        noise = torch.randn(shape, generator=noise_random, device=self.device)[rank * n : (rank + 1) * n]
        return send(factors, self.device), noise, draw_border(random)

    def state_dict(self) -> dict[str, Any]:
        """Weights, their average, the optimizer and the place in the training: tensors and plain types."""
        return {
            "generator": self.generator.state_dict(),
            "ema": self.ema_generator.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "term_norm": self.loss.term_norm,
            "epoch": self.epoch,
            "step": self.step_count,
            "seconds": self.seconds,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where :meth:`state_dict` was taken."""
        self.generator.load_state_dict(state["generator"])
        self.ema_generator.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.loss.set_term_norm(state["term_norm"])
        self.step_count = state["step"]
        self.seconds = state["seconds"]

    def _crops(self) -> Generating[Tensor, None, None]:
        """The crops of the current epoch, from the current step on, at the size of the moment."""
        first = self.step_count % self.loader.steps_per_epoch
        with closing(self.loader.epoch(self.epoch, first)) as batches:
            for batch in batches:
                crops = batch.cut(self.schedule.crop_size_at(self.progress), self.device)
                yield self.diversity.pick(crops) if self.diversity else crops

    def _update(self, total: Tensor, terms: dict[str, Tensor]) -> None:
        norm = nn.utils.clip_grad_norm_(self.generator.parameters(), self.clip_norm)
        if not torch.isfinite(norm + total):
            raise NonFiniteError(self._explain(terms))
        self.optimizer.step()
        self.step_count += 1
        update_average(self.ema_generator.parameters(), self.generator.parameters(), self.step_count)

    def _set_learning_rate(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.learning_rate_at(self.step_count, self.progress)

    def _record(self, terms: dict[str, Tensor], crop: Tensor) -> None:
        self._images_since_log += len(crop) * self.context.world_size
        if self.step_count % self.log_every and self.step_count != 1:
            return
        means = self.context.all_reduce_mean(torch.stack(list(terms.values())).detach())
        values = totals(dict(zip(terms, means.tolist(), strict=True)))
        now = time.perf_counter()
        values["learning_rate"] = self.optimizer.param_groups[0]["lr"]
        values["images_per_second"] = self._images_since_log / (now - self._log_clock)
        values["crop_size"] = float(crop.shape[-1])
        self._images_since_log, self._log_clock = 0, now
        remaining = self.schedule.remaining_seconds(self.step_count, self.seconds)
        self.monitor.record(Record(self.step_count, self.epoch, self.seconds, remaining, values))

    def _explain(self, terms: dict[str, Tensor]) -> str:
        broken = [f"{name} = {term.item()}" for name, term in terms.items() if not torch.isfinite(term)]
        what = ", ".join(broken) or "the gradient"
        return f"step {self.step_count + 1}: {what} is not finite; the weights are those of the step before"
