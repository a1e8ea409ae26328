"""Checks of what is read from a checkpoint, which may come from anybody: every failure is a UserError of one line."""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from texnet.checkpoint.earlier import BEGIN_ANEW, LATER_WEIGHTS, complete_loss, complete_optimizer
from texnet.config import GeneratorConfig, from_dict
from texnet.errors import UserError
from texnet.generators import Generator, build_generator
from texnet.generators.calibration import Calibration
from texnet.generators.style_reader import StyleReader
from texnet.losses.descriptor import DESCRIPTOR_SIZE
from texnet.soap import moments_of

T = TypeVar("T")

MAX_NAME, MAX_LINE = 64, 200  # characters
MAX_SIZES = {"width": 1024, "num_blocks": 64, "noise_channels": 64}  # beyond these a file is an attack on memory
MAX_PIXELS = {"image_size": 2**14, "style_size": 2**14}  # side
LARGEST_INT = 2**63
WEIGHT_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
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
        config = complete_loss(from_dict(config_type, plain))
        _check_sizes(config)
        return config
    except UserError as error:
        raise UserError(f"{what}: {error}") from error


def check_numbers(values: Any, what: str) -> dict[str, float]:
    """Finite numbers by name."""
    check(isinstance(values, dict), f"{what} is not a table of numbers")
    for name, value in values.items():
        number = isinstance(name, str) and _fits(value, float) and math.isfinite(value)
        check(number, f"{what}: {name} cannot be {str(value)[:MAX_NAME]}")
    return dict(values)


def check_positive(values: Any, what: str) -> dict[str, float]:
    """Finite numbers above 0 by name."""
    numbers = check_numbers(values, what)
    for name, value in numbers.items():
        check(value > 0, f"{what}: {name} cannot be {value}")
    return numbers


def check_count(value: Any, what: str) -> int:
    """A number of steps or the like: whole, 0 or more."""
    check(_fits(value, int) and value >= 0, f"{what} cannot be {str(value)[:MAX_NAME]!r}")
    return int(value)


def check_weights(weights: Any, config: GeneratorConfig) -> dict[str, Tensor]:
    """The weights of the generator that the config describes: the same names and shapes, finite numbers."""
    return check_tensors(weights, expected_weights(config), "this generator", later=LATER_WEIGHTS)


def expected_weights(config: GeneratorConfig) -> dict[str, Tensor]:
    """Names and shapes of the weights of :func:`expected_generator`."""
    return expected_generator(config).state_dict()


def expected_generator(config: GeneratorConfig) -> Generator:
    """The generator that the config describes, without memory for its weights. UserError where it would be too large."""
    for name, most in MAX_SIZES.items():
        check(getattr(config, name) <= most, f"generator: --{name} {getattr(config, name)} is more than {most}")
    with torch.device("meta"):  # shapes alone: no memory, no random numbers
        return build_generator(config)


def check_style_reader(weights: Any, config: GeneratorConfig) -> dict[str, Tensor]:
    """The weights of the style reader of that generator, which a pretrained one has; an empty table for others."""
    if not weights:
        return {}
    with torch.device("meta"):
        expected = StyleReader(DESCRIPTOR_SIZE, build_generator(config)).state_dict()
    return check_tensors(weights, expected, "this style reader")


def check_tensors(weights: Any, expected: Mapping[str, Tensor], what: str, *, later: Container[str] = ()) -> dict[str, Tensor]:
    """Finite tensors of the expected names and shapes; ``what`` has them, in words.

    Those of ``later`` are 0 where they are missing.
    """
    check(isinstance(weights, dict), "the weights are not a table of tensors")
    added = {name: tensor for name, tensor in expected.items() if name in later and name not in weights}
    weights = {**weights, **{name: torch.zeros(tensor.shape) for name, tensor in added.items()}}
    missing, unknown = expected.keys() - weights.keys(), weights.keys() - expected.keys()
    check(not missing, f"no weights for {_first(missing)}")
    check(not unknown, f"weights for {_first(unknown)}, which {what} does not have")
    for name, tensor in weights.items():
        check(isinstance(tensor, Tensor) and tensor.dtype in WEIGHT_DTYPES, f"the weights {name} are not numbers")
        shape, wanted = tuple(tensor.shape), tuple(expected[name].shape)
        check(shape == wanted, f"the weights {name} have shape {shape}; {what} has {wanted}")
        check(bool(torch.isfinite(tensor).all()), f"the weights {name} are not finite")
    return dict(weights)


