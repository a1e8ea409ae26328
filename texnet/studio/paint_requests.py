"""What a page asks to be painted: every path below the folders, every number within its range, or a Refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from texnet.studio.endpoints import number_of, text_of
from texnet.studio.error_responses import Refusal
from texnet.studio.networks import network_words
from texnet.studio.paint_options import UNTRAINED, PaintOptions
from texnet.studio.studio import Studio

LARGEST_SEED, LARGEST_FACTOR = 2.0**53, 10.0  # a page's numbers are exact up to the former
STROKES = (0.5, 4.0)  # times as large as learned
LONGEST_VIDEO = 1e6  # seconds
MOST_POINTS = 100  # of a noise factor over time


def options_of(studio: Studio, given: dict[str, Any]) -> PaintOptions:
    """What the painting process is asked for; of a video it is the frame that is shown at the seconds ``at``."""
    named = studio.folders.file(text_of(given, "photo"))
    photo = studio.cache.still(named, number_of(given.get("at", 0), "at", 0, LONGEST_VIDEO))
    return without_photo(studio, given, str(photo), _mask(studio, given))


def video_options_of(studio: Studio, given: dict[str, Any], video: Path) -> PaintOptions:
    """What a video is painted by, with its noise factor over time, the list ``timed``, where that is given."""
    options = without_photo(studio, given, str(video), _mask(studio, given), timed=_timed(given.get("timed", [])))
    if options.stroke_size != 1:
        raise Refusal(422, "the strokes of videos are of the size that was learned")
    if len(options.networks) > 1 and any(network.startswith(UNTRAINED) for network in options.networks):
        raise Refusal(422, "in videos two networks paint only where both are trained")
    return options


def without_photo(studio: Studio, given: dict[str, Any], photo: str = "", mask: str = "", timed: Any = ()) -> PaintOptions:
    """Networks and numbers, for a photo, a mask, and factors over time that were looked at already."""
    other = text_of(given, "other", "")
    networks = [network_words(studio, words) for words in (text_of(given, "network"), other if mask else "") if words]
    return PaintOptions(
        photo=photo,
        networks=networks,
        factor=number_of(given.get("factor", 1.0), "factor", 0, LARGEST_FACTOR),
        seed=int(number_of(given.get("seed", 0), "seed", 0, LARGEST_SEED)),
        keep_colors=number_of(given.get("keep_colors", 0.0), "keep_colors", 0, 1),
        stroke_size=number_of(given.get("stroke_size", 1.0), "stroke_size", *STROKES),
        mask=mask,
        timed=timed,
    )


def mask_file(studio: Studio, name: str) -> Path:
    """Where a mask of a name is kept."""
    return studio.places.cache / "masks" / f"{name}.png"


def _mask(studio: Studio, given: dict[str, Any]) -> str:
    name = text_of(given, "mask", "")
    path = mask_file(studio, name)
    if name and (not name.isalnum() or not path.is_file()):
        raise Refusal(404, "that mask is gone: brush again")
    return str(path) if name else ""


def _timed(points: Any) -> tuple[tuple[float, float], ...]:
    if not isinstance(points, list) or len(points) > MOST_POINTS:
        raise Refusal(400, f"timed is a list of at most {MOST_POINTS} pairs of seconds and factor")
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in points):
        raise Refusal(400, "timed has pairs of seconds and factor")
    return tuple(
        (number_of(seconds, "seconds", 0, LONGEST_VIDEO), number_of(factor, "factor", 0, LARGEST_FACTOR))
        for seconds, factor in points
    )
