"""Checkpoints: one dict of tensors and plain types, written all or nothing, read without running code."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

import texnet
from texnet.config import GeneratorConfig, LossConfig, from_dict
from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.generators import Generator, build_generator
from texnet.generators.calibration import Calibration
from texnet.images import load_style
from texnet.losses import PerceptualLoss, build_loss

FORMAT = 4  # before 2 the photo shone through up to factor 0.25 alone, before 3 in its own colors, before 4 less recolored
REQUIRED_KEYS = ("config", "styles", "ema")
SHARED_KEYS = ("format", "texnet", "config", "styles", "ema", "term_norm", "epoch", "step", "seconds", "calibration")


def save_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """Write a checkpoint, stamped with format and version, under a temporary name, then rename."""
    stamped = {"format": FORMAT, "texnet": texnet.__version__, **content}
    buffer = io.BytesIO()
    torch.save(stamped, buffer)
    write_atomically(path, buffer.getvalue())


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint, on the CPU. FileNotFoundError or ValueError say what is wrong with the file."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such checkpoint")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many types on foreign and on broken files
        raise UserError(f"{path}: not a checkpoint of texnet ({type(error).__name__})") from error
    if not isinstance(content, dict) or not isinstance(content.get("format"), int):
        raise UserError(f"{path}: not a checkpoint of texnet")
    if content["format"] > FORMAT:
        writer = content.get("texnet", "of another time")
        raise UserError(f"{path}: written by texnet {writer}; this is {texnet.__version__}: please update")
    missing = [key for key in REQUIRED_KEYS if key not in content]
    if missing:
        raise UserError(f"{path}: not a checkpoint of texnet, or a broken one: it has no {', '.join(missing)}")
    if content["format"] < FORMAT and not content["config"]["generator"].get("no_content"):  # a texture has no dial
        raise UserError(f"{path}: of an earlier texnet, whose dial blended otherwise; train it again")
    return content


def load_trained(path: str | Path) -> dict[str, Any]:
    """As :func:`load_checkpoint`, of a run, which has learned one style; ValueError also for a base, which has not."""
    content = load_checkpoint(path)
    if "term_norm" not in content:
        raise UserError(f"--ckpt {path}: no trained style but a base; name a run's style.pt")
    return content


def inference_state(content: dict[str, Any]) -> dict[str, Any]:
    """What stylizing needs of a checkpoint: a fifth of its size."""
    return {key: content[key] for key in SHARED_KEYS if key in content}


def restore_generator(content: dict[str, Any]) -> Generator:
    """The averaged generator of a checkpoint, in evaluation mode, frozen."""
    generator = build_generator(from_dict(GeneratorConfig, content["config"]["generator"]))
    generator.load_state_dict(content["ema"])
    return generator.eval().requires_grad_(False)


def restore_calibration(content: dict[str, Any]) -> Calibration:
    """The calibration of a checkpoint's dial; one that leaves it as it is where none was measured."""
    return from_dict(Calibration, content.get("calibration", {}))


def restore_loss(
    content: dict[str, Any],
    *,
    texture: str = "",
    vgg_weights: str = "",
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> PerceptualLoss:
    """The perceptual loss that a run's checkpoint was trained with, its style picture the same file unless another is named.

    For what :func:`load_trained` gives. FileNotFoundError where the style picture is not where it was.
    """
    config = from_dict(LossConfig, content["config"]["loss"])
    config = replace(config, texture=texture or config.texture, vgg_weights=vgg_weights or config.vgg_weights)
    if not Path(config.texture).is_file():
        raise FileNotFoundError(f"{config.texture}: no such style picture; name it with --texture")
    keep_content = not content["config"]["generator"].get("no_content")
    loss = build_loss(config, keep_content=keep_content, device=device, dtype=dtype)
    loss.set_style(load_style(config.texture, config.style_size).to(device))
    loss.set_term_norm(content["term_norm"])
    return loss
