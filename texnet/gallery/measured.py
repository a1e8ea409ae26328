"""What ``texnet evaluate`` found out about a network, as its card keeps it: numbers alone, no path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from texnet.checkpoint import StyleCard
from texnet.errors import UserError
from texnet.files import is_folder, read_json

REPORT = "evaluation.json"
Network = Mapping[str, Any]

# name in a card -> column of texnet evaluate, where it stands in the report of a network
MEASURES: dict[str, tuple[str, Callable[[Network], float | None]]] = {
    "loss": ("loss", lambda n: n["terms"]["loss"]),
    "content": ("content", lambda n: n["terms"]["content"]),
    "style": ("style", lambda n: n["terms"]["style"] / n["style_weight"]),
    "optimality_ratio": ("optimality ratio", lambda n: _part(n, "optimality", "ratio")),
    "optimum_steps": ("steps of that optimization", lambda n: _part(n, "optimality", "steps")),
    "optimum_photos": ("photos of that optimization", lambda n: _part(n, "optimality", "photos")),
    "second_content": ("2nd content", lambda n: n["second"]["content"]),
    "second_style": ("2nd style", lambda n: n["second"]["style"]),
    "ssim": ("SSIM", lambda n: n["ssim"]),
    "luminance": ("luminance", lambda n: n["luminance"]),
    "regions": ("regions", lambda n: n["regions"]),
    "sharpness": ("sharpness", lambda n: n["sharpness"]),
    "noise_gain": ("noise gain", lambda n: n["noise_gain"]),
    "shift_consistency": ("shift consistency", lambda n: n["shift_consistency"]),
    "seed_diversity": ("seed diversity", lambda n: n["seed_diversity"]),
    "position": ("position(0.5)", lambda n: _part(n, "curve", "position")),
    "calibration_error": ("calibration error", lambda n: _part(n, "curve", "calibration_error")),
}


def read_measured(card: StyleCard, report: str | Path, ckpt: str | Path) -> StyleCard:
    """A card with what a report of ``texnet evaluate``, its folder or evaluation.json in it, says of a checkpoint.

    UserError where it measures other networks, another strength than 1, or is no such report; FileNotFoundError where it is
    not there.
    """
    path = Path(report) / REPORT if is_folder(report) else Path(report)
    if not path.is_file():
        raise FileNotFoundError(f"--evaluation {report}: no {REPORT} there; write it with texnet evaluate --ckpt {ckpt}")
    content = read_json(path)
    try:
        network = _network_of(content["networks"], Path(ckpt), path)
        settings = content["settings"]["evaluation"]
        found = {name: measure(network) for name, (_, measure) in MEASURES.items()}
        measured = {name: float(value) for name, value in found.items() if value is not None}
        card = replace(
            card,
            num_photos=len(content["photos"]),
            image_size=int(settings["image_size"]),
            features=str(content["settings"]["loss"]["features"]),
            measured=measured,
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"--evaluation {path}: not a report of texnet evaluate --ckpt") from error
    if settings["noise_factor"] != 1:
        raise UserError(f"--evaluation {path}: measured at noise factor {settings['noise_factor']:g}; a card is of factor 1")
    return card


def _network_of(networks: list[dict[str, Any]], ckpt: Path, report: Path) -> dict[str, Any]:
    """The report's entry of a checkpoint: the same file, else the only one whose file and folder have the same names."""
    same = [each for each in networks if Path(each["path"]).resolve() == ckpt.resolve()]
    alike = [each for each in networks if Path(each["path"]).resolve().parts[-2:] == ckpt.resolve().parts[-2:]]
    found = same or alike
    if len(found) != 1:
        names = ", ".join(str(each["name"]) for each in networks)
        raise UserError(f"--evaluation {report}: measures {names}; {ckpt} is not one of them, or not alone")
    return found[0]


def _part(network: Network, part: str, name: str) -> float | None:
    """A number of a part of the report that may not have been measured."""
    found = network[part]
    return None if found is None else found[name]
