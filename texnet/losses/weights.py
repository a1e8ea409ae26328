"""Where the weights of a feature network come from, in this order: a named file, its environment variable, torch's cache,
torchvision's download. The compact network's come with texnet."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from torch import Tensor

from texnet.caches import writable_folder
from texnet.config import LossConfig
from texnet.errors import UserError

VARIABLES = {"vgg19": "TEXNET_VGG_WEIGHTS", "vgg16": "TEXNET_VGG16_WEIGHTS"}  # of the environment
COMPACT = Path(__file__).parents[1] / "weights" / "compact.pt"  # shipped, made by texnet distill


def load_vgg_weights(architecture: str, path: str = "", flag: str = "--vgg_weights") -> tuple[dict[str, Tensor], str]:
    """The state dict of ``vgg16`` or ``vgg19``, torchvision's, or of ``compact``, and where it was found.

    FileNotFoundError where a file that ``flag`` named is missing or no weights can be found, UserError where it holds none.
    """
    found = find_vgg_weights(architecture, path, flag) or _download(architecture)
    try:
        state = torch.load(found, map_location="cpu", weights_only=True, mmap=_can_map(found))
    except Exception as error:  # torch raises many types on foreign files
        raise _no_weights(found, error) from error
    if not isinstance(state, dict):
        raise _no_weights(found, state)
    return {key: value for key, value in state.items() if isinstance(key, str) and isinstance(value, Tensor)}, str(found)


def resolve_features(config: LossConfig, log: Callable[[str], object] = lambda line: None) -> LossConfig:
    """The config with ``auto`` features replaced: VGG-19 where its weights are on this machine, else the compact network.

    ``log`` gets one line that says which, and why.
    """
    if config.features != "auto":
        return config
    found = find_vgg_weights("vgg19", config.vgg_weights)
    if found:
        log(f"features: vgg19, {found}")
    else:
        log("features: compact, as no weights of VGG-19 are on this machine (--features vgg19 downloads them)")
    return replace(config, features="vgg19" if found else "compact")


def find_vgg_weights(architecture: str, path: str = "", flag: str = "--vgg_weights") -> Path | None:
    """The file of weights on this machine, None if there is none.

    FileNotFoundError where one that ``flag`` or the environment named is missing.
    """
    variable = VARIABLES.get(architecture, "")
    for origin, named in ((flag, path), (variable, os.environ.get(variable, ""))):
        if named:
            if not Path(named).is_file():
                raise FileNotFoundError(f"{origin} {named}: no such file")
            return Path(named)
    if architecture == "compact":
        return COMPACT if COMPACT.is_file() else None
    try:
        return min(_torch_cache().glob(f"{architecture}-*.pth"), default=None)
    except OSError:  # a folder that this user may not look into
        return None


def _torch_cache() -> Path:
    return Path(torch.hub.get_dir(), "checkpoints")


def _download(architecture: str) -> Path:
    if architecture == "compact":
        raise FileNotFoundError(f"{COMPACT}, which comes with texnet, is missing: install texnet again")
    weights = _torchvision_weights(architecture)
    folder = writable_folder(_torch_cache(), "weights", lambda text: None)  # torch prints where it writes
    target = folder / Path(urlparse(weights.url).path).name
    try:
        weights.get_state_dict(progress=True, check_hash=True, model_dir=str(folder))
    except Exception as error:  # no network, no space: of many types
        raise FileNotFoundError(
            f"no weights for {architecture}, and the download failed ({error}); fetch {weights.url} on another "
            f"machine and name the file with --vgg_weights or {VARIABLES[architecture]}"
        ) from error
    return target


def _torchvision_weights(architecture: str) -> Any:
    try:
        from torchvision.models import get_model_weights
    except ImportError as error:
        raise FileNotFoundError(
            f"no weights for {architecture}: name their file with --vgg_weights, or install torchvision to download them"
        ) from error
    return get_model_weights(architecture).IMAGENET1K_V1


def _no_weights(path: Path, found: object) -> UserError:
    return UserError(f"{path}: not a file of VGG weights ({type(found).__name__}); name another with --vgg_weights")


def _can_map(path: Path) -> bool:
    """Whether a file has torch's zip format: then only the convolutions are read, not the 495 MB of dense layers."""
    with path.open("rb") as file:
        return file.read(2) == b"PK"
