"""Which file a texture is written to."""

from __future__ import annotations

from pathlib import Path

from texnet.config import SynthesizeConfig, require
from texnet.files import exists, names_file


def plan_output(config: SynthesizeConfig, style: str) -> Path:
    """``config.output`` itself where it names a file, else STYLE_SIZE_seed-N.png in it.

    FileExistsError where it would be replaced, UserError where it is no PNG, the only format that is written in strips.
    """
    path = Path(config.output)
    if not names_file(config.output):
        marks = ["_tileable"] * config.tileable + [f"_refine-{config.refine}"] * bool(config.refine)
        path = path / f"{style}_{config.size}_seed-{config.seed}{''.join(marks)}.png"
    is_png = path.suffix.lower() == ".png"
    require(is_png, f"--output {path}: only .png can be written in strips; use {path.with_suffix('.png')}")
    if exists(path) and not config.overwrite:
        raise FileExistsError(f"{path} exists already: give --overwrite, or another --output")
    return path
