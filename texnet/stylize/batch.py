"""Stylize many picture files: what cannot be stylized is skipped with a reason, the rest is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from texnet.config import StylizeConfig
from texnet.errors import TooLargeError, UnreadablePictureError
from texnet.stylize.files import stylize_file
from texnet.stylize.masks import StylizeFn
from texnet.stylize.stylizer import Stylizer


def check_noise_factors(stylizer: Stylizer, config: StylizeConfig, masks: Mapping[str, Tensor]) -> None:
    """UserError for a noise factor, or a mask's largest one, that the network was not trained for."""
    for factor in config.noise_factor:
        stylizer.check_noise_factor(masks[factor].max().item() if isinstance(factor, str) else factor)


def stylize_files(
    stylizer: StylizeFn,
    files: Iterable[tuple[Path, Path]],
    config: StylizeConfig,
    masks: Mapping[str, Tensor],
    on_skip: Callable[[str], object],
) -> int:
    """Stylize pairs of picture file and output file one after the other; how many were written.

    ``on_skip`` gets the name of each picture that was skipped, and the reason: unreadable, or too large for the memory.
    """
    written = 0
    for source, target in files:
        try:
            stylize_file(stylizer, source, target, config, masks)
            written += 1
        except UnreadablePictureError as error:
            on_skip(str(error))
        except TooLargeError as error:
            on_skip(f"{source}: {error}")
        except torch.OutOfMemoryError:
            on_skip(f"{source}: the GPU's memory is too small; use --max_size, or --device cpu")
    return written
