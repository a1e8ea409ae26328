"""Frozen features with named taps, of VGG (Simonyan & Zisserman 2015) or learned from it, for the perceptual loss."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.errors import UserError
from texnet.ops import replicate_pad

CONVOLUTIONS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4), "compact": (2, 2, 4, 4, 4)}  # in each block
VGG_CHANNELS = (64, 128, 256, 512, 512)
CHANNELS = {"vgg16": VGG_CHANNELS, "vgg19": VGG_CHANNELS, "compact": (32, 64, 128, 160, 160)}
HUES, PALETTE = "hues", "palette"  # taps of every network, of colors alone
HUE_COUNT, HUE_BLUR = 8, 8  # directions around the color circle; pixels to a side that are averaged
PALETTE_COUNT, PALETTE_BLUR = 16, 4  # the same of the palette, its directions in RGB
POOLINGS: dict[str, Callable[[int], nn.Module]] = {"max": nn.MaxPool2d, "average": nn.AvgPool2d}
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def layer_names(architecture: str) -> Iterator[str]:
    """Name the modules of torchvision's ``vgg.features`` in order: conv1_1, relu1_1, ..., pool5."""
    for block, count in enumerate(CONVOLUTIONS[architecture], start=1):
        for index in range(1, count + 1):
            yield f"conv{block}_{index}"
            yield f"relu{block}_{index}"
        yield f"pool{block}"


class FeatureExtractor(nn.Module):
    """What a perceptual loss compares pictures by: frozen layers with names."""

    def forward(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """The named layers, (N, C, H', W') each, of RGB pictures (N, 3, H, W) in [0, 1]."""
        raise NotImplementedError


class Features(FeatureExtractor):
    """The convolutional part of a network up to the deepest tap, frozen, with torchvision's state-dict keys.

    Takes RGB in [0, 1], (N, 3, H, W), H and W at least 16; ImageNet's normalization happens inside. Gives a dict
    of the tapped layers, (N, C, H', W'). The tap ``hues``, (N, 8, H / 8, W / 8), needs no weights: the
    color of patches as parts of eight hues around the circle, each >= 0; grays are 0. Nor does ``palette``,
    (N, 16, H / 4, W / 4): the color of patches along 16 directions of RGB.

    ``compact`` is built like VGG-19 with half its channels or fewer, and taught to give what VGG-19 gives in these channels
    (see :mod:`texnet.pretraining.distill`).

    ``average`` pooling, as Gatys et al. 2016 have it, gives smoother gradients than VGG's own.

    Deviation from VGG: every convolution replicates the border instead of adding zeros, whose dark edge a generator
    would learn as a frame.
    """

    mean: Tensor
    std: Tensor
    hues: Tensor
    palette: Tensor

    def __init__(self, architecture: str, taps: Iterable[str], pooling: str = "max") -> None:
        super().__init__()
        names = list(layer_names(architecture))
        self.architecture = architecture
        self.taps = tuple(taps)
        for tap in self.taps:
            if tap not in (HUES, PALETTE, *names):
                known = ", ".join([HUES, PALETTE, *(name for name in names if not name.startswith("pool"))])
                raise UserError(f"{architecture} has no layer {tap!r}; it has {known}")
        depth = max((names.index(tap) for tap in self.taps if tap in names), default=-1) + 1
        self.names = names[:depth]
        self.features = nn.Sequential(*_modules(self.names, CHANNELS[architecture], POOLINGS[pooling]))
        self.register_buffer("hues", _hue_filters(), persistent=False)
        self.register_buffer("palette", _palette_filters(), persistent=False)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)

    def forward(self, image: Tensor, layers: Iterable[str] | None = None) -> dict[str, Tensor]:
        """Activations of the taps (all of them, unless named), computed only as deep as they need."""
        wanted = set(self.taps if layers is None else layers)
        found = {HUES: F.relu(F.conv2d(image, self.hues, stride=HUE_BLUR))} if HUES in wanted else {}
        if PALETTE in wanted:
            found[PALETTE] = F.conv2d(image, self.palette, stride=PALETTE_BLUR)
        x = (image - self.mean) / self.std
        for name, module in zip(self.names, self.features, strict=True):
            if len(found) == len(wanted):
                break
            if name.startswith("conv"):
                x = replicate_pad(x)
            x = module(x)
            if name in wanted:
                found[name] = x
        return found

    def load_vgg(self, state: Mapping[str, Tensor], source: str) -> None:
        """Take the convolutions from a torchvision VGG state dict (deeper ones are ignored), as float32.

        ValueError names ``source`` where a layer is missing or has another shape, or the whole is another network's.
        """
        known = {n for n, name in enumerate(layer_names(self.architecture)) if name.startswith("conv")}
        if not _convolutions(state) <= known:
            raise UserError(f"{source}: weights of another network than {self.architecture}; name a file of that one")
        own = self.state_dict()
        for key, tensor in own.items():
            if key not in state or state[key].shape != tensor.shape:
                layer = self.names[int(key.split(".")[1])]
                remedy = "choose shallower layers or another file, or name its network with --features"
                raise UserError(f"{source}: no weights for {layer} of {self.architecture} ({key}); {remedy}")
            if not torch.isfinite(state[key]).all():
                raise UserError(f"{source}: the weights {key} are not finite; name another file")
        self.load_state_dict({key: state[key].float() for key in own})


def _convolutions(state: Iterable[str]) -> set[int]:
    """The places of the convolutions in a VGG's ``features``: VGG-16 and VGG-19 differ from the seventh on."""
    return {int(key.split(".")[1]) for key in state if re.fullmatch(r"features\.\d+\.weight", key)}


def _hue_filters() -> Tensor:
    opponents = torch.tensor([[1.0, -1.0, 0.0], [0.5, 0.5, -1.0]])  # red against green, yellow against blue
    angles = torch.arange(HUE_COUNT) * (2 * torch.pi / HUE_COUNT)
    directions = torch.stack([angles.cos(), angles.sin()], 1) @ F.normalize(opponents)  # (HUE_COUNT, 3)
    return directions[:, :, None, None].expand(-1, -1, HUE_BLUR, HUE_BLUR) / HUE_BLUR**2


def _palette_filters() -> Tensor:
    """Directions spread evenly over half the sphere, by the golden angle."""
    place = (torch.arange(PALETTE_COUNT, dtype=torch.float64) + 0.5) / PALETTE_COUNT
    angle, radius = place * PALETTE_COUNT * torch.pi * (3 - 5**0.5), (1 - place.square()).sqrt()
    directions = torch.stack([radius * angle.cos(), radius * angle.sin(), place], 1).float()  # (PALETTE_COUNT, 3)
    return directions[:, :, None, None].expand(-1, -1, PALETTE_BLUR, PALETTE_BLUR) / PALETTE_BLUR**2


def _modules(names: Iterable[str], widths: tuple[int, ...], pool: Callable[[int], nn.Module]) -> Iterator[nn.Module]:
    channels_in = 3
    for name in names:
        if name.startswith("conv"):
            channels = widths[int(name[4]) - 1]
            yield nn.Conv2d(channels_in, channels, 3)
            channels_in = channels
        elif name.startswith("relu"):
            yield nn.ReLU()  # never in place: it would overwrite a tapped convolution
        else:
            yield pool(2)
