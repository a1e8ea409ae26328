"""The training step of pytorch/examples fast_neural_style, rewritten: the recipe that most people start from.

As there: TransformerNet in float32 on contiguous tensors, torchvision's VGG-16 with zero padding and ReLUs in place, content
from relu2_2, Gram matrices of relu1_2, relu2_2, relu3_3 and relu4_3, Adam, batches of 4, both losses read at every step.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models.vgg import cfgs, make_layers

from texnet.benchmark.setup import random_pictures
from texnet.fast_neural_style import TransformerNet
from texnet.losses.features import IMAGENET_MEAN, IMAGENET_STD

CONTENT_WEIGHT, STYLE_WEIGHT, LEARNING_RATE = 1e5, 1e10, 1e-3
SLICES = (0, 4, 9, 16, 23)  # of torchvision's vgg16.features: up to relu1_2, relu2_2, relu3_3, relu4_3
CONTENT_SLICE = 1


def build_baseline_step(photos: Tensor) -> Callable[[], float]:
    """A step on photos (N, 3, H, W) in [0, 1], which gives its loss. VGG's weights are random, which costs the same."""
    device, pixels = photos.device, photos.contiguous() * 255
    network = TransformerNet().to(device)
    vgg = _Vgg16().to(device)
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    texture = random_pictures(1, 256, 256).to(device).expand(len(photos), -1, -1, -1)
    with torch.no_grad():
        targets = [_gram(features) for features in vgg(_normalize(texture * 255))]

    def step() -> float:
        optimizer.zero_grad()
        output_features, content_features = vgg(_normalize(network(pixels))), vgg(_normalize(pixels))
        content = CONTENT_WEIGHT * F.mse_loss(output_features[CONTENT_SLICE], content_features[CONTENT_SLICE])
        distances = [F.mse_loss(_gram(a), b) for a, b in zip(output_features, targets, strict=True)]
        style = STYLE_WEIGHT * torch.stack(distances).sum()
        torch.autograd.backward(content + style)
        optimizer.step()
        return content.item() + style.item()

    return step


class _Vgg16(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers = make_layers(cfgs["D"])
        self.slices = nn.ModuleList(layers[a:b] for a, b in pairwise(SLICES))
        self.requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for part in self.slices:
            x = part(x)
            found.append(x)
        return found


def _normalize(x: Tensor) -> Tensor:
    mean = x.new_tensor(IMAGENET_MEAN).view(-1, 1, 1)
    std = x.new_tensor(IMAGENET_STD).view(-1, 1, 1)
    return (x.div(255) - mean) / std


def _gram(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    features = x.view(n, c, h * w)
    return features.bmm(features.transpose(1, 2)) / (c * h * w)  # (N, C, C)
