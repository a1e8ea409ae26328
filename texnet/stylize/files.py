"""Stylize picture files: which file each is written to, one after the other, what cannot be stylized skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

import torch

from texnet.config import StylizeConfig
from texnet.devices import is_out_of_memory
from texnet.errors import UnreadablePictureError, UserError
from texnet.files import exists, is_folder, names_file, numbered
from texnet.images import check_writable, limit_size, load_picture, save_stylized
from texnet.picture_files import Report, expand_paths, say_nothing
from texnet.stylize.large_files import LargePictures
from texnet.stylize.mask_sources import Masks
from texnet.stylize.masks import stylize_with_masks
from texnet.stylize.stylizer import StylizeFn, Stylizer


def plan_outputs(
    pictures: Sequence[str],
    output: str,
    style: str,
    *,
    overwrite: bool,
    on_skip: Report = say_nothing,
    log: Report = say_nothing,
) -> dict[Path, Path]:
    """Which file each picture is written to: ``output`` itself where it names one file, else NAME_STYLE.png in it.

    Folders keep their structure; pictures that would share a file, such as a.jpg and a.png, get longer names. Results are
    no pictures to stylize again, unless they are named: ``log`` gets their number. ``on_skip`` gets a picture or folder that
    is not there or cannot be read where there are others; FileNotFoundError names it where it is the only one, and
    FileExistsError a file that would be replaced.
    """
    problems: list[str] = []
    sources = list(dict.fromkeys(expand_paths(pictures, on_skip=problems.append, log=log)))
    if not sources:
        raise FileNotFoundError(problems[0] if problems else f"no pictures found in {' '.join(pictures)}")
    for problem in problems:
        on_skip(problem)
    if names_file(output):
        check_writable(Path(output))
        if len(sources) > 1:
            raise UserError(f"--output {output}: one file for {len(sources)} pictures; name a folder")
        outputs = {source: Path(output) for source, _ in sources}
    else:
        outputs = _without_earlier_results(_into_folder(sources, Path(output), style), pictures, log)
    _check_folder(Path(output), output)
    existing = [target for target in outputs.values() if exists(target)]
    if existing and not overwrite:
        more = f" and {len(existing) - 1} more" if len(existing) > 1 else ""
        raise FileExistsError(f"{existing[0]}{more} exists already: give --overwrite, or another --output")
    return outputs


def _into_folder(sources: Sequence[tuple[Path, Path]], folder: Path, style: str) -> dict[Path, Path]:
    outputs: dict[Path, Path] = {}
    taken: set[Path] = set()
    for source, root in sources:
        inner = folder / source.relative_to(root).parent
        names = chain((source.stem,), numbered(source.name))
        targets = (inner / f"{name}_{style}.png" for name in names)
        outputs[source] = next(target for target in targets if target not in taken)
        taken.add(outputs[source])
    return outputs


def _without_earlier_results(outputs: dict[Path, Path], named: Sequence[str], log: Report) -> dict[Path, Path]:
    """Without pictures that this command would write from others, unless they are named themselves."""
    targets = {_place(target): source for source, target in outputs.items()}
    earlier = {source for source in outputs if str(source) not in named and targets.get(_place(source), source) != source}
    if earlier:
        log(f"{len(earlier)} pictures are results of an earlier run, and are left out")
    return {source: target for source, target in outputs.items() if source not in earlier}


def _place(path: Path) -> str:
    return os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118


def _check_folder(path: Path, output: str) -> None:
    """NotADirectoryError where a folder of the output is a file: no picture could be written."""
    above = next(parent for parent in path.parents if exists(parent))
    if not is_folder(above):
        raise NotADirectoryError(f"--output {output}: {above} is a file, not a folder")


def stylize_file(
    stylizers: Sequence[StylizeFn],
    source: Path,
    target: Path,
    config: StylizeConfig,
    masks: Masks | None = None,
    large: LargePictures | None = None,
) -> None:
    """Stylize one file at each noise factor, side by side; alpha and EXIF data are kept, colors become sRGB.

    Masks, one for each stylizer, multiply the noise factors: see :func:`texnet.stylize.masks.stylize_with_masks`. Without
    them there is one stylizer. ``large`` paints what is not to be painted at once. UnreadablePictureError where the source is
    no picture, UserError where a mask does not fit it.
    """
    if large is not None and large.takes(source):
        large.stylize(source, target, masks)
        return
    picture = load_picture(source)
    image = limit_size(picture.image, config.max_size)
    if masks is None:
        outputs = [stylizers[0](image, factor, config.seed) for factor in config.noise_factor]
    else:
        where = masks(source, (image.shape[2], image.shape[3]))  # (stylizers, H, W)
        outputs = [stylize_with_masks(stylizers, image, where, factor, config.seed) for factor in config.noise_factor]
    save_stylized(outputs, target, picture)


def check_noise_factors(stylizers: Sequence[Stylizer], config: StylizeConfig, masks: Masks | None = None) -> None:
    """UserError for a noise factor, or a mask's largest one, that one of the networks was not trained for."""
    for stylizer in stylizers:
        for factor in config.noise_factor:
            stylizer.check_noise_factor(factor if masks is None else factor * masks.strongest)
        if stylizer.fixed_noise_factor and config.stroke_size > 1:
            raise UserError("--stroke_size: above 1 it takes a second, weaker pass, and this network has one strength alone")


def stylize_files(
    stylizers: Sequence[StylizeFn],
    files: Iterable[tuple[Path, Path]],
    config: StylizeConfig,
    on_skip: Callable[[str], object],
    masks: Masks | None = None,
    large: LargePictures | None = None,
) -> int:
    """Stylize pairs of picture file and output file one after the other; how many were written.

    Stylizers, masks and ``large`` as in :func:`stylize_file`. ``on_skip`` gets the name of each picture that was skipped, and
    the reason: it is unreadable or too large for the memory, a mask does not fit it or there is none, its result cannot be
    written.
    """
    written = 0
    for source, target in files:
        reason = _attempt(stylizers, source, target, config, masks, large)
        if reason:
            on_skip(reason)
        else:
            written += 1
    return written


def _attempt(
    stylizers: Sequence[StylizeFn],
    source: Path,
    target: Path,
    config: StylizeConfig,
    masks: Masks | None,
    large: LargePictures | None,
) -> str:
    """Stylize one file; why it could not be done, else nothing."""
    try:
        stylize_file(stylizers, source, target, config, masks, large)
        return ""
    except UnreadablePictureError as error:
        return str(error)
    except UserError as error:
        return f"{source}: {error}"
    except Exception as error:
        if is_out_of_memory(error):
            what = "the GPU's memory is too small" if isinstance(error, torch.OutOfMemoryError) else "the memory is too small"
            remedy = "--max_size, or --device cpu" if isinstance(error, torch.OutOfMemoryError) else "--max_size"
            return f"{source}: {what}; use {remedy}"
        if isinstance(error, OSError) and error.filename:
            return f"{source}: {error.strerror}: {error.filename}"
        raise
