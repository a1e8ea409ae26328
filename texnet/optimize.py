"""Optimize the pixels themselves with the perceptual loss (Gatys et al. 2016): slow, the reference for the networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.config import LossConfig, OptimizeConfig
from texnet.devices import check_memory
from texnet.errors import NonFiniteError
from texnet.files import exists
from texnet.images import check_sides, load_image, load_style, resize, resize_long, size_at
from texnet.losses import PerceptualLoss, build_loss
from texnet.noise_factor import strength_weights
from texnet.rng import make_generator

LBFGS_HISTORY = 50  # gradients that L-BFGS remembers: the memory that limits the picture's size
ADAM_RATE = 0.03  # learning rate for pixels in [0, 1], decayed linearly to zero
BYTES_PER_PIXEL = 6_000  # measured: peak memory of a step with VGG-19 to relu5_1 in float32
SMALLEST_LEVEL = 256  # pixels: the long side at the first, smallest scale, at least

Loss = Callable[[Tensor, Tensor, Tensor, Tensor], dict[str, Tensor]]  # as PerceptualLoss.forward


def build_optimization(
    config: OptimizeConfig, loss_config: LossConfig, photo: Tensor, *, device: torch.device, dtype: torch.dtype
) -> Iterator[Step]:
    """The optimization that a config asks for, on a photo (1, 3, H, W) in [0, 1], which is resized to ``image_size`` first.

    The loss terms are normalized by those of the photo. TooLargeError where memory does not suffice, UserError for a
    picture too narrow for the loss, FileNotFoundError or UnreadablePictureError where --init names no picture.
    """
    check_sides(photo.shape[2:], config.image_size, f"--content {config.content}", "--image_size")
    size = size_at(photo.shape[2:], config.image_size)
    check_memory(size, BYTES_PER_PIXEL, device, "--image_size")
    photo = resize_long(photo, config.image_size).to(device)
    loss = build_loss(loss_config, device=device, dtype=dtype)
    loss.set_style(load_style(loss_config.texture, loss_config.style_size).to(device))
    loss.measure_term_norm(photo)
    start = _start(config, photo)
    finest = 1 + max(0, math.floor(math.log2(max(size) / SMALLEST_LEVEL)))
    num_scales = finest if config.num_scales is None else config.num_scales
    return coarse_to_fine(loss, photo, start, steps=config.steps, num_scales=num_scales, optimizer=config.optimizer)


def _start(config: OptimizeConfig, photo: Tensor) -> Tensor:
    if config.init == "content":
        return photo
    if config.init == "noise":
        return noise_picture(photo.shape, config.seed).to(photo)
    if not exists(config.init):
        raise FileNotFoundError(f"--init {config.init}: no such picture; give content, noise or a file")
    return resize(load_image(config.init), (photo.shape[2], photo.shape[3])).to(photo)


def noise_picture(shape: tuple[int, ...], seed: int) -> Tensor:
    """Gaussian noise around gray, in [0, 1]: an initial image without content."""
    noise = torch.randn(shape, generator=make_generator(seed, "start"))
    return (0.5 + 0.2 * noise).clamp(0, 1)


@dataclass(frozen=True)
class Step:
    """The state after ``number`` steps: the image, float (N, 3, H, W) in [0, 1], and its loss terms, already weighted."""

    number: int
    image: Tensor
    terms: dict[str, float]

    @property
    def loss(self) -> float:
        """The sum of the terms."""
        return sum(self.terms.values())


def optimize(
    loss: Loss, content: Tensor, start: Tensor, *, steps: int, optimizer: str = "lbfgs", noise_factor: float = 1.0
) -> Iterator[Step]:
    """Minimize the loss of an image that begins as ``start``, for ``content``, both (N, 3, H, W) in [0, 1].

    Yields ``steps + 1`` states, the first before any step. ``lbfgs`` (Gatys et al.) or ``adam``; the noise factor weighs
    style against content as in training. Between steps pixels may leave [0, 1], as clamping would spoil the history of
    L-BFGS: the images are clamped copies, and only the last one's terms are those of the clamped image. NonFiniteError
    names the term and the step.
    """
    pixels = start.clone(memory_format=torch.contiguous_format).requires_grad_()  # L-BFGS takes no other order
    shares = strength_weights(torch.full((len(content),), noise_factor, device=content.device))
    terms: dict[str, float] = {}
    number = 0

    def evaluate() -> float:
        make.zero_grad(set_to_none=True)
        found = loss(pixels, content, *shares)
        terms.clear()
        terms.update({name: term.item() for name, term in found.items()})
        broken = [name for name, value in terms.items() if not math.isfinite(value)]
        if broken:
            raise NonFiniteError(f"step {number + 1}: {', '.join(broken)} is not finite")
        total = torch.stack(list(found.values())).sum()
        torch.autograd.backward(total)
        return total.item()

    make = OPTIMIZERS[optimizer](pixels)
    for number in range(steps):
        before = pixels.detach().clone()
        if optimizer == "adam":
            make.param_groups[0]["lr"] = ADAM_RATE * (1 - number / steps)
        make.step(evaluate)
        yield Step(number, before.clamp(0, 1), dict(terms))
    with torch.no_grad():
        pixels.clamp_(0, 1)
    evaluate()
    yield Step(steps, pixels.detach().clone(), dict(terms))


def refine(
    loss: Loss, content: Tensor, start: Tensor, *, steps: int, noise_factor: float = 1.0, on_step: Callable[[], object]
) -> Tensor:
    """The last image of :func:`optimize` by L-BFGS, (N, 3, H, W) in [0, 1]; ``on_step`` is called after each step.

    Works under ``torch.no_grad`` too.
    """
    with torch.enable_grad():
        for step in optimize(loss, content, start, steps=steps, noise_factor=noise_factor):
            if step.number:
                on_step()
    return step.image


def coarse_to_fine(
    loss: PerceptualLoss, content: Tensor, start: Tensor, *, steps: int, num_scales: int, optimizer: str = "lbfgs"
) -> Iterator[Step]:
    """:func:`optimize` at ``num_scales`` sizes: each is twice the one before and begins with its result.

    Large shapes are settled at small sizes, where steps are cheap. The steps are divided evenly; full size comes last and
    gets the remainder.
    """
    height, width = content.shape[2:]
    shares = _shares(steps, num_scales)
    done = 0
    image = start
    for scale_index, share in enumerate(shares):
        scale = 2 ** (scale_index + 1 - num_scales)
        size = (max(16, round(height * scale)), max(16, round(width * scale)))
        for step in optimize(loss, resize(content, size), resize(image, size), steps=share, optimizer=optimizer):
            image = step.image
            if step.number < share or scale_index == num_scales - 1:
                yield Step(done + step.number, image, step.terms)
        done += share


def _shares(steps: int, num_scales: int) -> list[int]:
    share = steps // num_scales
    return [share] * (num_scales - 1) + [steps - share * (num_scales - 1)]


def _lbfgs(pixels: Tensor) -> torch.optim.Optimizer:
    # one iteration per call: every step can be seen, its history is kept between calls
    return torch.optim.LBFGS([pixels], lr=1.0, max_iter=1, history_size=LBFGS_HISTORY, tolerance_grad=0, tolerance_change=0)


def _adam(pixels: Tensor) -> torch.optim.Optimizer:
    return torch.optim.Adam([pixels], lr=ADAM_RATE, betas=(0.9, 0.99))


OPTIMIZERS: dict[str, Callable[[Tensor], torch.optim.Optimizer]] = {"lbfgs": _lbfgs, "adam": _adam}
