"""Random numbers as a function of what they are for, so that a resumed run draws what an uninterrupted one does."""

from __future__ import annotations

from hashlib import blake2b

import torch


def derive_seed(*parts: int | str) -> int:
    """A 63-bit seed from a run's seed and what is drawn, such as (seed, "noise", step); equal parts, equal seed."""
    digest = blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def make_generator(*parts: int | str, device: torch.device | str = "cpu") -> torch.Generator:
    """A random generator of its own for what the parts say, see :func:`derive_seed`; every kind of device draws otherwise."""
    return torch.Generator(device).manual_seed(derive_seed(*parts))
