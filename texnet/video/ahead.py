"""Reading ahead and writing behind in threads of their own, so that decoding, painting and encoding overlap."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")

DEPTH = 4  # frames on their way
PATIENCE = 0.1  # seconds after which a thread asks whether it is still wanted


class Ahead(Generic[T]):
    """An iterator over items, which a thread makes up to DEPTH ahead; what it raises is raised where they are taken.

    A context: leaving it ends the thread.
    """

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._ready: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(DEPTH)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._make, daemon=True)

    def __enter__(self) -> Ahead[T]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def __iter__(self) -> Ahead[T]:
        return self

    def __next__(self) -> T:
        item, error = self._ready.get()
        if error is not None:
            self._ready.put((None, error))  # for whoever asks again
            raise error
        return item  # type: ignore[return-value]

    def _make(self) -> None:
        try:
            for item in self._items:
                self._put(item, None)
                if self._is_over.is_set():
                    return
            self._put(None, StopIteration())
        except BaseException as error:
            self._put(None, error)

    def _put(self, item: T | None, error: BaseException | None) -> None:
        while not self._is_over.is_set():
            try:
                return self._ready.put((item, error), timeout=PATIENCE)
            except queue.Full:
                continue


@contextmanager
def behind(write: Callable[..., object]) -> Iterator[Callable[..., None]]:
    """A function that lets ``write`` be called in a thread, in order; at most DEPTH calls wait, a later one raises errors.

    All calls are done at the end of the block, unless it ends by an error.
    """
    waiting: list[Future[object]] = []
    with ThreadPoolExecutor(1) as pool:

        def submit(*arguments: Any) -> None:
            while len(waiting) >= DEPTH:
                waiting.pop(0).result()
            waiting.append(pool.submit(write, *arguments))

        yield submit
        for each in waiting:
            each.result()
