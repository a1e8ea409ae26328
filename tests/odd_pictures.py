"""Malformed and odd picture files, each with what reading it should give: see the fixture ``odd_pictures``."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from tests.odd_profiles import Color, ink_profile, linear_gray_profile, srgb_profile
from texnet.drawing import draw_scene

BRICK: Color = (200, 60, 40)
BRICK_GRAY: Color = (100, 100, 100)
GRAY: Color = (128, 128, 128)
WHITE: Color = (255, 255, 255)
PLUM: Color = (120, 30, 90)
SIZE = (48, 36)  # PIL's (width, height)
ORIENTATION = 0x0112
TURNED_BACK = {  # how a camera that is held so sees the upright scene
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_90,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_270,),
}


@dataclass(frozen=True)
class OddPicture:
    """A file and what to expect of it; ``problem`` is empty where it can be read."""

    path: Path
    problem: str = ""
    size: tuple[int, int] = SIZE[::-1]  # (height, width), upright
    color: Color | None = None  # of its lower right corner
    trainable: bool = True  # large enough for crops of 32 pixels, too


class Shelf:
    """A folder that fills up with odd pictures, and the list of them by file name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pictures: dict[str, OddPicture] = {}

    def save(self, name: str, picture: Image.Image, color: Color | None = BRICK, **options: Any) -> None:
        """A file that Pillow writes, and that can be read."""
        picture.save(self.folder / name, **options)
        self._put(name, size=picture.size[::-1], color=color, trainable=min(picture.size) >= 4)

    def write(self, name: str, data: bytes, problem: str = "", **expected: Any) -> None:
        """A file of these bytes."""
        (self.folder / name).write_bytes(data)
        self._put(name, problem, **expected)

    def make(self, name: str, problem: str, maker: Callable[[Path], object]) -> None:
        """What a function puts at the path; it cannot be read."""
        maker(self.folder / name)
        self._put(name, problem)

    def _put(self, name: str, problem: str = "", **expected: Any) -> None:
        assert name not in self.pictures
        self.pictures[name] = OddPicture(self.folder / name, problem, **expected)


def draw_odd_pictures(folder: Path) -> dict[str, OddPicture]:
    """Write all of them into a folder; by file name."""
    shelf = Shelf(folder)
    for fill in (
        _modes,
        _transparencies,
        _inks,
        _formats,
        _animations,
        _sizes,
        _turned,
        _metadata,
        _names,
        _broken,
        _no_pictures,
    ):
        fill(shelf)
    return shelf.pictures


def upright_scene() -> Image.Image:
    """The scene that the files upright.png and turned-N show."""
    return draw_scene(48, seed=5).crop((0, 0, *SIZE))


def _plain(mode: str = "RGB", color: Any = BRICK) -> Image.Image:
    return Image.new(mode, SIZE, color)


def _half_transparent() -> Image.Image:
    picture = _plain().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 24, 36))
    return picture


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture file's bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _modes(shelf: Shelf) -> None:
    shelf.save("one-bit.png", _plain("1", 1), WHITE)
    shelf.save("fax.tif", _plain("1", 1), WHITE, compression="group4")
    shelf.save("gray.png", _plain("L", 128), GRAY)
    shelf.save("gray.jpg", _plain("L", 128), GRAY)
    middle = np.full(SIZE[::-1], 32768, np.uint16)
    shelf.save("gray-16-bit.png", Image.fromarray(middle), GRAY)
    big_endian = Image.frombytes("I;16B", SIZE, middle.astype(">u2").tobytes())
    shelf.save("gray-16-bit-big-endian.tif", big_endian, GRAY)
    shelf.save("gray-32-bit.tif", _plain("I", 32768), GRAY)
    shelf.save("float-to-1.tif", _plain("F", 0.5), GRAY)
    shelf.save("float-to-255.tif", _plain("F", 128.0), GRAY)
    shelf.write("float-with-nan.tif", encoded(Image.fromarray(np.array([[0.5, np.nan] * 24] * 36, np.float32)), "TIFF"))
    shelf.save("palette.png", _plain().quantize(4))
    shelf.save("palette-of-one-bit.png", _plain().quantize(2), bits=1)
    shelf.write("color-16-bit.png", _png_of_16_bit_color((0x8080, 0x8080, 0x8080)), color=GRAY)
    shelf.save("ycbcr.tif", _plain().convert("YCbCr"), compression="jpeg", quality=95)
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    as_lab = ImageCms.profileToProfile(_plain(), srgb, lab, outputMode="LAB")
    assert as_lab is not None
    shelf.save("lab.tif", as_lab)


