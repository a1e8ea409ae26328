"""A narrower VGG-19: channels from which the others can be told, and weights that reproduce them as well as linear maps can.

Where a small network begins that is then taught as a whole (see :mod:`texnet.pretraining.distill`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.losses.features import CHANNELS, Features
from texnet.losses.weights import load_vgg_weights
from texnet.ops import square_root

BATCH = 16  # pictures at a time
MOST_POSITIONS = 200_000  # of a layer's map that a fit looks at
RIDGE = 1e-4  # of the mean square of the inputs


class Teacher:
    """Chosen channels of VGG-19's layers: (N, 3, H, W) -> (N, K, H', W') each, float32, with their gradient to the picture.

    ``channels`` are the places of the chosen ones among VGG's. ``units`` are the layers' mean activations, by which all
    is divided: a ReLU network may be scaled layer by layer, and weights of one size learn at one rate.
    """

    def __init__(self, features: Features, channels: Mapping[str, Tensor], units: Mapping[str, float]) -> None:
        self.features = features
        self.channels = dict(channels)
        self.feature_norm = dict(units)

    def __call__(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        wanted = tuple(layers)
        seen = self.features(image.to(next(self.features.parameters()).dtype), wanted)
        relus = {layer: layer.replace("conv", "relu") for layer in wanted}
        return {layer: seen[layer][:, self.channels[relu]].float() / self.feature_norm[relu] for layer, relu in relus.items()}


def build_pair(
    taps: Sequence[str], vgg_weights: str, device: torch.device, precision: torch.dtype
) -> tuple[Features, Features]:
    """A student that gives ``taps``, with the weights it is built with, and VGG-19, which gives those and all convolutions.

    FileNotFoundError or ValueError say what is wrong with VGG's weights.
    """
    student = Features("compact", taps).to(device).to(memory_format=torch.channels_last)
    vgg = Features("vgg19", [*(name for name in student.names if name.startswith("conv")), *student.taps])
    vgg.load_vgg(*load_vgg_weights("vgg19", vgg_weights))
    return student, vgg.to(device, precision).to(memory_format=torch.channels_last)


def initialize_student(student: Features, vgg: Features, pictures: Tensor, init: str) -> Teacher:
    """Give a student the weights of a file of an earlier one, else those fitted on pictures (N, 3, H, W); its teacher."""
    if init:
        state, _ = load_vgg_weights("compact", init, "--init")
        student.load_vgg(state, init)
        return restore_teacher(vgg, state, f"--init {init}")
    teacher = choose_channels(vgg, pictures)
    fit_layers(student, teacher, pictures)
    return teacher


@torch.no_grad()
def choose_channels(features: Features, pictures: Tensor) -> Teacher:
    """For each ReLU of ``features`` as many channels as ``compact`` has there, by what they do on pictures (N, 3, H, W).

    One after the other the channel of whose square roots the ones before explain least: a pivoted Cholesky factorization of
    their covariance. Square roots, for these are what the loss of training compares.
    """
    layers = [name for name in features.names if name.startswith("relu")]
    dtype = next(features.parameters()).dtype
    first = features(pictures[:BATCH].to(dtype), layers)
    units = {layer: seen.float().mean().item() for layer, seen in first.items()}
    products = dict.fromkeys(layers, torch.zeros(()))
    sums = dict.fromkeys(layers, torch.zeros(()))
    for batch in _batches(pictures):
        for layer, seen in features(batch.to(dtype), layers).items():
            flat = square_root(seen.float(), units[layer]).transpose(0, 1).flatten(1)  # (C, N * H * W)
            products[layer] = products[layer] + (flat @ flat.T).cpu() / (flat.shape[1] * len(pictures)) * len(batch)
            sums[layer] = sums[layer] + flat.mean(1).cpu() / len(pictures) * len(batch)
    chosen = {}
    for layer in layers:
        covariance = products[layer] - sums[layer][:, None] * sums[layer]
        chosen[layer] = pivots(covariance, CHANNELS["compact"][int(layer[4]) - 1])
    return Teacher(features, chosen, units)


def pivots(covariance: Tensor, count: int) -> Tensor:
    """The ``count`` variables, sorted, that explain the others of a covariance (C, C): greedily, the least explained next."""
    rest = covariance.double().clone()
    chosen: list[int] = []
    for _ in range(count):
        variance = rest.diagonal().clone()
        variance[chosen] = -1
        best = int(variance.argmax())
        chosen.append(best)
        rest -= torch.outer(rest[:, best], rest[best]) / rest[best, best].clamp(min=1e-12)
    return torch.tensor(sorted(chosen))


@torch.no_grad()
def fit_layers(student: Features, teacher: Teacher, pictures: Tensor) -> None:
    """Layer by layer, the weights by which the student's own activations come nearest to the teacher's: least squares."""
    for number, (name, module) in enumerate(zip(student.names, student.features, strict=True)):
        if not isinstance(module, nn.Conv2d):
            continue
        assert module.bias is not None
        before = student.names[max(0, number - 1) : number]
        products, answers = torch.zeros(()), torch.zeros(())
        for batch in _batches(_fewer(pictures, name)):
            target = teacher(batch, [name])[name].transpose(0, 1).flatten(1)  # (K, N * H' * W')
            patches = _patches(student(batch, before)[before[0]] if before else (batch - student.mean) / student.std)
            products = products + (patches @ patches.T).cpu()
            answers = answers + (patches @ target.T).cpu()
        ridge = RIDGE * products.diagonal().mean() * torch.eye(len(products))
        solution = torch.linalg.solve((products + ridge).double(), answers.double()).to(module.weight)  # (9 * C + 1, K)
        module.weight.copy_(solution[:-1].T.reshape(module.weight.shape))
        module.bias.copy_(solution[-1])


def save_student(student: Features, teacher: Teacher, path: Path) -> None:
    """Write a student's weights in float16, and which channels of VGG-19 it gives, all or nothing."""
    content = {name: tensor.to(torch.float16).contiguous() for name, tensor in student.state_dict().items()}
    for layer, channels in teacher.channels.items():
        content[f"channels.{layer}"] = channels.to(torch.int16)
        content[f"unit.{layer}"] = torch.tensor(teacher.feature_norm[layer])
    buffer = BytesIO()
    torch.save(content, buffer)
    write_atomically(path, buffer.getvalue())


def restore_teacher(features: Features, state: Mapping[str, Tensor], source: str) -> Teacher:
    """The teacher of a student that :func:`save_student` wrote; ValueError names the source of another file."""
    channels = {name.split(".")[1]: tensor.long() for name, tensor in state.items() if name.startswith("channels.")}
    if not channels:
        raise UserError(f"{source}: not written by texnet distill")
    return Teacher(features, channels, {layer: state[f"unit.{layer}"].item() for layer in channels})


def _fewer(pictures: Tensor, layer: str) -> Tensor:
    height, width = (side >> (int(layer[4]) - 1) for side in pictures.shape[2:])
    return pictures[: max(BATCH, MOST_POSITIONS // (height * width))]


def _patches(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (9 * C + 1, N * H * W): what a 3x3 convolution sees at each place, and 1 for its bias."""
    patches = F.unfold(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3).transpose(0, 1).flatten(1)
    return torch.cat([patches, torch.ones_like(patches[:1])])


def _batches(pictures: Tensor) -> Iterator[Tensor]:
    return iter(torch.split(pictures, BATCH))  # type: ignore[no-untyped-call]
