"""Picture files in, stylized picture files out, with all that a picture file carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from torch import Tensor

from texnet.config import StylizeConfig
from texnet.errors import UserError
from texnet.files import EXTENSIONS, expand_paths
from texnet.images import check_writable, limit_size, load_picture, save_stylized
from texnet.stylize.masks import StylizeFn, fit_mask, stylize_with_mask


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
    painted = [
        stylize_with_mask(stylizer, image, fit_mask(masks[factor], size, factor), config.seed)
        if isinstance(factor, str)
        else stylizer(image, factor, config.seed)
        for factor in config.noise_factor
    ]
    save_stylized(painted, target, picture)