def check_trainer(state: Any, model: nn.Module) -> dict[str, Any]:
    """The state of a trainer of that model, so that training can go on with it: see ``Trainer.state_dict``."""
    check(isinstance(state, dict), "the trainer's state is not a table")
    expected, names = model.state_dict(), ("generator", "ema")
    weights = {name: check_tensors(state.get(name), expected, "this generator", later=LATER_WEIGHTS) for name in names}
    for name, tensors in weights.items():
        for weight, tensor in tensors.items():
            check(tensor.dtype == torch.float32, f"the weights {weight} of {name} are not float32")
    parameters = [(name, tuple(weight.shape)) for name, weight in model.named_parameters()]
    optimizer = check_optimizer(state.get("optimizer"), parameters)
    check_positive(state.get("term_norm"), "the trainer's term_norm")
    check_numbers(state.get("losses"), "the trainer's losses")
    for name in ("step", "epoch", "steps_per_epoch"):
        check_count(state.get(name), f"the trainer's {name}")
    base = state.get("epoch_base")
    check(isinstance(base, (list, tuple)) and len(base) == 2, "the trainer's epoch_base is not a pair")
    check(check_count(base[1], "the trainer's epoch_base") <= state["step"], "the trainer's epoch_base is after its step")
    check_count(base[0], "the trainer's epoch_base")
    seconds = state.get("seconds")
    check(_fits(seconds, float) and 0 <= seconds < math.inf, "the trainer's seconds are not a time")
    return {**state, **weights, "optimizer": optimizer}


def check_optimizer(state: Any, parameters: Sequence[tuple[str, tuple[int, ...]]]) -> dict[str, Any]:
    """The state of :class:`texnet.soap.Soap` for parameters of these names and shapes, all in one group; Adam's begins anew."""
    state = complete_optimizer(state, len(parameters))
    good = isinstance(state, dict) and isinstance(state.get("state"), dict) and isinstance(state.get("param_groups"), list)
    check(good and len(state["param_groups"]) == 1, "the optimizer's state is not that of SOAP")
    group, states = state["param_groups"][0], state["state"]
    check(isinstance(group, dict) and group.keys() == {"lr", "params"}, "the optimizer's state is not that of SOAP")
    good = group["params"] == list(range(len(parameters))) and states.keys() <= {*group["params"]}
    check(good, "the optimizer's state is not that of this generator: " + BEGIN_ANEW)
    check(_fits(group["lr"], float) and 0 <= group["lr"] < math.inf, "the optimizer's lr is not a number")
    for index, of_one in states.items():
        name, shape = parameters[index]
        expected = moments_of(shape)
        check(isinstance(of_one, dict) and of_one.keys() == expected.keys(), f"the optimizer's state of {name} is odd")
        for key, wanted in expected.items():
            tensor = of_one[key]
            good = isinstance(tensor, Tensor) and tensor.dtype == torch.float32 and tuple(tensor.shape) == wanted
            check(good and bool(torch.isfinite(tensor).all()), f"the optimizer's {key} of {name} does not fit it")
        check(
            bool((of_one["exp_avg_sq"] >= 0).all()) and bool(of_one["updates"] >= 0), f"the optimizer's state of {name} is odd"
        )
    return dict(state)


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


def _check_sizes(config: Any) -> None:
    """No number that is none, and no picture that would fill the memory."""
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            _check_sizes(value)
        most = MAX_PIXELS.get(item.name)
        check(most is None or value <= most, f"--{item.name} {value} is more than {most}")
        check(not (isinstance(value, float) and math.isnan(value)), f"{item.name} cannot be nan")


def _fits(value: Any, hint: Any) -> bool:
    """Is a plain value of the type that a field is annotated with?"""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, argument) for argument in arguments)
    if origin is tuple:
        return isinstance(value, (list, tuple)) and all(_fits(part, arguments[0]) for part in value)
    if hint in (int, float):
        is_int = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_INT
        return is_int or (hint is float and isinstance(value, float))
    return isinstance(value, origin or hint)


def _first(names: set[str]) -> str:
    return str(min(names, key=str, default=""))[:MAX_LINE] + (f" and {len(names) - 1} more" if len(names) > 1 else "")
