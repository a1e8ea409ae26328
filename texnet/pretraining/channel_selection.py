"""The start of distillation: channels of VGG-19 that predict the others, and student weights fitted to them by least squares.

All layers are then trained together (see :mod:`texnet.pretraining.distill`).
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

BATCH_SIZE = 16
MAX_POSITIONS = 200_000  # of a layer's feature maps, in one fit
RIDGE = 1e-4  # times the mean square of the inputs


class Teacher:
    """Selected channels of VGG-19's layers: (N, 3, H, W) -> (N, K, H', W') each, float32, differentiable.

    ``channels`` are the indices of the selected channels by ReLU layer. ``feature_norm`` are the layers' mean activations, by
    which features are divided: a ReLU network may be scaled layer by layer, and weights of one size learn at one rate.
    """

    def __init__(self, vgg: Features, channels: Mapping[str, Tensor], feature_norm: Mapping[str, float]) -> None:
        self.vgg = vgg
        self.channels = dict(channels)
        self.feature_norm = dict(feature_norm)

    def __call__(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        relus = {layer: layer.replace("conv", "relu") for layer in layers}
        features = self.vgg(image.to(next(self.vgg.parameters()).dtype), tuple(relus))
        return {
            layer: features[layer][:, self.channels[relu]].float() / self.feature_norm[relu] for layer, relu in relus.items()
        }


def build_pair(
    taps: Sequence[str], vgg_weights: str, device: torch.device, precision: torch.dtype
) -> tuple[Features, Features]:
    """A student with random weights that gives ``taps``, and VGG-19, which gives these and all convolutions of the student.

    FileNotFoundError or UserError say what is wrong with VGG's weights.
    """
    student = Features("compact", taps).to(device).to(memory_format=torch.channels_last)
    vgg = Features("vgg19", [*(name for name in student.names if name.startswith("conv")), *student.taps])
    vgg.load_vgg(*load_vgg_weights("vgg19", vgg_weights))
    return student, vgg.to(device, precision).to(memory_format=torch.channels_last)


def initialize_student(student: Features, vgg: Features, images: Tensor, init: str) -> Teacher:
    """Load a student's weights from the file ``init``, or fit them on images (N, 3, H, W) where it is empty; its teacher."""
    if init:
        state, _ = load_vgg_weights("compact", init, "--init")
        student.load_vgg(state, init)
        return restore_teacher(vgg, state, f"--init {init}")
    teacher = choose_channels(vgg, images)
    fit_layers(student, teacher, images)
    return teacher


@torch.no_grad()
def choose_channels(vgg: Features, images: Tensor) -> Teacher:
    """Select as many channels of each ReLU layer as ``compact`` has there, by their activations on images (N, 3, H, W).

    Greedily, the next channel is the one that the selected ones explain least: a pivoted Cholesky factorization of the
    covariance. It is that of the square roots, so that no peaks rule.
    """
    layers = [name for name in vgg.names if name.startswith("relu")]
    dtype = next(vgg.parameters()).dtype
    first = vgg(images[:BATCH_SIZE].to(dtype), layers)
    feature_norm = {layer: features.float().mean().item() for layer, features in first.items()}
    products = dict.fromkeys(layers, torch.zeros(()))
    sums = dict.fromkeys(layers, torch.zeros(()))
    for batch in _batches(images):
        for layer, features in vgg(batch.to(dtype), layers).items():
            flat = square_root(features.float(), feature_norm[layer]).transpose(0, 1).flatten(1)  # (C, N * H * W)
            products[layer] = products[layer] + (flat @ flat.T).cpu() / (flat.shape[1] * len(images)) * len(batch)
            sums[layer] = sums[layer] + flat.mean(1).cpu() / len(images) * len(batch)
    chosen = {}
    for layer in layers:
        covariance = products[layer] - sums[layer][:, None] * sums[layer]
        chosen[layer] = pivots(covariance, CHANNELS["compact"][int(layer[4]) - 1])
    return Teacher(vgg, chosen, feature_norm)


def pivots(covariance: Tensor, count: int) -> Tensor:
    """The pivots of ``count`` steps of Cholesky's factorization of a covariance (C, C), sorted: (count,)."""
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
def fit_layers(student: Features, teacher: Teacher, images: Tensor) -> None:
    """Fit each convolution of the student, in order, to the teacher's features by ridge regression, in place."""
    for number, (name, module) in enumerate(zip(student.names, student.features, strict=True)):
        if not isinstance(module, nn.Conv2d):
            continue
        assert module.bias is not None
        before = student.names[max(0, number - 1) : number]
        gram, moments = torch.zeros(()), torch.zeros(())
        for batch in _batches(_limit_positions(images, name)):
            target = teacher(batch, [name])[name].transpose(0, 1).flatten(1)  # (K, N * H' * W')
            patches = _patches(student(batch, before)[before[0]] if before else (batch - student.mean) / student.std)
            gram = gram + (patches @ patches.T).cpu()
            moments = moments + (patches @ target.T).cpu()
        ridge = RIDGE * gram.diagonal().mean() * torch.eye(len(gram))
        solution = torch.linalg.solve((gram + ridge).double(), moments.double()).to(module.weight)  # (9 * C + 1, K)
        module.weight.copy_(solution[:-1].T.reshape(module.weight.shape))
        module.bias.copy_(solution[-1])


def save_student(student: Features, teacher: Teacher, path: Path) -> None:
    """Write a student's weights in float16 and its teacher's channels, atomically."""
    content = {name: tensor.to(torch.float16).contiguous() for name, tensor in student.state_dict().items()}
    for layer, channels in teacher.channels.items():
        content[f"channels.{layer}"] = channels.to(torch.int16)
        content[f"unit.{layer}"] = torch.tensor(teacher.feature_norm[layer])
    buffer = BytesIO()
    torch.save(content, buffer)
    write_atomically(path, buffer.getvalue())


def restore_teacher(vgg: Features, state: Mapping[str, Tensor], source: str) -> Teacher:
    """The teacher of a student that :func:`save_student` wrote; UserError names the source where it did not."""
    channels = {name.split(".")[1]: tensor.long() for name, tensor in state.items() if name.startswith("channels.")}
    if not channels:
        raise UserError(f"{source}: not written by texnet distill")
    return Teacher(vgg, channels, {layer: state[f"unit.{layer}"].item() for layer in channels})


def _limit_positions(images: Tensor, layer: str) -> Tensor:
    """The first images, as many as MAX_POSITIONS allows for a layer such as ``conv3_1``."""
    height, width = (side >> (int(layer[4]) - 1) for side in images.shape[2:])
    return images[: max(BATCH_SIZE, MAX_POSITIONS // (height * width))]


def _patches(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (9 * C + 1, N * H * W): the 3x3 patch at each position, and 1 for the bias."""
    patches = F.unfold(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3).transpose(0, 1).flatten(1)
    return torch.cat([patches, torch.ones_like(patches[:1])])


def _batches(images: Tensor) -> Iterator[Tensor]:
    return iter(torch.split(images, BATCH_SIZE))  # type: ignore[no-untyped-call]
