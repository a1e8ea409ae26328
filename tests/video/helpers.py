"""Tiny videos: a pan over a drawn scene, with sound, tags and times as a test wants them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from texnet.drawing import draw_scene
from texnet.images import to_float
from texnet.video.reading import require_av

HEIGHT, WIDTH = 48, 64
TIME_BASE = Fraction(1, 1000)


def scene(size: int = 160, seed: int = 0) -> Tensor:
    """A drawn scene, (1, 3, size, size) in [0, 1]."""
    return to_float(torch.from_numpy(np.array(draw_scene(size, seed=seed).convert("RGB"))).permute(2, 0, 1)[None])


def pan(count: int, step: tuple[int, int] = (1, 2), seed: int = 0, size: tuple[int, int] = (HEIGHT, WIDTH)) -> list[Tensor]:
    """Frames of a camera that goes down and right over a scene by whole pixels, (1, 3, H, W) each."""
    height, width = size
    whole = scene(max(size) + 20 + count * max(map(abs, step)), seed)
    return [whole[..., k * step[0] : k * step[0] + height, k * step[1] : k * step[1] + width] for k in range(count)]


def write_clip(
    path: Path,
    frames: Sequence[Tensor],
    *,
    times: Sequence[int] | None = None,
    sound: bool = False,
    rotation: int = 0,
    tags: tuple[int, int, int, int] | None = None,
) -> Path:
    """A video file of frames at times in milliseconds, 40 apart without any; ``tags``: matrix, range, primaries, transfer."""
    av = require_av()
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"crf": "10"})
        stream.height, stream.width = frames[0].shape[2:]
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = TIME_BASE
        if rotation:
            stream.set_display_rotation(rotation)
        if tags:
            context = stream.codec_context
            context.colorspace, context.color_range, context.color_primaries, context.color_trc = tags
        audio = file.add_stream("aac", rate=44100, layout="mono") if sound else None
        for number, frame in enumerate(frames):
            pixels = np.ascontiguousarray((frame[0] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy())
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
                format="yuv420p", dst_colorspace=(tags or (5,))[0], dst_color_range=(tags or (5, 1))[1], src_color_range=2
            )
            picture.pts, picture.time_base = times[number] if times else 40 * number, TIME_BASE
            file.mux(stream.encode(picture))
        file.mux(stream.encode(None))
        for number in range(round(len(frames) * 0.04 * 44100 / 1024) if audio else 0):
            wave = (np.sin(np.arange(number * 1024, (number + 1) * 1024) / 20) * 8000).astype(np.int16)[None]
            part = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
            part.rate, part.pts, part.time_base = 44100, 1024 * number, Fraction(1, 44100)
            file.mux(audio.encode(part))
        if audio:
            file.mux(audio.encode(None))
    return path


def packets(path: Path) -> list[tuple[float, bytes]]:
    """Time in seconds and bytes of the packets of a file's sound."""
    with require_av().open(str(path)) as file:
        return [(float(each.pts * each.time_base), bytes(each)) for each in file.demux(audio=0) if each.size]


def frames_of(path: Path) -> list[Any]:
    """The decoded frames of a video file."""
    with require_av().open(str(path)) as file:
        return list(file.decode(video=0))


def times_of(path: Path) -> list[float]:
    """When each frame of a video file is shown, seconds."""
    return [float(frame.pts * frame.time_base) for frame in frames_of(path)]
