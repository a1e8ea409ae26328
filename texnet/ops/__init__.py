"""Fast kernels: each computes a plain formula with its gradient, at a fraction of autograd's time, and is tested against it."""

from __future__ import annotations

from texnet.ops.channel_products import channel_products
from texnet.ops.elementwise import mean_square, square_root
from texnet.ops.instance_norm import block_sums, instance_norm, merge_sums, normalize_by, scale_and_shift
from texnet.ops.interleave import interleave
from texnet.ops.replicate_pad import replicate_pad

__all__ = [
    "block_sums",
    "channel_products",
    "instance_norm",
    "interleave",
    "mean_square",
    "merge_sums",
    "normalize_by",
    "replicate_pad",
    "scale_and_shift",
    "square_root",
]