def _transparencies(shelf: Shelf) -> None:
    half = _half_transparent()
    shelf.save("half-transparent.png", half)
    shelf.save("half-transparent.tif", half)
    shelf.save("half-transparent.webp", half, lossless=True)
    shelf.save("half-transparent-gray.png", half.convert("LA"), BRICK_GRAY)
    shelf.save("half-transparent-palette.png", half.quantize(4))
    shelf.save("half-transparent.gif", half)
    shelf.save("transparent-color.png", _plain(), transparency=BRICK)
    shelf.save("transparent-gray.png", _plain("L", 128), GRAY, transparency=128)
    shelf.save("transparent-palette-ribbon.png", Image.new("RGBA", (480, 36)).quantize(4), None)
    shelf.save("opaque-alpha.png", _plain().convert("RGBA"))


def _inks(shelf: Shelf) -> None:
    shelf.save("inks.jpg", _plain().convert("CMYK"), quality=95)
    shelf.save("inks.tif", _plain().convert("CMYK"))
    magenta_and_yellow = _plain("CMYK", (0, 255, 255, 0))
    shelf.save("inks-with-profile.jpg", magenta_and_yellow, PLUM, quality=95, icc_profile=ink_profile(PLUM))
    shelf.save("inks-with-foreign-profile.jpg", _plain().convert("CMYK"), quality=95, icc_profile=srgb_profile())
    shelf.save("inks-with-broken-profile.jpg", _plain().convert("CMYK"), quality=95, icc_profile=b"broken" * 50)
    linear = linear_gray_profile()
    for name, mode in (("gray-with-profile.jpg", "L"), ("gray-alpha-with-profile.png", "LA")):
        shelf.save(name, _plain("L", 128).convert(mode), (188, 188, 188), icc_profile=linear)
    shelf.save("gray-with-broken-profile.png", _plain("L", 128), GRAY, icc_profile=b"broken" * 50)
    shelf.save("color-with-profile.jpg", _plain(), quality=95, icc_profile=srgb_profile())
    shelf.save("color-with-broken-profile.jpg", _plain(), quality=95, icc_profile=b"broken" * 50)


def _formats(shelf: Shelf) -> None:
    shelf.save("progressive_crops.jpg", _plain(), quality=95, progressive_crops=True)
    for name in ("plain.bmp", "plain.ppm", "plain.tga", "PLAIN.TIFF"):
        shelf.save(name, _plain())
    for extension in {".jp2", ".avif"} & Image.registered_extensions().keys():  # not every Pillow is built with them
        shelf.save(f"plain{extension}", _plain(), quality=95)
    shelf.write("png-inside.jpg", encoded(_plain(), "PNG"), color=BRICK)
    shelf.write("jpeg-inside.png", encoded(_plain(), "JPEG", quality=95), color=BRICK)


def _animations(shelf: Shelf) -> None:
    later = [_plain(color=(0, 0, 255)), _plain(color=(0, 255, 0))]
    for name in ("animated.gif", "animated.png", "pages.tif"):
        shelf.save(name, _plain(), save_all=True, append_images=later)
    shelf.save("animated.webp", _plain(), save_all=True, append_images=later, lossless=True)


def _sizes(shelf: Shelf) -> None:
    for width, height in ((1, 1), (2, 2), (1, 500), (500, 1), (4, 4), (2000, 20), (20, 2000)):
        shelf.save(f"{width}x{height}.png", Image.new("RGB", (width, height), BRICK))
    shelf.save("ribbon.jpg", Image.new("RGB", (3000, 10), BRICK), quality=95)


def _turned(shelf: Shelf) -> None:
    scene = upright_scene()
    shelf.save("upright.png", scene, None)
    for orientation, turns in TURNED_BACK.items():
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        for suffix, options in (("jpg", {"quality": 100, "subsampling": 0}), ("png", {}), ("tif", {})):
            name = f"turned-{orientation}.{suffix}"
            turned = scene.transpose(*turns)
            shelf.write(name, encoded(turned, {"jpg": "JPEG", "png": "PNG", "tif": "TIFF"}[suffix], exif=exif, **options))


