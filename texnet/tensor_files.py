"""Files of tensors that anybody may have written: read without running code, and never larger in memory than on the disk."""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from texnet.errors import UserError

PLAIN = (str, bytes, int, float, complex, bool, type(None), torch.dtype, torch.device)
SHARED = 4  # times the size of the file that its tensors may have in all, as several may be views of one


def read_tensors(path: str | Path, *, legacy: bool = False) -> Any:
    """The content of a file that ``torch.save`` wrote: tensors on the CPU, tables, lists and plain values.

    ``legacy``: also as torch before 1.6 wrote it. Raises whatever torch and zipfile raise on files that are none or damaged,
    UserError where tensors claim to be larger than the file.
    """
    is_archive = zipfile.is_zipfile(path)
    if is_archive:
        _check_archive(Path(path))
    # mapped, as torch does not compare lengths otherwise; then copied, as the file may be cut off later
    content = torch.load(path, map_location="cpu", weights_only=True, mmap=is_archive or not legacy)
    total = sum(_bytes_of(tensor) for tensor in _tensors_in(content))
    if total > SHARED * Path(path).stat().st_size:
        raise UserError("its tensors claim to be larger than the file")
    return copy.deepcopy(content)


def _check_archive(path: Path) -> None:
    """UserError where a file's checksums are wrong, or it is packed, which torch never does and which could be any size."""
    with zipfile.ZipFile(path) as archive:
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise UserError("its content is compressed, which torch does not do")
        damaged = archive.testzip()
    if damaged is not None:
        raise UserError(f"damaged: a wrong checksum in {damaged}")


def _bytes_of(tensor: Tensor) -> int:
    """The size of a tensor that is a plain one, in the process's own memory."""
    if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
        raise UserError("a tensor of an odd kind")
    size = tensor.numel() * tensor.element_size()
    if size > tensor.untyped_storage().nbytes():
        raise UserError("its tensors claim to be larger than the file")
    return size


def _tensors_in(content: Any) -> Iterator[Tensor]:
    """All tensors in tables and lists of any depth; UserError for anything that is neither these nor plain."""
    rest, seen = [content], set()
    while rest:
        value = rest.pop()
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (Mapping, list, tuple, set)):
            if id(value) not in seen:
                seen.add(id(value))
                rest.extend([*value.keys(), *value.values()] if isinstance(value, Mapping) else value)
        elif not isinstance(value, PLAIN):
            raise UserError(f"a {type(value).__name__} in it, which is neither a tensor nor a plain value")
