"""Networks of any origin behind one call, so that they stand in the same table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from texnet.errors import UserError
from texnet.fast_neural_style import load_transformer_net, stylize_with
from texnet.fast_style_transfer import load_style_transfer_net
from texnet.stylize import UNCALIBRATED, Stylizer


@dataclass(frozen=True)
class Network:
    """A network: ``stylize`` takes RGB (N, 3, H, W) in [0, 1], noise factor and seed, and gives the same size and range.

    ``max_noise_factor`` is None for a network without strength control.
    """

    name: str
    stylize: Callable[[Tensor, float, int], Tensor]
    max_noise_factor: float | None


def load_network(path: str, device: torch.device) -> Network:
    """The network of a file: a checkpoint of texnet, or whatever else ADAPTERS can read.

    FileNotFoundError or UserError say what is wrong with the file.
    """
    try:
        return _load_own(path, device)
    except UserError as error:
        for load in ADAPTERS.values():
            try:
                return load(path, device)
            except UserError:
                continue
        raise UserError(f"{error}, nor a network of {', '.join(ADAPTERS)}") from error


def load_uncalibrated(path: str, device: torch.device) -> Stylizer:
    """The network of a checkpoint with its uncalibrated factors, by which the loss was weighed in training."""
    stylizer = Stylizer.load(path, device)
    stylizer.calibration = UNCALIBRATED
    return stylizer


def name_of(path: str) -> str:
    """What a checkpoint is called in tables: its folder and its name."""
    parent = Path(path).parent.name
    return f"{parent}/{Path(path).stem}" if parent else Path(path).stem


def _load_own(path: str, device: torch.device) -> Network:
    stylizer = Stylizer.load(path, device)
    return Network(name_of(path), stylizer, None if stylizer.fixed_noise_factor else stylizer.max_noise_factor)


def _load_transformer_net(path: str, device: torch.device) -> Network:
    return _without_strength(path, load_transformer_net(path).to(device), device)


def _load_style_transfer_net(path: str, device: torch.device) -> Network:
    return _without_strength(path, load_style_transfer_net(path).to(device), device)


def _without_strength(path: str, network: nn.Module, device: torch.device) -> Network:
    def stylize(image: Tensor, noise_factor: float, seed: int) -> Tensor:
        with torch.no_grad():
            return stylize_with(network, image.to(device)).cpu()

    return Network(Path(path).stem, stylize, None)


ADAPTERS: dict[str, Callable[[str, torch.device], Network]] = {
    "pytorch/examples fast_neural_style": _load_transformer_net,
    "lengstrom/fast-style-transfer": _load_style_transfer_net,
}
