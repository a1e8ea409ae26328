"""What a training of many styles writes into its run's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from texnet.checkpoint import SETTINGS, STYLE_PICTURES, StyleCollection, StyleEntry
from texnet.config import to_dict
from texnet.files import write_atomically
from texnet.generators import Generator
from texnet.generators.calibration import Calibration
from texnet.images import resize_long, save_image, to_bytes, to_float
from texnet.multi_style.build import MultiStyleTraining
from texnet.multi_style.resume import pack_run
from texnet.training.folder_saver import FolderSaver
from texnet.training.previews import render_preview, render_thumbnail
from texnet.training.saving import with_absolute_paths

STYLES_FILE = "styles.pt"
PREVIEW = 112  # pixels to a side


def with_preview(entry: StyleEntry, generator: Generator, picture: Tensor) -> StyleEntry:
    """A style with a preview of PREVIEW pixels: ordinary ones of many styles would outweigh the weights."""
    thumbnail = to_float(render_thumbnail(generator, picture, entry.calibration)[None])
    return replace(entry, preview=to_bytes(resize_long(thumbnail, PREVIEW))[0])


class StylesSaver(FolderSaver):
    """Writes checkpoints, previews and at the end ``styles.pt``; ``calibrations`` are none until training is done."""

    def __init__(self, folder: Path, training: MultiStyleTraining) -> None:
        super().__init__(folder, with_absolute_paths(training.config), training.trainer)
        self.training = training
        self.calibrations: dict[str, Calibration] = {}

    def begin(self) -> None:
        """Write what the run is about: config.json, and a picture for each style and of the photos of the previews."""
        write_atomically(self.folder / SETTINGS, json.dumps(to_dict(self.config), indent=2).encode())
        (self.folder / STYLE_PICTURES).mkdir(exist_ok=True)
        for name, picture in self.training.pictures.items():
            save_image(picture, self.folder / STYLE_PICTURES / f"{name}.png")
        photos = self.training.template.data.preview_photos  # (N, 3, S, S)
        save_image(photos[:1].permute(1, 0, 2, 3).flatten(1, 2), self.folder / "photos.png")

    def write(self, path: Path) -> None:
        """Write a checkpoint of the last step that can be resumed."""
        self._collection(pack_run(self.training, self.config)).save(path)

    def save_styles(self) -> None:
        """Write styles.pt, the small file that stylizes, with a preview of each style."""
        collection = self._collection(None)
        entries = {}
        for name, entry in collection.entries.items():
            entries[name] = with_preview(entry, collection.generator({name: 1.0}), self.training.pictures[name])
        replace(collection, entries=entries).save(self.folder / STYLES_FILE)

    @torch.no_grad()
    def show(self) -> None:
        """Give the monitors a preview: a row per style, a photo at rising noise factors."""
        collection, step = self._collection(None), self.trainer.step
        photo = self.training.template.data.preview_photos[:1]
        rows: list[Tensor] = []
        for name in collection.entries:
            generator = collection.generator({name: 1.0}).to(step.device)
            rows.append(render_preview(generator, photo, step.precision, self.calibrations.get(name, Calibration())))
        self.trainer.monitor.preview(step.count, torch.cat(rows, dim=1))

    def _collection(self, resume: Mapping[str, object] | None) -> StyleCollection:
        return replace(self.training.collection(self.calibrations), resume=resume)
