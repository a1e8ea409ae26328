"""A dataset of photos, decoded on demand and cached in memory; unreadable files are reported once and replaced."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from texnet.devices import to_device
from texnet.errors import UnreadablePictureError, UserError
from texnet.images import load_training_photo


class PhotoDataset:
    """Photos by index: uint8 (3, H, W) in sRGB, both sides at least ``crop_size``, see :func:`load_training_photo`.

    Decoded photos are cached on ``device`` until they fill ``cache_bytes``; the others are decoded at each use. In place of a
    file that cannot be read comes the next one that can, and where none can that of ``substitute``. ``unreadable``, which a
    dataset shares with its substitute, maps its path to the reason, and ``on_unreadable`` is called with that once.
    Thread-safe. UserError where no file can be read.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        crop_size: int,
        *,
        cache_bytes: int = 0,
        device: torch.device | str = "cpu",
        on_unreadable: Callable[[str], None] = lambda message: None,
        substitute: PhotoDataset | None = None,
    ) -> None:
        self.paths = list(paths)
        self.crop_size = crop_size
        self.unreadable: dict[Path, str] = {} if substitute is None else substitute.unreadable
        self._cache: dict[int, Tensor] = {}
        self._free = cache_bytes
        self._device = torch.device(device)
        self._on_unreadable = on_unreadable
        self._substitute = substitute
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        for candidate in range(index, index + len(self)):
            photo = self._get(candidate % len(self))
            if photo is not None:
                return photo
        if self._substitute is not None:
            return self._substitute[index]
        example = self.unreadable[self.paths[index % len(self)]]
        raise UserError(f"none of the {len(self)} pictures can be read, for example {example}")

    def readable(self, order: Iterable[int], count: int) -> list[int]:
        """The first ``count`` of some indices whose own files can be read, fewer where there are no more."""
        return list(islice((index for index in order if self._get(index) is not None), count))

    def _get(self, index: int) -> Tensor | None:
        path = self.paths[index]
        if index in self._cache:
            return self._cache[index]
        if path in self.unreadable:
            return None
        try:
            photo = load_training_photo(path, self.crop_size)
        except UnreadablePictureError as error:
            self._note(path, str(error))
            return None
        return self._keep(index, photo)

    def _note(self, path: Path, message: str) -> None:
        with self._lock:
            if path in self.unreadable:
                return
            self.unreadable[path] = message
        self._on_unreadable(message)

    def _keep(self, index: int, photo: Tensor) -> Tensor:
        with self._lock:
            if index in self._cache or photo.nbytes > self._free:
                return photo
            self._free -= photo.nbytes
            self._cache[index] = photo
        self._cache[index] = to_device(photo, self._device)  # outside the lock: other threads need not wait for the copy
        return self._cache[index]