def _metadata(shelf: Shelf) -> None:
    header = b"Exif\0\0II*\0\x08\0\0\0"
    turn = struct.pack("<HHII", ORIENTATION, 3, 1, 6)
    exifs = {
        "no-exif-header": b"Exif\0\0garbage that is no TIFF header",
        "exif-far-away": b"Exif\0\0II*\0\xff\xff\xff\x7f",
        "exif-cut": header + b"\x05\0" + b"\x12\x01\x03\0\x01\0\0\0",
        "exif-turned-in-words": header + b"\x01\0" + struct.pack("<HHI4s", ORIENTATION, 2, 4, b"abc\0") + bytes(4),
        "exif-turned-9-times": header + b"\x01\0" + struct.pack("<HHII", ORIENTATION, 3, 1, 9) + bytes(4),
    }
    for name, exif in exifs.items():
        shelf.save(f"{name}.jpg", _plain(), quality=95, exif=exif)
        shelf.save(f"{name}.png", _plain(), exif=exif.removeprefix(b"Exif\0\0"))
    part_broken = header + b"\x02\0" + struct.pack("<HHII", 0x0100, 2, 4, 0) + turn + bytes(4)
    shelf.write("turned-in-part-broken-exif.jpg", encoded(_plain(), "JPEG", quality=95, exif=part_broken), size=(48, 36))


def _names(shelf: Shelf) -> None:
    for name in ("two words.png", "größe 画像 🎨.png", "-dash.png", 'it\'s "quoted".png', "two\nlines.png", "50%{x}.png"):
        shelf.save(name, _plain())
    shelf.make("broken\nlines.png", "empty", Path.touch)
    shelf.save("no-utf8-\udcff.png", _plain())


def _broken(shelf: Shelf) -> None:
    jpeg, png = encoded(upright_scene(), "JPEG"), encoded(upright_scene(), "PNG")
    for percent in (1, 30, 60, 90):
        shelf.write(f"cut-at-{percent}.jpg", jpeg[: len(jpeg) * percent // 100], "cut")
        shelf.write(f"cut-at-{percent}.png", png[: len(png) * percent // 100], "cut")
    shelf.write("cut.webp", encoded(upright_scene(), "WEBP")[:200], "cut")
    shelf.write("cut.gif", encoded(upright_scene(), "GIF")[:1500], "cut")
    shelf.write("cut.tif", encoded(upright_scene(), "TIFF")[:500], "cut")
    shelf.write("garbage-behind.jpg", jpeg + b"garbage" * 100)
    header = png.index(b"IHDR")
    shelf.write("wrong-checksum.png", png[: header + 17] + b"\0\0\0\0" + png[header + 21 :], "checksum")
    shelf.write("bomb.png", _png(100_000, 100_000, 8, b""), "bomb")
    shelf.write("no-pixels.png", _png(0, 0, 8, b""), "size 0")


def _no_pictures(shelf: Shelf) -> None:
    shelf.write("empty.jpg", b"", "empty")
    shelf.write("text.jpg", b"A thousand words.\n", "text")
    shelf.write("error-page.png", b"<!DOCTYPE html><html><body><h1>404 Not Found</h1></body></html>", "HTML")
    shelf.write("random.jpg", np.random.default_rng(0).bytes(5000), "random")
    shelf.write("random-behind-magic.jpg", b"\xff\xd8\xff\xe0" + np.random.default_rng(1).bytes(5000), "random")
    shelf.make("archive.jpg", "zip", _write_zip)
    shelf.make("folder.jpg", "folder", Path.mkdir)
    shelf.make("link-to-nothing.png", "broken link", lambda path: path.symlink_to("nothing-there.png"))
    shelf.make("link-to-itself.png", "broken link", lambda path: path.symlink_to(path.name))
    shelf.make("missing.png", "not there", lambda path: None)


def _write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("picture.png", encoded(_plain(), "PNG"))


def _png_of_16_bit_color(color: Color) -> bytes:
    row = b"\0" + struct.pack(">3H", *color) * SIZE[0]
    return _png(*SIZE, 16, row * SIZE[1])


def _png(width: int, height: int, bits: int, rows: bytes) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
