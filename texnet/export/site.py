"""A page that paints without a server: the files of texnet/web, networks as ONNX files, a list of them, onnxruntime-web."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import texnet
from texnet.checkpoint import Checkpoint
from texnet.config import ExportConfig, require, to_dict
from texnet.drawing import draw_scene
from texnet.export.build import export_network, export_tiled
from texnet.export.graph import refer_to_weights
from texnet.export.tiled import halo_of
from texnet.files import exists, is_folder, numbered
from texnet.images import limit_size, load_image, to_bytes, to_float
from texnet.stylize import Stylizer

MANIFEST = "styles.json"  # the page's list of networks; also how a folder is known as such a page
EXAMPLE, EXAMPLE_SIDE = "example.webp", 512  # pixels
QUALITY = {"JPEG": 88, "WEBP": 60}


@dataclass(frozen=True)
class ExportedStyle:
    """A network on the page: its entry in the list, its files by name, and how far it is from texnet stylize."""

    entry: Mapping[str, Any]
    files: Mapping[str, bytes]
    difference: float


def export_style(checkpoint: Checkpoint, config: ExportConfig, name: str) -> ExportedStyle:
    """A checkpoint's network for the page, under a name that is a file's. UserError as :func:`export_network` raises it."""
    network = export_network(checkpoint, ExportConfig(half=config.half))
    tiled = export_tiled(checkpoint, half=config.half)
    model = f"models/{name}.onnx"
    contents = {
        model: network.data,
        f"models/{name}.tiles.onnx": refer_to_weights(tiled.data, network.data, f"{name}.onnx"),
        f"models/{name}.jpg": _encode(_thumbnail(checkpoint), "JPEG"),
    }
    return ExportedStyle(_entry(checkpoint, name), contents, max(network.difference, tiled.difference))


def unique_names(checkpoints: Sequence[Checkpoint]) -> list[str]:
    """The names of styles as names of files, a number behind those that come again."""
    names: list[str] = []
    for checkpoint in checkpoints:
        names.append(next(name for name in numbered(checkpoint.styles[0]) if name not in names))
    return names


def check_target(config: ExportConfig) -> Path:
    """The folder of the page. FileExistsError where it is taken, UserError where what lies there is no such page, or
    more than one."""
    target = Path(config.output)
    if not exists(target) or (is_folder(target) and not any(target.iterdir())):
        return target
    require(is_folder(target), f"--output {target}: --format web writes a folder, and this is a file")
    if not config.overwrite:
        raise FileExistsError(f"{target} exists already: give --overwrite, or another --output")
    require(exists(target / MANIFEST), f"--output {target}: not a page of texnet export, so it is not replaced; name another")
    foreign = sorted(path.name for path in target.iterdir() if path.name not in _own_names())
    remedy = "move that away, or name another folder"
    require(not foreign, f"--output {target}: --overwrite would delete {', '.join(foreign[:5])}, not of the page; {remedy}")
    return target


def write_site(
    target: Path, styles: Sequence[ExportedStyle], runtime: tuple[str, Mapping[str, Path]], config: ExportConfig
) -> int:
    """Write the page's folder, all or nothing; how many bytes it has in all.

    An older page there is replaced.
    """
    version, runtime_files = runtime
    manifest = {
        "texnet": texnet.__version__,
        "runtime": version,
        "webgpu": config.webgpu,
        "example": EXAMPLE,
        "styles": [style.entry for style in styles],
    }
    with _new_folder(target) as folder:
        for resource in files("texnet").joinpath("web").iterdir():
            (folder / resource.name).write_bytes(resource.read_bytes())
        _add_licenses(folder / "LICENSES.txt", styles)
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        (folder / EXAMPLE).write_bytes(_encode(_example(config.example), "WEBP"))
        (folder / "models").mkdir()
        for name, content in (item for style in styles for item in style.files.items()):
            (folder / name).write_bytes(content)
        (folder / "runtime").mkdir()
        for name, source in runtime_files.items():
            shutil.copyfile(source, folder / "runtime" / name)
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _entry(checkpoint: Checkpoint, name: str) -> dict[str, Any]:
    """What the page knows of a network: docs/export.md lists the keys."""
    settings, generator = checkpoint.generator_config, checkpoint.generator()
    return {
        "name": name,
        "license": checkpoint.license,
        "stride": generator.stride,
        "halo": halo_of(generator),
        "noise_channels": settings.noise_channels,
        "num_statistics": 2 * sum(norm.gamma.numel() for norm in generator.norms),
        "bytes_per_pixel": generator.bytes_per_pixel,
        "max_noise_factor": settings.fixed_noise_factor or settings.max_noise_factor,
        "fixed_noise_factor": settings.fixed_noise_factor,
        "calibration": to_dict(checkpoint.calibration),
    }


def _thumbnail(checkpoint: Checkpoint) -> Tensor:
    """What shows a style: the style picture, as the checkpoint's preview has it, else a painted scene; (3, H, W) in [0, 1]."""
    preview = checkpoint.preview
    if preview is not None:
        return to_float(preview[:, : preview.shape[1] // 2, : preview.shape[2] // 2])
    stylizer = Stylizer.of(checkpoint)
    return stylizer(_example("")[None], stylizer.fixed_noise_factor or 1.0)[0]


def _own_names() -> set[str]:
    """What lies at the top of a page's folder."""
    return {resource.name for resource in files("texnet").joinpath("web").iterdir()} | {MANIFEST, EXAMPLE, "models", "runtime"}


def _example(path: str) -> Tensor:
    """The picture that the page opens with, (3, H, W) in [0, 1]: a photo of the user's, or a drawn scene."""
    if path:
        return limit_size(load_image(path), EXAMPLE_SIDE)[0]
    return to_float(torch.from_numpy(np.array(draw_scene(EXAMPLE_SIDE))).permute(2, 0, 1))


def _encode(picture: Tensor, kind: str) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(to_bytes(picture).permute(1, 2, 0).numpy())
    image.save(buffer, kind, quality=QUALITY[kind])
    return buffer.getvalue()


def _add_licenses(path: Path, styles: Sequence[ExportedStyle]) -> None:
    lines = [f"{style.entry['name']}: {style.entry['license'] or 'no license given by its author'}" for style in styles]
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(["Styles", "------", "", *lines, ""]), encoding="utf-8")


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder beside ``target`` that takes its place once all is in it. OSError where it cannot be written."""
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".texnet-") as temporary:
        fresh, old = Path(temporary, "site"), Path(temporary, "old")
        fresh.mkdir()  # with the permissions of any new folder
        yield fresh
        if exists(target):
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            if exists(old):
                old.rename(target)  # rather the older page than none
            raise
