"""Small real styles for the tests of the gallery: a network, its run's files and a report of texnet evaluate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from texnet.checkpoint import Checkpoint, TrainingSummary
from texnet.config import CardConfig, GeneratorConfig
from texnet.gallery import finish_style
from texnet.generators import build_generator

TINY = GeneratorConfig(width=4, num_blocks=1)
MEASURED = {
    "terms": {"loss": 1.4, "content": 0.7, "style": 0.62},
    "style_weight": 8.0,
    "second": {"content": 0.73, "style": 0.069},
    "ssim": 0.5,
    "luminance": 0.97,
    "regions": 0.74,
    "sharpness": 0.85,
    "noise_gain": 0.26,
    "shift_consistency": 0.08,
    "seed_diversity": 0.2,
    "curve": {"position": 0.49, "calibration_error": 0.02},
    "optimality": {"ratio": 1.2, "steps": 500, "photos": 4},
}


def save_run(folder: Path, name: str, config: GeneratorConfig = TINY) -> Path:
    """A run's folder: style.pt without a card, and texture.png; the former."""
    run = folder / name
    torch.manual_seed(0)
    weights = build_generator(config).state_dict()
    training = TrainingSummary(steps=300, minutes=6.5, num_photos=1840, image_size=128)
    Checkpoint(config, weights, (name,), term_norm={"tv": 1.0, "style/relu1_1/mean": 1.0}, training=training).save(
        run / "style.pt"
    )
    Image.effect_noise((60, 40), 90).convert("RGB").save(run / "texture.png")
    return run / "style.pt"


def save_report(folder: Path, *paths: Path, noise_factor: float = 1.0, **changes: Any) -> Path:
    """A report as texnet evaluate writes it, on 20 photos; its folder."""
    networks = [{"name": f"{path.parent.name}/style", "path": str(path), **MEASURED, **changes} for path in paths]
    settings = {"evaluation": {"image_size": 256, "noise_factor": noise_factor}, "loss": {"features": "vgg19"}}
    photos = [f"{number}.jpg" for number in range(20)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps({"settings": settings, "photos": photos, "networks": networks}))
    return folder


def ship(folder: Path, *names: str) -> Path:
    """A folder of finished styles with complete cards."""
    for name in names:
        run = save_run(folder / "runs", name)
        report = save_report(folder / f"{name}_report", run)
        words = {"credit": f"A painter, {name}, 1900", "license": "public domain"}
        finish_style(CardConfig(str(run), str(report), **words, output=str(folder / "styles")))
    return folder / "styles"
