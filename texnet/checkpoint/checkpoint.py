"""The file of a trained generator: as a run keeps it, with all that resuming needs, or as it is shared.

Both hold tensors and plain types alone, are written all or nothing, read without running code and checked when read. What is
shared (``style.pt``) names no path and no host. Format 2 has these keys:

| key | what |
|---|---|
| format, texnet | 2, and the version that wrote the file |
| generator, weights | settings of the generator, and its averaged weights (EMA); a run has these in ``resume`` |
| styles | names of the styles |
| calibration | pairs of noise factor and uncalibrated factor |
| loss, term_norm | settings of the loss without its files, and the norms of its terms; no norms: a pretrained generator |
| training | steps, minutes, photos, losses: :class:`TrainingSummary` |
| license | of the trained style, as its author gives it |
| packed | the large weights in fewer bits, see :mod:`texnet.checkpoint.packing`; then ``weights`` has the others |
| card | source of the style and measured quality: :class:`StyleCard`; may be missing |
| style_reader | weights of the network that reads style pictures, of a pretrained generator alone |
| preview | style and results, uint8 (3, H, W), at most 256 pixels to a side, or packed as a JPEG's bytes; may be missing |
| resume | of a run alone: its settings, paths and all, the trainer's state, and the style picture as it was read |
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import texnet
from texnet.checkpoint.address import split_address
from texnet.checkpoint.card import StyleCard, check_card
from texnet.checkpoint.collection import StyleCollection, pick, read_one
from texnet.checkpoint.content import FORMAT, copies, shared_settings
from texnet.checkpoint.packing import pack_preview, pack_weights, read_preview, read_weights
from texnet.checkpoint.summary import TrainingSummary, check_training
from texnet.checkpoint.validation import (
    check,
    check_calibration,
    check_line,
    check_picture,
    check_positive,
    check_style_reader,
    check_styles,
    check_trainer,
    expected_generator,
    one_line,
    plain_name,
    read_settings,
)
from texnet.config import GeneratorConfig, LossConfig, TrainConfig, from_dict, to_dict
from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.generators import Generator, build_generator
from texnet.generators.calibration import Calibration
from texnet.images import load_style, to_float
from texnet.losses import PerceptualLoss, build_loss
from texnet.shipped import find_network

STYLE_PICTURE, SETTINGS = "texture.png", "config.json"  # in a run's folder
STYLE_PICTURES = "textures"  # folder in that of a run of many styles


@dataclass(frozen=True)
class ResumeState:
    """What only the run itself needs, to go on: its settings and what :meth:`Trainer.state_dict` gave, ``ema`` in it.

    ``texture`` is the style picture as it was read, uint8 (3, H, W).
    """

    config: TrainConfig
    trainer: Mapping[str, Any]
    texture: Tensor


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A trained generator and what is known of it. ``source`` is the file that it was read from."""

    generator_config: GeneratorConfig
    weights: Mapping[str, Tensor]
    styles: tuple[str, ...]
    calibration: Calibration = field(default_factory=Calibration)
    loss_config: LossConfig = field(default_factory=LossConfig)
    term_norm: Mapping[str, float] = field(default_factory=dict)
    training: TrainingSummary = field(default_factory=TrainingSummary)
    license: str = ""
    card: StyleCard = field(default_factory=StyleCard)
    preview: Tensor | None = None
    style_reader: Mapping[str, Tensor] = field(default_factory=dict)
    resume: ResumeState | None = None
    source: Path | None = None

    @classmethod
    def load(cls, path: str | Path) -> Checkpoint:
        """Read and check a checkpoint, on the CPU: a file, or by name a run or a style that comes with texnet.

        ``FILE#STYLE`` is a style of many in a file. FileNotFoundError or UserError say what is wrong with the file.
        """
        path, shares = split_address(find_network(str(path)))
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such checkpoint")
        try:
            return _from_content(read_one(path, shares), path)
        except UserError as error:
            raise UserError(f"{path}: {one_line(error)}") from error
        except Exception as error:  # whatever a forged file can cause
            raise UserError(f"{path}: not a checkpoint of texnet, or a broken one ({type(error).__name__})") from error

    @classmethod
    def of_style(cls, collection: StyleCollection, name: str, source: Path) -> Checkpoint:
        """A style of many, folded, as an ordinary checkpoint; UserError where there is none of that name."""
        return _from_content(pick(collection, {name: 1.0}), source)

    def save(self, path: str | Path, *, bits: int | None = None) -> None:
        """Write it, under a temporary name, then rename; with ``bits`` per weight, 8 to 16, what is shared gets small."""
        torch.save(_to_content(self, bits), buffer := io.BytesIO())
        write_atomically(path, buffer.getvalue())

    def to_share(self) -> Checkpoint:
        """Without what only the run itself needs: a fourth of the size, no path, no host."""
        return replace(self, resume=None)

    def generator(self) -> Generator:
        """The averaged generator in evaluation mode, frozen, on the CPU."""
        generator = build_generator(self.generator_config, keeps_chroma=self.loss_config.match_colors)
        generator.load_state_dict(dict(self.weights))
        return generator.eval().requires_grad_(False)

    def loss(
        self,
        *,
        texture: str = "",
        vgg_weights: str = "",
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> PerceptualLoss:
        """The perceptual loss that it was trained with; see :meth:`style_picture` for where the style is read from.

        Not for a pretrained generator, which has no style: see :func:`load_trained`. FileNotFoundError or UserError name
        what is missing.
        """
        config, here = self.loss_config, self.run_config()
        config = replace(config, vgg_weights=vgg_weights or (here.loss.vgg_weights if here else ""))
        if self.resume is not None and not texture:
            style = to_float(self.resume.texture[None])
        else:
            style = load_style(self.style_picture(texture), config.style_size)
        loss = build_loss(config, keep_content=not self.generator_config.no_content, device=device, dtype=dtype)
        loss.set_style(style.to(device))
        loss.set_term_norm(self.term_norm)
        return loss

    def style_picture(self, texture: str = "") -> Path:
        """The style picture: the named file; else texture.png beside the checkpoint, in a run's folder; else the run's own.

        FileNotFoundError where there is none, with the remedy.
        """
        here = self.run_config()
        beside = [self.source.with_name(STYLE_PICTURE)] if self.source and (here or not self._settings_beside()) else []
        candidates = (
            [Path(texture)] if texture else [*self._beside_many(), *beside, *([Path(here.loss.texture)] if here else [])]
        )
        found = next((path for path in candidates if path.is_file()), None)
        if found is None and texture:
            raise FileNotFoundError(f"{texture}: no such style picture; name it with --texture")
        if found is None:
            raise FileNotFoundError(
                f"{self.source}: its style picture is not beside it as {STYLE_PICTURE}; name it with --texture"
            )
        return found

    def run_config(self) -> TrainConfig | None:
        """The settings of its training with this machine's paths: a run's own, or for style.pt those of its run's folder.

        None where the file is not in that folder.
        """
        if self.resume is not None:
            return self.resume.config
        config = self._settings_beside()
        return config if config is not None and self._is_of(config) else None

    def _settings_beside(self) -> TrainConfig | None:
        """Those of config.json beside the file, which may be of another training."""
        try:
            return from_dict(TrainConfig, json.loads(self.source.with_name(SETTINGS).read_text())) if self.source else None
        except (OSError, ValueError, TypeError):
            return None

    def _is_of(self, config: TrainConfig) -> bool:
        same = config.generator == self.generator_config and config.loss.style_size == self.loss_config.style_size
        same = same and (config.optim.seed, config.data.image_size) == (self.training.seed, self.training.image_size)
        return same and (self.styles == (plain_name(Path(config.loss.texture).stem),) or bool(self._beside_many()))

    def _beside_many(self) -> list[Path]:
        """The style picture in the folder of a run of many styles, if the file lies in one."""
        path = self.source.parent / STYLE_PICTURES / f"{self.styles[0]}.png" if self.source else None
        return [path] if path and path.is_file() else []


def load_trained(path: str | Path) -> Checkpoint:
    """As :meth:`Checkpoint.load`, of a run, which has learned one style; UserError also for a pretrained generator."""
    checkpoint = Checkpoint.load(path)
    is_blend = len(split_address(path)[1]) > 1
    check(not is_blend, f"--ckpt {path}: a blend, which has no loss of its own; name one style")
    check(bool(checkpoint.term_norm), f"--ckpt {path}: a pretrained generator, which has no style; name a run's style.pt")
    return checkpoint


def _from_content(content: Mapping[str, Any], path: Path) -> Checkpoint:
    generator_config = read_settings(GeneratorConfig, content["generator"], "generator")
    if (resume := content.get("resume")) is not None:
        settings = read_settings(TrainConfig, resume["config"], "settings")
        check(settings.generator == generator_config, "its settings are those of another generator")
        trainer = check_trainer(resume["trainer"], expected_generator(generator_config))
        resume = ResumeState(settings, trainer, resume["texture"])
        check_picture(resume.texture, "its style picture")
    return Checkpoint(
        generator_config=generator_config,
        weights=resume.trainer["ema"] if resume else read_weights(content, generator_config),
        styles=check_styles(content["styles"]),
        calibration=check_calibration(content["calibration"], generator_config.max_noise_factor),
        loss_config=read_settings(LossConfig, content["loss"], "loss"),
        term_norm=check_positive(content["term_norm"], "term_norm"),
        training=check_training(content["training"]),
        license=check_line(content["license"], "the license"),
        card=check_card(content.get("card")),
        preview=read_preview(content.get("preview")),
        style_reader=check_style_reader(content.get("style_reader"), generator_config),
        resume=resume,
        source=path,
    )


def _to_content(checkpoint: Checkpoint, bits: int | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {
        "format": FORMAT,
        "texnet": texnet.__version__,
        "generator": to_dict(checkpoint.generator_config),
        "styles": [plain_name(name) for name in checkpoint.styles],
        "calibration": to_dict(checkpoint.calibration),
        "loss": shared_settings(checkpoint.loss_config),
        "term_norm": dict(checkpoint.term_norm),
        "training": to_dict(checkpoint.training),
        "license": checkpoint.license,
        "card": to_dict(checkpoint.card),
    }
    if (preview := checkpoint.preview) is not None:
        content["preview"] = preview.clone() if bits is None else pack_preview(preview)
    if checkpoint.style_reader:
        content["style_reader"] = copies(checkpoint.style_reader)
    if (resume := checkpoint.resume) is None:
        weights, packed = (checkpoint.weights, None) if bits is None else pack_weights(checkpoint.weights, bits)
        return {**content, "weights": copies(weights), **({"packed": packed} if packed else {})}
    state = {"config": to_dict(resume.config), "trainer": dict(resume.trainer), "texture": resume.texture.clone()}
    return {**content, "resume": state}
