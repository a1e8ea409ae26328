"""Small ICC profiles (version 2), written by hand: Pillow makes none for gray, CMYK or wide-gamut RGB."""

from __future__ import annotations

import struct
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Color = tuple[int, int, int]


class Space(NamedTuple):
    """An RGB space as published: its primaries as XYZ columns adapted to D50 (ICC), its exponent, its matrix to linear sRGB."""

    colorants: tuple[tuple[float, float, float], ...]  # of red, green, blue
    gamma: float  # 0: the curve of sRGB
    to_srgb: tuple[tuple[float, float, float], ...]


# colorants: Apple's and Adobe's profiles, ISO 22028-2; matrices: CSS Color 4 and brucelindbloom.com (Bradford, D50)
SPACES = {
    "Display P3": Space(
        ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
        0,
        ((1.22494, -0.22494, 0.0), (-0.04206, 1.04206, 0.0), (-0.01964, -0.07864, 1.09827)),
    ),
    "Adobe RGB": Space(
        ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
        563 / 256,
        ((1.39836, -0.39836, 0.0), (0.0, 1.0, 0.0), (0.0, -0.04293, 1.04293)),
    ),
    "ProPhoto RGB": Space(
        ((0.79767, 0.28804, 0.0), (0.13519, 0.71187, 0.0), (0.03135, 0.00008, 0.82491)),
        461 / 256,
        ((2.03419, -0.72742, -0.30677), (-0.22881, 1.23173, -0.00292), (-0.00856, -0.15327, 1.16184)),
    ),
}


def wide_gamut_profile(name: str) -> bytes:
    """The profile of one of SPACES: colorants and curves."""
    space = SPACES[name]
    curve = _gamma_curve(space.gamma) if space.gamma else _srgb_curve()
    colorants = {f"{channel}XYZ".encode(): _xyz(xyz) for channel, xyz in zip("rgb", space.colorants, strict=True)}
    return _profile(b"RGB ", b"XYZ ", {**colorants, **{f"{channel}TRC".encode(): curve for channel in "rgb"}})


def to_srgb_by_formula(values: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Numbers of one of SPACES, (..., 3) in [0, 1], as unclipped sRGB."""
    space = SPACES[name]
    linear = values**space.gamma if space.gamma else _decode_srgb(values)
    return _encode_srgb(linear @ np.array(space.to_srgb).T)


def from_srgb_by_formula(color: Color, name: str) -> Color:
    """The bytes that stand for an sRGB color in one of SPACES."""
    space = SPACES[name]
    linear = np.linalg.inv(np.array(space.to_srgb)) @ _decode_srgb(np.array(color) / 255)
    encoded = linear ** (1 / space.gamma) if space.gamma else _encode_srgb(linear)
    red, green, blue = (encoded * 255).round().astype(int).tolist()
    return red, green, blue


def _decode_srgb(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _encode_srgb(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.abs(linear) ** (1 / 2.4) - 0.055)


def linear_gray_profile() -> bytes:
    """Gray in proportion to the light: its middle, 128, is 188 in sRGB."""
    return _profile(b"GRAY", b"XYZ ", {b"kTRC": b"curv" + bytes(8)})


def ink_profile(ink: Color) -> bytes:
    """CMYK on white paper, where cyan, magenta and yellow alike look like one sRGB color, and black is black."""
    white, colored, black = _lab((255, 255, 255)), _lab(ink), _lab((0, 0, 0))
    corners = product((0, 1), repeat=4)
    grid = b"".join(black if corner[3] else colored if any(corner) else white for corner in corners)
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    ramp = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity + 4 * ramp + grid + 3 * ramp
    return _profile(b"CMYK", b"Lab ", {b"A2B0": table, b"A2B1": table})


@cache  # Pillow writes the time of creation into it
def srgb_profile() -> bytes:
    """The usual one."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _gamma_curve(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def _srgb_curve() -> bytes:
    table = (_decode_srgb(np.linspace(0, 1, 1024)) * 65535).round().astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">I", len(table)) + table.tobytes()


def _lab(color: Color) -> bytes:
    lab = ImageCms.profileToProfile(
        Image.new("RGB", (1, 1), color), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    return bytes(lab.getpixel((0, 0)))


def _profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 4) + b"odd\0" + bytes(78),
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061),
        **tags,
    }
    offset = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, offset + len(data), len(content))
        data += padded
    size = 128 + len(table) + len(data)
    head = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02400000, b"prtr", space, connection)
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + data
