"""Small ICC profiles (version 2), written by hand: Pillow makes none for gray or CMYK."""

from __future__ import annotations

import struct
from itertools import product

from PIL import Image, ImageCms

Color = tuple[int, int, int]


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


def srgb_profile() -> bytes:
    """The usual one."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


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
