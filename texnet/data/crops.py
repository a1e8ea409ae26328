"""Batches of random square crops, a pure function of seed, epoch and step, so that a resumed run draws the same ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import torch
from torch import Tensor

from texnet.data.dataset import PhotoDataset
from texnet.devices import to_device
from texnet.images import to_float
from texnet.rng import make_generator

PREFETCHED_BATCHES = 4


class CropLoader:
    """Batches of shuffled photos, prefetched by ``num_workers`` threads (Pillow releases the GIL while it decodes).

    Under torchrun each process loads its ``rank``'s part of a batch of ``batch_size * world_size``. The last, incomplete
    batch of an epoch is dropped; fewer photos than a batch are repeated within it.
    """

    def __init__(
        self, photos: PhotoDataset, *, batch_size: int, num_workers: int, seed: int, rank: int = 0, world_size: int = 1
    ) -> None:
        self.photos = photos
        self.batch_size = batch_size
        self.seed = seed
        self.rank = rank
        self.world_size = world_size
        self.steps_per_epoch = steps_per_epoch(len(photos), batch_size * world_size)
        self._threads = ThreadPoolExecutor(num_workers, thread_name_prefix="decode")

    def epoch(self, epoch: int, first_step: int = 0) -> Generator[CropBatch, None, None]:
        """Yield the batches of an epoch, beginning with that of ``first_step``."""
        order = torch.randperm(len(self.photos), generator=make_generator(self.seed, "shuffle", epoch)).tolist()
        waiting: deque[tuple[list[int], list[Future[Tensor]]]] = deque()
        try:
            for step in range(first_step, self.steps_per_epoch):
                positions = self._positions(step)
                photos = [self._threads.submit(self.photos.__getitem__, order[p % len(order)]) for p in positions]
                waiting.append((positions, photos))
                if len(waiting) > PREFETCHED_BATCHES:
                    yield self._batch(epoch, *waiting.popleft())
            while waiting:
                yield self._batch(epoch, *waiting.popleft())
        finally:
            for _, photos in waiting:
                for photo in photos:
                    photo.cancel()

    def close(self) -> None:
        """Stop the decoding threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> CropLoader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _positions(self, step: int) -> list[int]:
        first = (step * self.world_size + self.rank) * self.batch_size
        return list(range(first, first + self.batch_size))

    def _batch(self, epoch: int, positions: list[int], photos: list[Future[Tensor]]) -> CropBatch:
        draws = [torch.rand(3, generator=make_generator(self.seed, "crop", epoch, p)).tolist() for p in positions]
        return CropBatch([photo.result() for photo in photos], draws)


def steps_per_epoch(num_photos: int, batch_size: int) -> int:
    """Number of full batches in an epoch, at least 1."""
    return max(1, num_photos // batch_size)


class CropBatch:
    """Photos, each uint8 (3, H, W), with the random numbers of their crops; the crop size is chosen by :meth:`cut`.

    ``draws`` holds three numbers in [0, 1) per photo: the crop's vertical and horizontal position, and whether to flip it.
    """

    def __init__(self, photos: list[Tensor], draws: list[list[float]]) -> None:
        self.photos = photos
        self.draws = draws

    def cut(self, size: int, device: torch.device | str = "cpu") -> Tensor:
        """Crop and flip horizontally: float (N, 3, size, size) in [0, 1] on the device."""
        crops = (_crop(photo, size, *draw) for photo, draw in zip(self.photos, self.draws, strict=True))
        return to_float(torch.stack([to_device(crop, device) for crop in crops]))  # cached photos may be on it already


def _crop(photo: Tensor, size: int, down: float, right: float, flip: float) -> Tensor:
    top = int(down * (photo.shape[1] - size + 1))
    left = int(right * (photo.shape[2] - size + 1))
    crop = photo[:, top : top + size, left : left + size]
    return crop.flip(2) if flip < 0.5 else crop


def center_crop(photo: Tensor, size: int) -> Tensor:
    """The center of a photo: (3, H, W) -> (3, size, size)."""
    return _crop(photo, size, 0.5, 0.5, 1.0)
