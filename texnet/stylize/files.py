"""Stylize picture files: which file each is written to, one after the other, what cannot be stylized skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

import torch
from torch import Tensor

from texnet.config import StylizeConfig
from texnet.errors import TooLargeError, UnreadablePictureError, UserError
from texnet.files import EXTENSIONS, expand_paths
from texnet.images import check_writable, limit_size, load_picture, save_stylized
from texnet.stylize.masks import StylizeFn, fit_mask, stylize_with_mask
from texnet.stylize.stylizer import Stylizer


def plan_outputs(pictures: Sequence[str], output: str, style: str, *, overwrite: bool) -> dict[Path, Path]:
    """Which file each picture is written to: ``output`` itself where it names one file, else NAME_STYLE.png in it.

    Folders keep their structure; pictures that would share a file, such as a.jpg and a.png, get longer names.
    FileExistsError names a file that would be replaced, FileNotFoundError a picture that is not there.
    """
    sources = dict.fromkeys(expand_paths(pictures))
    if not sources:
        raise FileNotFoundError(f"no pictures found in {' '.join(pictures)}")
    if Path(output).suffix.lower() in EXTENSIONS and not Path(output).is_dir():
        if len(sources) > 1:
            raise UserError(f"--output {output}: one file for {len(sources)} pictures; name a folder")
        check_writable(Path(output))
        outputs = {source: Path(output) for source, _ in sources}
    else:
        outputs = _into_folder(list(sources), Path(output), style)
    existing = [target for target in outputs.values() if target.exists()]
    if existing and not overwrite:
        more = f" and {len(existing) - 1} more" if len(existing) > 1 else ""
        raise FileExistsError(f"{existing[0]}{more} exists already: give --overwrite, or another --output")
    return outputs


def _into_folder(sources: Sequence[tuple[Path, Path]], folder: Path, style: str) -> dict[Path, Path]:
    outputs: dict[Path, Path] = {}
    taken: set[Path] = set()
    for source, root in sources:
        inner = folder / source.relative_to(root).parent
        names = chain((source.stem, source.name), (f"{source.name}-{number}" for number in count(2)))
        targets = (inner / f"{name}_{style}.png" for name in names)
        outputs[source] = next(target for target in targets if target not in taken)
        taken.add(outputs[source])
    return outputs


def stylize_file(stylizer: StylizeFn, source: Path, target: Path, config: StylizeConfig, masks: Mapping[str, Tensor]) -> None:
    """Stylize one file at each noise factor, side by side; alpha and EXIF data are kept, colors become sRGB.

    A noise factor that names a picture gives one for every pixel, read before from that file into ``masks``.
    UnreadablePictureError where the source is no picture, UserError where a mask does not fit it.
    """
    picture = load_picture(source)
    image = limit_size(picture.image, config.max_size)
    size = (image.shape[2], image.shape[3])
    outputs = [
        stylize_with_mask(stylizer, image, fit_mask(masks[factor], size, factor), config.seed)
        if isinstance(factor, str)
        else stylizer(image, factor, config.seed)
        for factor in config.noise_factor
    ]
    save_stylized(outputs, target, picture)


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
