"""Memory allocator settings that make training faster; they affect the whole process, so only commands make them."""

from __future__ import annotations

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
LARGEST_INT = 2**31 - 1


def tune_malloc() -> None:
    """Let glibc keep freed memory for the next step, in huge pages; call it before torch is imported.

    Otherwise every large tensor is mapped, zeroed page by page and unmapped again at each step. Does nothing where there is
    no glibc.
    """
    use_huge_pages()
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 2**30)
        mallopt(M_TRIM_THRESHOLD, LARGEST_INT)


def use_huge_pages() -> None:
    """Let torch ask for large tensors in huge pages, which are zeroed faster; call it before torch is imported."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
