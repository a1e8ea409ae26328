"""Which file an exported network is written to, and what the file says about itself."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path

from PIL import Image

import texnet
from texnet.checkpoint import Checkpoint
from texnet.config import ExportConfig, require, to_dict
from texnet.files import exists, names_file

PREVIEW_QUALITY = 85  # of JPEG


def plan_output(config: ExportConfig, style: str) -> Path:
    """``config.output`` itself where it names a file, else STYLE.onnx or STYLE.pt2 in it, with what it was exported with.

    FileExistsError where it would be replaced, UserError where its suffix is not the format's.
    """
    path, suffix = Path(config.output), f".{config.format}"
    if not names_file(config.output):
        fold = [] if config.fold is None else [f"_fold-{config.fold:g}"]
        marks = [*fold, *[f"_{config.size}"] * bool(config.size), *["_half"] * config.half]
        path = path / f"{style}{''.join(marks)}{suffix}"
    fits = path.suffix == suffix
    require(fits, f"--output {path}: --format {config.format} is written into files of suffix {suffix}; rename it")
    if exists(path) and not config.overwrite:
        raise FileExistsError(f"{path} exists already: give --overwrite, or another --output")
    return path


def describe(checkpoint: Checkpoint, config: ExportConfig) -> dict[str, str]:
    """The metadata of an exported file, all of it strings: docs/export.md lists the keys."""
    generator = checkpoint.generator_config
    metadata = {
        "texnet": texnet.__version__,
        "style": checkpoint.styles[0],
        "license": checkpoint.license,
        "generator": generator.generator,
        "stride": str(checkpoint.generator().stride),
        "noise_channels": str(generator.noise_channels),
        "max_noise_factor": f"{generator.max_noise_factor:g}",
        "calibration": json.dumps(to_dict(checkpoint.calibration)),
    }
    fixed = config.fold or generator.fixed_noise_factor
    if fixed:
        metadata["noise_factor"] = f"{fixed:g}"
    if checkpoint.preview is not None:
        buffer = BytesIO()
        Image.fromarray(checkpoint.preview.permute(1, 2, 0).numpy()).save(buffer, "JPEG", quality=PREVIEW_QUALITY)
        metadata["preview"] = "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
    return metadata
