"""What the studio asks of pictures, videos and checkpoints on disk: thumbnails, stills, checks of uploads, facts."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torchvision.io import encode_jpeg

from texnet.checkpoint import Checkpoint
from texnet.config import DataConfig
from texnet.data.annotations import read_annotations
from texnet.data.build import find_photos, hold_out
from texnet.data.coco import annotation_file, find_split, is_coco_root
from texnet.decoding import check_fits, reading
from texnet.drawing import save_texture
from texnet.drawing.samples import save_sample_photos
from texnet.drawing.textures import TEXTURES
from texnet.errors import UserError
from texnet.images import limit_size, load_picture, resize, save_image, size_at, to_bytes
from texnet.video.reading import VideoReader
from texnet.video.summary import summarize_video

QUALITY = 88  # of JPEG thumbnails
MOST_CHECKED = 120  # photos of a data set that are opened, to name those that cannot be read
MOST_SHOWN = 18
MOST_PIXELS = 2**27  # of an upload: a picture that claims more is refused before it is decoded
LARGEST_ANNOTATIONS = 2**29  # bytes: larger files take too long to list categories from
TEXTURE_SIZE = 512
MOST_FRAME_PIXELS = 8192 * 4320  # of a video: one that claims more is refused before any frame is decoded
STILL = 1280  # pixels of a still's long side: more than any preview shows

# sound that browsers play in an MP4 file, and in WebM; a video with other sound becomes a Matroska file, to be saved
SOUND_OF_MP4, SOUND_OF_WEBM = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"}), frozenset({"opus", "vorbis"})


def thumbnail(path: str, size: int) -> tuple[Any, bytes]:
    """A picture reduced to a long side of ``size`` pixels, as JPEG."""
    with reading(path) as opened:
        opened.draft("RGB", (2 * size, 2 * size))
        check_fits(opened, path)
    picture = load_picture(path).on_white  # (1, 3, H, W)
    small = size_at(picture.shape[-2:], size) if max(picture.shape[-2:]) > size else picture.shape[-2:]
    return None, jpeg(resize(picture, small)[0])


def check_picture(path: str) -> tuple[Any, bytes]:
    """Decode a whole picture that was uploaded; its width and height. UnreadablePictureError or UserError for what is none."""
    with reading(path) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise UserError(f"{width}x{height} pixels are more than the {MOST_PIXELS // 2**20} million that may be uploaded")
    pixels = load_picture(path).pixels
    return {"width": pixels.shape[2], "height": pixels.shape[1]}, b""


def check_video(path: str) -> tuple[Any, bytes]:
    """Read a whole video and decode its first frame: size, number of frames, seconds, what is wrong with it.

    ``suffix`` is that of a container which holds its sound. UserError for what is no video, or HDR.
    """
    summary = summarize_video(Path(path), MOST_FRAME_PIXELS)
    sound = set(summary.sound)
    suffix = ".mp4" if sound <= SOUND_OF_MP4 else ".webm" if sound <= SOUND_OF_WEBM else ".mkv"
    return {**asdict(summary), "suffix": suffix}, b""


def still(path: str, seconds: float, target: str) -> tuple[Any, bytes]:
    """Write a video's frame at a time into a PNG file, reduced where it is large."""
    save_image(limit_size(VideoReader(path).frame_at(seconds), STILL), target)
    return None, b""


def photos(data_dir: str, split: str, categories: list[str]) -> tuple[Any, bytes]:
    """What a folder offers to a training: how many photos, which splits and categories, some of them, which are unreadable."""
    notes: list[str] = []
    config = DataConfig(data_dir=data_dir, split=split, categories=tuple(categories))
    root = Path(data_dir)
    found = find_photos(config, 0, notes.append)
    step = max(1, len(found) // MOST_CHECKED)
    bad = [problem for problem in map(_problem, found[::step][:MOST_CHECKED]) if problem]
    shown = [str(path) for path in found[:: max(1, len(found) // MOST_SHOWN)][:MOST_SHOWN]]
    facts = {
        "count": len(found),
        "held_out": len(hold_out(found, config.num_val, 0)[1]),
        "checked": len(found[::step][:MOST_CHECKED]),
        "unreadable": bad[:20],
        "shown": shown,
        "notes": notes,
        **_coco_facts(root, split),
    }
    return facts, b""


def sample_photos(folder: str) -> tuple[Any, bytes]:
    """Drawn scenes, and photos that come with scikit-image, in a folder."""
    return str(save_sample_photos(Path(folder))), b""


def textures(folder: str) -> tuple[Any, bytes]:
    """The nine drawn style pictures, in a folder; those that are there are kept."""
    for name in TEXTURES:
        if not any(Path(folder).glob(f"{name}.*")):
            save_texture(name, Path(folder), TEXTURE_SIZE)
    return folder, b""


def network(path: str) -> tuple[Any, bytes]:
    """What a checkpoint says of itself, and its preview as JPEG, empty where it has none."""
    checkpoint = Checkpoint.load(path)
    config = checkpoint.generator_config
    facts = {
        "style": checkpoint.styles[0],
        "generator": config.generator,
        "max_noise_factor": config.max_noise_factor,
        "fixed_noise_factor": config.fixed_noise_factor,
        "no_content": config.no_content,
        "license": checkpoint.license,
        "training": asdict(checkpoint.training),
    }
    return facts, b"" if checkpoint.preview is None else encode_jpeg(checkpoint.preview, QUALITY).numpy().tobytes()


def jpeg(picture: Tensor, quality: int = QUALITY) -> bytes:
    """A picture, float (3, H, W) in [0, 1], as JPEG."""
    data: bytes = encode_jpeg(to_bytes(picture).contiguous(), quality).numpy().tobytes()
    return data


def _problem(path: Path) -> str:
    """Why a photo cannot be read, empty where it can: its header and the beginning of its pixels are looked at."""
    try:
        with reading(path) as opened:
            opened.draft("RGB", (64, 64))
            opened.load()
    except UserError as error:
        return str(error)
    return ""


def _coco_facts(root: Path, split: str) -> dict[str, Any]:
    if not is_coco_root(root, split):
        return {"coco": False, "splits": [], "categories": {}}
    folder = find_split(root, split)
    path = annotation_file(root, folder) if folder else root
    large = not path.is_file() or path.stat().st_size >= LARGEST_ANNOTATIONS
    categories = {} if large else _count_categories(path, path.stat().st_mtime_ns)
    return {"coco": True, "splits": [name for name in ("train", "val") if find_split(root, name)], "categories": categories}


@lru_cache(maxsize=4)
def _count_categories(path: Path, changed: int) -> dict[str, int]:
    """How many photos show each category, the most frequent first; the file is read once, until it is ``changed``."""
    content = read_annotations(path)
    names = {category["id"]: category["name"] for category in content["categories"]}
    pairs = {(entry["image_id"], names[entry["category_id"]]) for entry in content["annotations"]}
    return dict(Counter(name for _, name in pairs).most_common())


def ready() -> tuple[Any, bytes]:
    """Nothing: torch is loaded by then."""
    torch.set_num_threads(1)  # of a helper that only reads pictures
    Image.init()
    return None, b""


FUNCTIONS = {
    "ready": ready,
    "thumbnail": thumbnail,
    "check_picture": check_picture,
    "check_video": check_video,
    "still": still,
    "photos": photos,
    "sample_photos": sample_photos,
    "textures": textures,
    "network": network,
}
