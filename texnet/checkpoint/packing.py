"""Weights in a quarter of their size, for files that are shipped, and previews in a sixth.

Weights become whole numbers of nine bits or more, scaled by output channel; previews become JPEGs. The upper eight bits of each
number are deflated, the lower ones, which look like noise, are kept as they are. Small tensors are float16: they are little of
the file, and pictures react most to them.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from texnet.checkpoint.validation import check, check_picture, check_weights, expected_weights
from texnet.config import GeneratorConfig
from texnet.errors import UserError

LARGE = 20_000  # weights of a tensor from which on it is packed
SMALLEST = 1e-30  # of a channel's largest weight: a channel of zeros has a scale, too
BITS = range(8, 17)  # of a packed number, its sign among them
MAX_PREVIEW = 256  # pixels, long side
TOO_LARGE = f"the preview has more than {MAX_PREVIEW} pixels to a side"
JPEG_QUALITY = 85
LEAST_BITS = 0.5  # of a weight: what deflates below, as zeros do, is kept as it is; else a few bytes could claim any memory


def pack_weights(weights: Mapping[str, Tensor], bits: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The small tensors in float16, and the large ones packed to ``bits`` a weight, for :func:`read_weights`."""
    small = {name: tensor.half() for name, tensor in weights.items() if tensor.ndim < 2 or tensor.numel() < LARGE}
    return small, {name: _pack(tensor.float(), bits) for name, tensor in weights.items() if name not in small}


def read_weights(content: Mapping[str, Any], config: GeneratorConfig) -> dict[str, Tensor]:
    """The weights of a file for that generator, the packed ones in float32.

    UserError where they are damaged or do not fit the generator.
    """
    packed = content.get("packed")
    if packed is None:
        return check_weights(content["weights"], config)
    check(isinstance(packed, dict), "the packed weights are not a table")
    expected = expected_weights(config)
    for name in packed:
        check(name in expected, f"packed weights for {str(name)[:64]}, which this generator does not have")
    check(isinstance(content["weights"], dict), "the weights are not a table of tensors")
    unpacked = {name: _unpack(name, parts, expected[name].shape) for name, parts in packed.items()}
    return check_weights({**unpacked, **content["weights"]}, config)


def pack_preview(preview: Tensor) -> Tensor:
    """The bytes of a JPEG, (N,), that shows what a preview does, uint8 (3, H, W), for :func:`read_preview`."""
    buffer = io.BytesIO()
    Image.fromarray(preview.permute(1, 2, 0).numpy()).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8)


def read_preview(preview: Any) -> Tensor | None:
    """The preview of a file, packed or not: a picture, uint8 (3, H, W), of at most MAX_PREVIEW pixels to a side, or none."""
    if preview is None:
        return None
    picture = _read_jpeg(preview.numpy().tobytes()) if _is_bytes(preview) else preview
    check_picture(picture, "the preview")
    check(max(picture.shape) <= MAX_PREVIEW, TOO_LARGE)
    return torch.clone(picture)


def _read_jpeg(data: bytes) -> Tensor:
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            is_small = max(picture.size) <= MAX_PREVIEW  # else it is not decoded: it may claim any size
            pixels = np.array(picture.convert("RGB")) if is_small else np.empty(0)
    except Exception as error:  # Pillow raises nearly every type there is on broken files
        raise UserError("the preview is not a picture") from error
    check(is_small, TOO_LARGE)
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()  # (3, H, W)


def _pack(tensor: Tensor, bits: int) -> dict[str, Any]:
    rows = tensor.flatten(1)  # (O, I)
    half = 2 ** (bits - 1)
    scale = rows.abs().amax(1).clamp_min(SMALLEST) / (half - 1)  # (O,)
    numbers = ((rows / scale[:, None]).round() + half).flatten().numpy().astype(np.uint16)
    low_bits = bits - BITS[0]
    low = (numbers[:, None] >> np.arange(low_bits, dtype=np.uint16)) & 1  # (O * I, low_bits)
    plain = (numbers >> low_bits).astype(np.uint8).tobytes()
    deflated = zlib.compress(plain, 9)
    upper = deflated if LEAST_BITS * len(plain) <= 8 * len(deflated) < 8 * len(plain) else plain
    return {
        "bits": bits,
        "scale": scale,
        "upper": torch.frombuffer(bytearray(upper), dtype=torch.uint8),
        "lower": torch.from_numpy(np.packbits(low.astype(np.uint8))),
    }


def _unpack(name: str, parts: Any, shape: torch.Size) -> Tensor:
    good = isinstance(parts, dict) and parts.keys() == {"bits", "scale", "upper", "lower"}
    check(good and type(parts["bits"]) is int and parts["bits"] in BITS, f"the packed weights {name} are odd")
    count, low_bits, scale = shape.numel(), parts["bits"] - BITS[0], parts["scale"]
    good = isinstance(scale, Tensor) and scale.dtype == torch.float32 and scale.shape == shape[:1]
    check(good and bool(torch.isfinite(scale).all()), f"the scale of the packed weights {name} does not fit them")
    check(all(_is_bytes(parts[part]) for part in ("upper", "lower")), f"the packed weights {name} are odd")
    upper, lower = parts["upper"], parts["lower"]
    fits = LEAST_BITS * count <= 8 * len(upper) <= 8 * count and len(lower) == (count * low_bits + 7) // 8
    check(fits, f"the packed weights {name} are not {count}")
    data = upper.numpy().tobytes()
    plain = data if len(data) == count else _inflate(data, count, name)
    high = np.frombuffer(plain, np.uint8).astype(np.int64) << low_bits
    low = np.unpackbits(lower.numpy(), count=count * low_bits).reshape(count, low_bits)
    numbers = high + (low.astype(np.int64) << np.arange(low_bits)).sum(1) - 2 ** (parts["bits"] - 1)
    return torch.from_numpy(numbers).float().view(shape[0], -1).mul(scale[:, None]).view(shape)


def _inflate(data: bytes, count: int, name: str) -> bytes:
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, count + 1)
    except zlib.error:
        found = b""
    check(len(found) == count and inflater.eof, f"the packed weights {name} are damaged")
    return found


def _is_bytes(tensor: Any) -> bool:
    return isinstance(tensor, Tensor) and tensor.dtype == torch.uint8 and tensor.ndim == 1
