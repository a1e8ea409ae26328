"""The optimizer: Adam in bases that follow the gradients."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from texnet.soap import BETAS, EPSILON, LARGEST_SIDE, REFRESH_EVERY, Soap, moments_of, sides_of

STEPS = 2 * REFRESH_EVERY + 2  # past two refreshes of the bases


def move(weight: Tensor, gradients: list[Tensor], learning_rate: float = 0.01) -> Tensor:
    """A weight after steps with these gradients."""
    parameter = nn.Parameter(weight.clone())
    optimizer = Soap([parameter], learning_rate)
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
    return parameter.detach()


def random_kernels(count: int, *shape: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(shape, generator=generator) for _ in range(count)]


def test_weights_that_are_no_kernels_have_adam_with_nesterov_momentum() -> None:
    gradients = random_kernels(STEPS, 7, 5)
    weight, mean, square = torch.zeros(7, 5), torch.zeros(7, 5), torch.zeros(7, 5)
    beta1, beta2 = BETAS
    for step, gradient in enumerate(gradients, start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        square = beta2 * square + (1 - beta2) * gradient**2
        ahead = beta1 * mean / (1 - beta1**step) + (1 - beta1) * gradient
        weight = weight - 0.01 * ahead / ((square / (1 - beta2**step)).sqrt() + EPSILON)
    torch.testing.assert_close(move(torch.zeros(7, 5), gradients), weight)


def test_turned_channels_take_the_same_steps_turned() -> None:
    gradients = random_kernels(STEPS, 6, 4, 3, 3)
    turn_out, turn_in = (torch.linalg.qr(torch.randn(c, c, generator=torch.Generator().manual_seed(c)))[0] for c in (6, 4))

    def turn(kernel: Tensor) -> Tensor:
        return torch.einsum("ao,oihw,bi->abhw", turn_out, kernel, turn_in)

    moved = move(torch.zeros(6, 4, 3, 3), gradients)
    torch.testing.assert_close(move(torch.zeros(6, 4, 3, 3), [turn(g) for g in gradients]), turn(moved), rtol=1e-3, atol=1e-5)
    assert (moved.abs() > 0.01).any()  # it has moved


def descend(optimizer_of: Callable[[nn.Parameter], torch.optim.Optimizer]) -> float:
    """Loss after 100 steps on a quadratic whose directions are mixtures of channels, with curvatures from 1 to 10,000."""
    mix_out, mix_in = (torch.linalg.qr(torch.randn(c, c, generator=torch.Generator().manual_seed(c)))[0] for c in (12, 8))
    scale = torch.logspace(0, 1, 12)[:, None] * torch.logspace(0, 1, 8)  # (O, I)
    goal = random_kernels(1, 12, 8, 3, 3)[0]
    kernel = nn.Parameter(torch.zeros(12, 8, 3, 3))
    optimizer = optimizer_of(kernel)
    for step in range(100):
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / 100)
        mixed = torch.einsum("ao,oihw,bi->abhw", mix_out, kernel - goal, mix_in)
        loss = (scale[:, :, None, None] * mixed).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def test_mixtures_of_channels_with_unlike_curvatures_are_learned_sooner_than_by_adam() -> None:
    soap = descend(lambda kernel: Soap([kernel], 0.1))
    assert soap < 0.1 * descend(lambda kernel: torch.optim.Adam([kernel], betas=(0.9, 0.99)))


@pytest.mark.parametrize("shape", [(7, 5), (6, 4, 3, 3)])
def test_a_step_that_is_not_finite_changes_nothing(shape: tuple[int, ...]) -> None:
    parameter = nn.Parameter(torch.zeros(shape))
    optimizer = Soap([parameter], 0.01)
    *gradients, last = random_kernels(REFRESH_EVERY + 1, *shape)
    for gradient in gradients:
        parameter.grad = gradient
        optimizer.step()
    weight, state = parameter.detach().clone(), copy.deepcopy(optimizer.state_dict()["state"])
    parameter.grad = last.fill_(torch.nan)
    optimizer.found_inf = torch.ones(())
    optimizer.step()  # one that refreshes the bases
    assert torch.equal(parameter, weight)
    assert all(torch.equal(value, state[0][name]) for name, value in optimizer.state_dict()["state"][0].items())


@pytest.mark.parametrize("shape", [(7, 5), (6, 4, 3, 3)])
def test_a_copy_of_the_state_goes_on_with_the_same_bits(shape: tuple[int, ...]) -> None:
    gradients = random_kernels(3 * REFRESH_EVERY, *shape)
    stopped = nn.Parameter(torch.zeros(shape))
    optimizer = Soap([stopped], 0.01)
    for gradient in gradients[:7]:
        stopped.grad = gradient.clone()
        optimizer.step()
    resumed = nn.Parameter(stopped.detach().clone())
    other = Soap([resumed], 0.5)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    other.calls = 7
    for gradient in gradients[7:]:
        resumed.grad = gradient.clone()
        other.step()
    assert torch.equal(resumed, move(torch.zeros(shape), gradients))


def test_weights_of_one_shape_move_as_each_would_alone() -> None:
    kernels = [nn.Parameter(torch.zeros(6, 4, 3, 3)) for _ in range(3)]
    optimizer = Soap(kernels, 0.01)
    gradients = [random_kernels(3 * STEPS, 6, 4, 3, 3)[index::3] for index in range(3)]
    gradients[2] = gradients[2][3:]  # the last one has none at first, as a style's that no batch has drawn
    for step in range(STEPS):
        for kernel, of_one in zip(kernels, gradients, strict=True):
            late = STEPS - len(of_one)
            kernel.grad = of_one[step - late].clone() if step >= late else None
        optimizer.step()
    for kernel, of_one in zip(kernels[:2], gradients, strict=False):
        torch.testing.assert_close(kernel.detach(), move(torch.zeros(6, 4, 3, 3), of_one))
    assert optimizer.state[kernels[2]]["updates"] == STEPS - 3 and kernels[2].any()


def test_long_sides_keep_their_axes() -> None:
    assert [side.dimension for side in sides_of((LARGEST_SIDE + 1, 8, 3, 3))] == [1]
    assert moments_of((LARGEST_SIDE + 1, 8, 3, 3)).keys() == {"updates", "exp_avg", "exp_avg_sq", "covariance_in", "basis_in"}


def test_the_state_has_the_stated_shapes() -> None:
    parameters = [nn.Parameter(torch.zeros(shape)) for shape in [(6, 4, 3, 3), (5,), ()]]
    optimizer = Soap(parameters, 0.01)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    for parameter in parameters:
        shapes = {name: tuple(value.shape) for name, value in optimizer.state[parameter].items()}
        assert shapes == moments_of(parameter.shape)
