"""SOAP (Vyas et al. 2024, arXiv:2409.11321): Adam in the eigenbasis of Shampoo's preconditioner, for convolution kernels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

BETAS = (0.9, 0.98)  # of the mean of gradients; of their squares and covariances, which forget in 50 steps
REFRESH_EVERY = 5  # steps between refreshes of the bases; at every step they learn no faster, and take longer
LARGEST_SIDE = 512  # channels: kernels keep their own axes on longer sides, whose bases would take longer than the step
EPSILON = 1e-8
DECOMPOSING = {"cpu", "cuda"}  # devices for which torch has decompositions of matrices; those of others are made on the CPU

Refresh = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]  # covariances and bases, (K, C, C), to bases and order, (K, C)


class Side(NamedTuple):
    """A side of a kernel whose channels are turned: its place among the dimensions, and the names of its state."""

    dimension: int
    covariance: str
    basis: str


SIDES = (Side(0, "covariance_out", "basis_out"), Side(1, "covariance_in", "basis_in"))


class Soap(torch.optim.Optimizer):
    """Adam with Nesterov momentum, whose squares of a kernel's gradient are those along common directions of its channels.

    Output and input channels of a kernel, (O, I, H, W), are turned each into the eigenbasis of the covariance of their
    gradients; there Adam scales every direction by itself. All other weights have Adam in their own axes. Kernels of one
    shape are moved together. Where the attribute ``found_inf``, a scalar on the device, is 1, a step changes nothing; the CPU
    does not wait for it. The attribute ``calls`` is the number of steps so far, which the state does not have.

    Deviations from the paper: Nesterov momentum as NAdam's, beta1 0.9, no weight decay, and no turn of the kernel's own sides.
    """

    found_inf: Tensor | None = None

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float) -> None:
        super().__init__(parameters, {"lr": learning_rate})
        self.calls = 0

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override] # a closure is not supported
        """Move all weights that have gradients."""
        refresh = None if self.calls % REFRESH_EVERY else _refresh if self.calls else _eigenvectors
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape[parameter.shape].append(parameter)
            for parameters in by_shape.values():
                self._move(parameters, group["lr"], refresh)
        self.calls += 1

    def _move(self, parameters: Sequence[nn.Parameter], learning_rate: float, refresh: Refresh | None) -> None:
        """Move K weights of one shape; the bases are refreshed before by ``refresh``, if any."""
        states = [self._state_of(parameter) for parameter in parameters]
        old = {name: torch.stack([state[name] for state in states]) for name in states[0]}  # (K, ...)
        gradient = torch.stack([parameter.grad for parameter in parameters if parameter.grad is not None])
        if self.found_inf is not None:
            gradient = torch.where(self.found_inf > 0, 0.0, gradient)
        new, update = _adam(old, gradient, sides_of(parameters[0].shape), refresh)
        if self.found_inf is not None:
            new = {name: torch.where(self.found_inf > 0, old[name], value) for name, value in new.items()}
            update = torch.where(self.found_inf > 0, 0.0, update)
        for name, values in new.items():
            torch._foreach_copy_([state[name] for state in states], list(values.unbind()))
        torch._foreach_add_(list(parameters), list(update.unbind()), alpha=-learning_rate)

    def _state_of(self, parameter: nn.Parameter) -> dict[str, Tensor]:
        state: dict[str, Tensor] = self.state[parameter]
        if not state:
            state.update({name: parameter.new_zeros(shape) for name, shape in moments_of(parameter.shape).items()})
            for side in sides_of(parameter.shape):
                state[side.basis].fill_diagonal_(1.0)
        return state


def sides_of(shape: Sequence[int]) -> list[Side]:
    """The sides that are turned of weights of a shape: those of kernels, (O, I, H, W)."""
    return [side for side in SIDES if len(shape) == 4 and shape[side.dimension] <= LARGEST_SIDE]


def moments_of(shape: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """The shapes of what is remembered of weights of a shape, by name."""
    channels = {name: shape[side.dimension] for side in sides_of(shape) for name in (side.covariance, side.basis)}
    moments = {name: tuple(shape) for name in ("exp_avg", "exp_avg_sq")}
    return {"updates": ()} | moments | {name: (c, c) for name, c in channels.items()}


def _adam(
    state: dict[str, Tensor], gradient: Tensor, sides: Sequence[Side], refresh: Refresh | None
) -> tuple[dict[str, Tensor], Tensor]:
    """State of K weights of one shape, and their gradients (K, ...), to the next state and the update, to be subtracted."""
    beta1, beta2 = BETAS
    new = dict(state, updates=state["updates"] + 1)
    for side in sides:
        new[side.covariance] = torch.lerp(state[side.covariance], _covariance(gradient, side), 1 - beta2)
    if refresh:
        for side in sides:
            new[side.basis], order = refresh(new[side.covariance], state[side.basis])
            places = order[:, :, None, None, None].movedim(1, 1 + side.dimension)
            new["exp_avg_sq"] = new["exp_avg_sq"].take_along_dim(places, dim=1 + side.dimension)
        new["exp_avg"] = _turn(_turn(state["exp_avg"], state, sides, back=True), new, sides)
    updates = new["updates"].view(-1, *[1] * (gradient.ndim - 1))
    gradient = _turn(gradient, new, sides)
    new["exp_avg"] = torch.lerp(new["exp_avg"], gradient, 1 - beta1)
    new["exp_avg_sq"] = torch.lerp(new["exp_avg_sq"], gradient.square(), 1 - beta2)
    mean = torch.lerp(gradient, new["exp_avg"] / (1 - beta1**updates), beta1)
    deviation = (new["exp_avg_sq"] / (1 - beta2**updates)).sqrt()
    return new, _turn(mean / (deviation + EPSILON), new, sides, back=True)


def _covariance(gradient: Tensor, side: Side) -> Tensor:
    """Sums of products of the gradients of a side's channels, (K, C, C), for kernels (K, O, I, H, W)."""
    rows = gradient.movedim(1 + side.dimension, 1).flatten(2)
    return rows @ rows.mT


def _eigenvectors(covariance: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
    """Where :func:`_refresh` ends, for the first step: nothing is known of the directions yet, so their order stays."""
    order = torch.arange(basis.shape[-1], device=basis.device).expand(len(basis), -1)
    return _decompose(torch.linalg.eigh, covariance)[1].flip(-1), order


def _refresh(covariance: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
    """A step of orthogonal iteration towards the eigenvectors of covariances, both (K, C, C), by falling eigenvalues.

    Returns the bases, and the places, (K, C), that their vectors had before.
    """
    power = covariance @ basis
    order = (basis * power).sum(dim=1).argsort(dim=1, descending=True)
    return _decompose(torch.linalg.qr, power.take_along_dim(order[:, None], dim=2))[0], order


def _decompose(function: Callable[[Tensor], Iterable[Tensor]], matrices: Tensor) -> list[Tensor]:
    device = matrices.device
    on_device = matrices if device.type in DECOMPOSING else matrices.cpu()
    return [part.to(device) for part in function(on_device)]


def _turn(kernels: Tensor, state: dict[str, Tensor], sides: Sequence[Side], back: bool = False) -> Tensor:
    """Kernels, (K, O, I, H, W), in the bases of their sides, or back."""
    for side in sides:
        basis = state[side.basis]
        kernels = torch.einsum(("kij" if back else "kji") + ",kj...->ki...", basis, kernels.movedim(1 + side.dimension, 1))
        kernels = kernels.movedim(1, 1 + side.dimension)
    return kernels
