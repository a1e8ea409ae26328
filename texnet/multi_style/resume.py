"""What a run of many styles needs to go on: its settings, the style pictures as they were read, and the trainer's state.

In ``latest.pt`` it is the table ``resume``: config, pictures (uint8 (3, H, W) by style), trainer and draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from texnet.checkpoint.collection import StyleCollection, is_collection
from texnet.checkpoint.content import read_content
from texnet.checkpoint.earlier import BEGIN_ANEW, LATER_WEIGHTS
from texnet.checkpoint.validation import check, check_picture, check_trainer, expected_generator, read_settings
from texnet.config import TrainConfig, to_dict
from texnet.errors import UserError
from texnet.generators.style_delta import MultiStyleGenerator, StyleDelta
from texnet.images import to_bytes, to_float
from texnet.multi_style.build import MultiStyleTraining


@dataclass(frozen=True)
class MultiStyleRun:
    """A run that stopped; ``pictures`` are (1, 3, H, W) in [0, 1], by style."""

    config: TrainConfig
    pictures: Mapping[str, Tensor]
    trainer: Mapping[str, Any]
    draw: Mapping[str, Any]


def holds_styles(path: Path) -> bool:
    """Whether a file is of many styles; False also for what is no file of texnet."""
    try:
        return is_collection(read_content(path))
    except (UserError, OSError):
        return False


def read_run(path: Path) -> MultiStyleRun:
    """The run of a ``latest.pt``, all of it checked. UserError says what is wrong."""
    collection = StyleCollection.load(path)
    resume = collection.resume
    if resume is None:
        raise UserError(f"--resume {path}: made for stylizing only; resume from the run's folder")
    try:
        config = read_settings(TrainConfig, resume["config"], "settings")
        check(config.generator == collection.generator_config, "its settings are those of another generator")
        pictures = resume["pictures"]
        check(
            isinstance(pictures, dict) and [*pictures] == [*collection.entries],
            "its style pictures are not those of its styles",
        )
        for name, picture in pictures.items():
            check_picture(picture, f"the style picture of {name}")
        trainer = _check_trainer(resume["trainer"], config, len(pictures))
        read = {name: to_float(picture[None]) for name, picture in pictures.items()}
        return MultiStyleRun(config, read, trainer, resume["draw"])
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    except Exception as error:  # whatever a forged file can cause
        raise UserError(f"{path}: not a checkpoint of texnet, or a broken one ({type(error).__name__})") from error


def pack_run(training: MultiStyleTraining, config: TrainConfig) -> dict[str, Any]:
    """The table ``resume`` of a training."""
    return {
        "config": to_dict(config),
        "pictures": {name: to_bytes(picture)[0] for name, picture in training.pictures.items()},
        "trainer": training.trainer.state_dict(),
        "draw": training.draw.state_dict(),
    }


def _check_trainer(state: Any, config: TrainConfig, num_styles: int) -> dict[str, Any]:
    generator = expected_generator(config.generator)
    deltas = [StyleDelta(generator, config.styles.style_rank).to("meta") for _ in range(num_styles)]
    with torch.device("meta"):
        model = MultiStyleGenerator(generator, deltas)
    later = [name for name in model.state_dict() if name.endswith(tuple(LATER_WEIGHTS))]
    check(all(name in state["generator"] for name in later), f"of an earlier version of texnet: {BEGIN_ANEW}")
    return check_trainer(state, model)
