"""A checkpoint's file as one table: of this format, with all that every file has; its parts are checked elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

import texnet
from texnet.checkpoint.validation import check
from texnet.config import LossConfig, to_dict
from texnet.errors import UserError
from texnet.tensor_files import read_tensors

FORMAT = 2
NO_STYLE = "a pretrained generator, which has no style of its own; train one from it with texnet train --init"
LOCAL = ("texture", "vgg_weights")  # of LossConfig: files of the machine that trained
OF_MANY = ("generator", "trunk", "collection")  # of a file that holds many styles
REQUIRED = ("generator", "styles", "calibration", "loss", "term_norm", "training", "license")


def read_content(path: Path) -> dict[str, Any]:
    """The content of a file of this format. UserError says what is wrong with it."""
    try:
        content = read_tensors(path)
    except UserError as error:
        raise UserError(f"not a checkpoint of texnet, or a broken one: {error}") from error
    except Exception as error:  # torch raises many types on foreign and on broken files
        raise UserError(f"not a checkpoint of texnet ({type(error).__name__})") from error
    check(isinstance(content, dict) and isinstance(content.get("format"), int), "not a checkpoint of texnet")
    older = "ema" in content or content["format"] < FORMAT  # format 1 called itself 1 to 4, and had its weights there
    check(not older, "written by an older texnet (format 1): train it again")
    writer = content.get("texnet", "of another time")
    check(content["format"] == FORMAT, f"written by texnet {writer}; this is {texnet.__version__}: please update")
    missing = [key for key in (OF_MANY if "collection" in content else REQUIRED) if key not in content]
    missing += ["weights"] if not content.keys() & {"weights", "resume", "trunk"} else []
    check(not missing, f"not a checkpoint of texnet, or a broken one: it has no {', '.join(missing)}")
    return dict(content)


def shared_settings(loss: LossConfig) -> dict[str, Any]:
    """The settings of a loss as a file to share has them: without files of this machine."""
    return {name: value for name, value in to_dict(loss).items() if name not in LOCAL}


def copies(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies on the CPU: a view would drag the whole of its storage into the file."""
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}
