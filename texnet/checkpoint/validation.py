"""Checks of what is read from a checkpoint, which may come from anybody: every failure is a UserError of one line."""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypeVar

import torch
from torch import Tensor

from texnet.config import GeneratorConfig, from_dict
from texnet.errors import UserError
from texnet.generators import build_generator
from texnet.generators.calibration import Calibration

T = TypeVar("T")

MAX_NAME, MAX_LINE = 64, 200  # characters
MAX_PREVIEW = 256  # pixels, long side
MAX_SIZES = {"width": 1024, "num_blocks": 64, "noise_channels": 64}  # beyond these a file is an attack on memory
NO_NAME = re.compile(r'[/\\:*?"<>|]|\.{2,}')


def plain_name(text: str) -> str:
    """A name for a style out of any text, such as a file's stem: printable, no path, at most MAX_NAME characters."""
    printable = "".join(letter if letter.isprintable() else "_" for letter in text)
    return NO_NAME.sub("_", printable).strip(" .")[:MAX_NAME].strip(" .") or "style"


def one_line(text: object) -> str:
    """A message that may quote a file's content, as a printable line of at most 300 characters."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text))[:300]


def check(condition: bool, message: str) -> None:
    """Raise UserError(message) unless the condition holds."""
    if not condition:
        raise UserError(message)


def check_styles(styles: Any) -> tuple[str, ...]:
    """The names of a checkpoint's styles: one or more, each as :func:`plain_name` leaves it."""
    check(isinstance(styles, list) and bool(styles), "no style is named")
    for name in styles:
        check(isinstance(name, str) and plain_name(name) == name, f"{str(name)[:MAX_NAME]!r} is not a plain name of a style")
    return tuple(styles)


def check_line(text: Any, what: str) -> str:
    """A printable line of at most MAX_LINE characters."""
    check(isinstance(text, str) and text.isprintable() and len(text) <= MAX_LINE, f"{what} is not a line of text")
    return str(text)


def read_settings(config_type: type[T], plain: Any, what: str) -> T:
    """A config from its plain dict, each value of its field's type and one of the field's choices, if it has some."""
    try:
        _check_fields(config_type, plain)
        return from_dict(config_type, plain)
    except UserError as error:
        raise UserError(f"{what}: {error}") from error


def check_numbers(values: Any, what: str) -> dict[str, float]:
    """Finite numbers by name."""
    check(isinstance(values, dict), f"{what} is not a table of numbers")
    for name, value in values.items():
        number = isinstance(name, str) and _fits(value, float) and math.isfinite(value)
        check(number, f"{what}: {name} cannot be {value}")
    return dict(values)


def check_weights(weights: Any, config: GeneratorConfig) -> dict[str, Tensor]:
    """The weights of the generator that the config describes: the same names and shapes, finite numbers."""
    for name, most in MAX_SIZES.items():
        check(getattr(config, name) <= most, f"generator: --{name} {getattr(config, name)} is more than {most}")
    with torch.device("meta"):  # shapes alone: no memory, no random numbers
        expected = build_generator(config).state_dict()
    check(isinstance(weights, dict), "the weights are not a table of tensors")
    missing, unknown = expected.keys() - weights.keys(), weights.keys() - expected.keys()
    check(not missing, f"no weights for {_first(missing)}")
    check(not unknown, f"weights for {_first(unknown)}, which this generator does not have")
    for name, tensor in weights.items():
        check(isinstance(tensor, Tensor) and tensor.is_floating_point(), f"the weights {name} are not numbers")
        shape, wanted = tuple(tensor.shape), tuple(expected[name].shape)
        check(shape == wanted, f"the weights {name} have shape {shape}; this generator has {wanted}")
        check(bool(torch.isfinite(tensor).all()), f"the weights {name} are not finite")
    return dict(weights)


def check_calibration(plain: Any, max_noise_factor: float) -> Calibration:
    """A calibration that rises from 0 to the largest noise factor, or none."""
    calibration = read_settings(Calibration, plain, "calibration")
    noise_factors, uncalibrated_factors = calibration.noise_factors, calibration.uncalibrated_factors
    if not noise_factors and not uncalibrated_factors:
        return calibration
    check(len(noise_factors) == len(uncalibrated_factors) >= 2, "calibration: its two rows are not of one length, 2 or more")
    for row in (noise_factors, uncalibrated_factors):
        rises = row[0] == 0 and all(low < high for low, high in pairwise(row)) and math.isfinite(row[-1])
        check(rises, "calibration: it does not rise from 0 by finite steps")
    tolerance = 1e-6
    reaches = noise_factors[-1] >= max_noise_factor - tolerance and uncalibrated_factors[-1] <= max_noise_factor + tolerance
    check(reaches, f"calibration: it does not end at the largest noise factor, {max_noise_factor:g}")
    return calibration


def check_preview(preview: Any) -> Tensor | None:
    """A picture, uint8 (3, H, W), of at most MAX_PREVIEW pixels to a side, or none."""
    if preview is None:
        return None
    check_picture(preview, "the preview")
    check(max(preview.shape) <= MAX_PREVIEW, f"the preview has more than {MAX_PREVIEW} pixels to a side")
    return torch.clone(preview)


def check_picture(picture: Any, name: str) -> None:
    """A picture, uint8 (3, H, W)."""
    is_picture = isinstance(picture, Tensor) and picture.dtype == torch.uint8 and picture.ndim == 3 and len(picture) == 3
    check(is_picture and picture.numel() > 0, f"{name} is not a picture")


def _check_fields(config_type: type[Any], plain: Any) -> None:
    check(isinstance(plain, Mapping), "not a table of settings")
    hints = typing.get_type_hints(config_type)
    for item in dataclasses.fields(config_type):
        if item.name not in plain:
            continue
        value, hint = plain[item.name], hints[item.name]
        if dataclasses.is_dataclass(hint):
            _check_fields(typing.cast(type[Any], hint), value)
            continue
        choices = item.metadata.get("argparse", {}).get("choices")
        good = _fits(value, hint) and (choices is None or value is None or value in choices)
        check(good, f"{item.name} cannot be {str(value)[:MAX_NAME]!r}")


def _fits(value: Any, hint: Any) -> bool:
    """Is a plain value of the type that a field is annotated with?"""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, argument) for argument in arguments)
    if origin is tuple:
        return isinstance(value, (list, tuple)) and all(_fits(part, arguments[0]) for part in value)
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, origin or hint)


def _first(names: set[str]) -> str:
    first = str(min(names, key=str, default=""))[:MAX_LINE]
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"
