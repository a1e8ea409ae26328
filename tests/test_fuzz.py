"""Malformed files drawn by seed: each gives a picture, or photos, or one error that names the file, and never another one.

TEXNET_FUZZ=1000/300 sets the numbers of pictures and of annotation files; a file that fails is named by its seed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from texnet.config import DataConfig
from texnet.data import build_photos
from texnet.errors import UnreadablePictureError, UserError
from texnet.images import load_picture, load_style, load_training_photo, save_stylized
from texnet.picture_files import EXTENSIONS

PICTURES, ANNOTATIONS = map(int, os.environ.get("TEXNET_FUZZ", "60/30").split("/"))
CROP = 32
FORMATS = sorted({Image.registered_extensions()[name] for name in EXTENSIONS if name in Image.registered_extensions()})
MODES = ("1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "LAB", "I", "I;16", "F", "PA", "HSV")
EXIF_TAGS = (0x0112, 0x0100, 0x010F, 0x8769, 0x8825, 0xA005, 0x013E, 0xA001, 0x9286)

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(120 + PICTURES + ANNOTATIONS)]


def draw_picture(rng: random.Random) -> Image.Image:
    """Noise of any mode and of sizes up to 70 pixels, narrow ones too."""
    width, height = (rng.choice((1, 2, 3, rng.randint(4, 70), rng.randint(4, 70))) for _ in range(2))
    noise = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (height, width, 4), np.uint8)
    mode = rng.choice(MODES)
    if mode == "I;16":
        return Image.fromarray(noise[..., :2].copy().view(np.uint16)[..., 0])
    picture = Image.fromarray(noise)
    return {"LA": lambda: picture.convert("LA"), "PA": lambda: picture.convert("P").convert("PA")}.get(
        mode, lambda: picture.convert("RGB").convert(mode) if mode != "RGBA" else picture
    )()


def draw_options(rng: random.Random, kind: str) -> dict[str, Any]:
    """Odd metadata, compressions and profiles."""
    options: dict[str, Any] = {}
    if rng.random() < 0.4:
        exif = Image.Exif()
        for tag in rng.sample(EXIF_TAGS, rng.randint(1, 4)):
            exif[tag] = rng.choice((rng.randint(0, 9), "words", 70000, b"\0\1\2"))
        options["exif"] = rng.choice((exif, rng.randbytes(rng.randint(0, 60)), b"Exif\0\0II*\0" + rng.randbytes(40)))
    if rng.random() < 0.3:
        options["icc_profile"] = rng.choice((rng.randbytes(200), b"\0" * 12 + b"mntrRGB XYZ " + rng.randbytes(120), b""))
    if kind == "PNG" and rng.random() < 0.3:
        notes = PngInfo()
        notes.add_text("odd", "x" * rng.choice((0, 10, 2_000_000)), zip=rng.random() < 0.5)
        options["pnginfo"] = notes
    if kind == "TIFF":
        options["compression"] = rng.choice(("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group4"))
    if kind in ("GIF", "TIFF", "PNG", "WEBP") and rng.random() < 0.2:
        options.update(save_all=True, append_images=[draw_picture(rng).convert("RGB")])
    return options


def draw_valid(rng: random.Random) -> tuple[str, bytes]:
    """A format and a file of it that Pillow wrote, of the modes and options that it can hold."""
    while True:
        kind = rng.choice(FORMATS)
        buffer, picture = BytesIO(), draw_picture(rng)
        try:
            picture.save(buffer, kind, **draw_options(rng, kind))
        except Exception:  # Pillow raises nearly every type there is where a format cannot hold it
            continue
        return kind, buffer.getvalue()


def truncate(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def flip_bytes(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 30))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def flip_head(rng: random.Random, data: bytes) -> bytes:
    return flip_bytes(rng, data[:64]) + data[64:]


def claim_other_sizes(rng: random.Random, data: bytes) -> bytes:
    """Large or odd numbers written over the header, of a PNG with a checksum that is right."""
    number = rng.choice((0, 1, 0xFFFF, 2**31 - 1, 2**32 - 1, 100_000))
    place = rng.randrange(4, max(5, min(60, len(data) - 4)))
    changed = data[:place] + struct.pack(rng.choice((">I", "<I")), number) + data[place + 4 :]
    if data[:4] == b"\x89PNG":
        changed = data[:16] + struct.pack(">II", number, rng.choice((1, number))) + data[24:29]
        changed += struct.pack(">I", zlib.crc32(changed[12:29])) + data[33:]
    return changed


def shuffle_parts(rng: random.Random, data: bytes) -> bytes:
    cut, other = sorted(rng.randrange(len(data)) for _ in range(2))
    return rng.choice((data[:cut] + data[other:], data[:other] + data[cut:], data[:cut] + rng.randbytes(50) + data[cut:]))


def leave(rng: random.Random, data: bytes) -> bytes:
    return data


MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(truncate, flip_bytes, flip_bytes, flip_head, flip_head, claim_other_sizes, shuffle_parts, leave),
)


def read_all(path: Path) -> int:
    """Read a file in every way in which texnet does, and write what was read; how many of them gave a picture."""
    read = 0
    for attempt in (lambda: load_training_photo(path, CROP), lambda: load_style(path, 48)):
        try:
            found = attempt()
            assert found.shape[-3] == 3 and min(found.shape[-2:]) > 0
            read += 1
        except UserError as error:
            assert str(error).replace("--texture ", "").startswith(f"{path}: ") and "\n" not in str(error)
    try:
        picture = load_picture(path)
    except UnreadablePictureError:
        return read
    assert picture.alpha is None or picture.alpha.shape == picture.pixels.shape[1:]
    save_stylized([picture.image], path.with_name("written.png"), picture)
    assert torch.equal(load_picture(path.with_name("written.png")).pixels, picture.pixels)
    return read + 1


def test_malformed_and_odd_pictures_are_read_or_refused(tmp_path: Path) -> None:
    faults, read = [], 0
    for seed in range(PICTURES):
        rng = random.Random(seed)
        kind, data = draw_valid(rng)
        mutate = rng.choice(MUTATIONS)
        suffix = rng.choice([name for name in EXTENSIONS if Image.registered_extensions().get(name) == kind] + [".jpg"])
        path = tmp_path / f"{seed}{suffix}"
        path.write_bytes(mutate(rng, data))
        try:
            found = read_all(path)
            read += found
            assert found or mutate is not leave, "what Pillow wrote is refused"
        except Exception as error:
            faults.append(f"seed {seed}, {kind}, {mutate.__name__}: {type(error).__name__}: {error}")
        path.unlink()
    assert faults == []
    assert 0.2 * PICTURES < read < 3 * PICTURES
    print(f"{PICTURES} pictures: {read} of {3 * PICTURES} readings gave a picture")


def draw_value(rng: random.Random) -> Any:
    values = [
        None,
        "",
        "7",
        "x",
        7,
        -1,
        1.5,
        float("nan"),
        10**30,
        True,
        [],
        {},
        [7],
        {"id": 7},
        "../../etc/passwd",
        "\ud800",
        "a\0b",
    ]
    return rng.choice(values)


def mutate_tree(rng: random.Random, content: Any, ends: float = 0.02) -> Any:
    """Replace, remove or double something at a random depth."""
    if rng.random() < ends or not isinstance(content, dict | list) or not content:
        return draw_value(rng)
    key = rng.choice(list(content)) if isinstance(content, dict) else rng.randrange(len(content))
    action = rng.random()
    if action < 0.15:
        del content[key]
    elif action < 0.25 and isinstance(content, list):
        content.append(content[key])
    else:
        content[key] = mutate_tree(rng, content[key], 0.15)
    return content


def draw_annotations(rng: random.Random, valid: bytes) -> bytes:
    """A file of annotations, changed in what it says or in its bytes."""
    if rng.random() < 0.3:
        return rng.choice(MUTATIONS)(rng, valid)
    content = json.loads(valid)
    for _ in range(rng.choice((1, 1, 3, 20))):
        content = mutate_tree(rng, content)
    return json.dumps(content).encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")))


def test_malformed_annotations_give_photos_or_one_line(coco_root: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(coco_root, tmp_path / "coco"))
    path = root / "annotations" / "instances_train2017.json"
    valid = path.read_bytes()
    faults, read = [], 0
    for seed in range(ANNOTATIONS):
        rng = random.Random(seed)
        path.write_bytes(draw_annotations(rng, valid))
        config = DataConfig(data_dir=str(root), categories=("dog",), image_size=CROP, num_val=0, cache_fraction=0.0)
        try:
            photos, _ = build_photos(config, seed=0, on_unreadable=pytest.fail)
            assert {found.parent for found in photos.paths} == {root / "train2017"}
            read += bool(len(photos[0]))
        except UserError as error:
            if "--categories" not in str(error) and str(path) not in str(error):
                faults.append(f"seed {seed} names neither file nor flag: {error}")
        except Exception as error:
            faults.append(f"seed {seed}: {type(error).__name__}: {error}")
    assert faults == []
    assert 0.2 * ANNOTATIONS < read < ANNOTATIONS
    print(f"{ANNOTATIONS} annotation files: {read} gave photos")
