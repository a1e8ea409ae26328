"""The file of many styles in one network: a trunk that all share, and for each style what it changes and is known of it.

Folded into the trunk, a style is an ordinary checkpoint: ``FILE#STYLE`` names it, ``FILE#STYLE:0.7+OTHER:0.3`` a blend,
wherever a checkpoint can be named. The file is of the checkpoints' format 2, with these keys in place of theirs:

| key | what |
|---|---|
| trunk | weights of the generator that the styles share |
| collection | for each style by its name: delta, calibration, loss, term_norm, training, license, preview |
| resume | of a run alone: see :mod:`texnet.multi_style.resume` |
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import texnet
from texnet.checkpoint.card import StyleCard, check_card
from texnet.checkpoint.content import FORMAT, copies, read_content, shared_settings
from texnet.checkpoint.earlier import LATER_WEIGHTS
from texnet.checkpoint.packing import read_preview
from texnet.checkpoint.summary import TrainingSummary, check_training
from texnet.checkpoint.validation import (
    check,
    check_calibration,
    check_line,
    check_positive,
    check_styles,
    check_tensors,
    check_weights,
    read_settings,
)
from texnet.config import GeneratorConfig, LossConfig, to_dict
from texnet.errors import UserError
from texnet.files import write_atomically
from texnet.generators import Generator, build_generator
from texnet.generators.calibration import Calibration, mix_calibrations
from texnet.generators.style_delta import StyleDelta, fold_deltas

LARGEST_RANK = 256


@dataclass(frozen=True, eq=False)
class StyleEntry:
    """A style of a collection: its delta's weights, and what an ordinary checkpoint knows of a style."""

    delta: Mapping[str, Tensor]
    calibration: Calibration = field(default_factory=Calibration)
    loss_config: LossConfig = field(default_factory=LossConfig)
    term_norm: Mapping[str, float] = field(default_factory=dict)
    training: TrainingSummary = field(default_factory=TrainingSummary)
    license: str = ""
    preview: Tensor | None = None
    card: StyleCard = field(default_factory=StyleCard)

    @property
    def size(self) -> int:
        """Of its delta, bytes in the file."""
        return sum(2 * weight.numel() for weight in self.delta.values())


@dataclass(frozen=True, eq=False)
class StyleCollection:
    """Many styles in one network. ``trunk`` are the weights that they share; ``entries`` are in the order of their making."""

    generator_config: GeneratorConfig
    trunk: Mapping[str, Tensor]
    entries: Mapping[str, StyleEntry]
    resume: Mapping[str, Any] | None = None

    @classmethod
    def load(cls, path: str | Path) -> StyleCollection:
        """Read and check a file, on the CPU. FileNotFoundError or UserError say what is wrong with it."""
        if not Path(path).is_file():
            raise FileNotFoundError(f"{path}: no such file of styles")
        try:
            content = read_content(Path(path))
            check(is_collection(content), "holds one style, not many")
            return collection_of(content)
        except UserError as error:
            raise UserError(f"{path}: {error}") from error
        except Exception as error:  # whatever a forged file can cause
            raise UserError(f"{path}: not a file of texnet, or a broken one ({type(error).__name__})") from error

    def save(self, path: str | Path) -> None:
        """Write it, its weights as float16, under a temporary name, then rename."""
        buffer = io.BytesIO()
        torch.save(_to_content(self), buffer)
        write_atomically(path, buffer.getvalue())

    @property
    def matches_colors(self) -> bool:
        """Whether the styles' colors are matched to each photo's, of all styles or of none."""
        return next(iter(self.entries.values())).loss_config.match_colors

    def with_style(self, name: str, entry: StyleEntry) -> StyleCollection:
        """One that has a style more, or another of that name; the others are untouched."""
        return replace(self, entries={**self.entries, name: entry})

    def without(self, name: str) -> StyleCollection:
        """One that lacks a style. UserError where it is the only one, or not there."""
        self.find(name)
        rest = {other: entry for other, entry in self.entries.items() if other != name}
        check(bool(rest), f"{name} is the only style; delete the file instead")
        return replace(self, entries=rest)

    def find(self, name: str) -> StyleEntry:
        """A style by its name; UserError lists the names."""
        check(name in self.entries, f"no style {name}; it has {', '.join(self.entries)}")
        return self.entries[name]

    def generator(self, shares: Mapping[str, float]) -> Generator:
        """The generator of a style or of a blend, folded, frozen, on the CPU; UserError for a name that is not there."""
        generator = self.trunk_generator()
        fold_deltas(generator, [self._delta(name, generator) for name in shares], list(shares.values()))
        return generator.eval().requires_grad_(False)

    def trunk_generator(self) -> Generator:
        """What the styles share, as a generator of float32 weights."""
        generator = build_generator(self.generator_config, keeps_chroma=self.matches_colors)
        generator.load_state_dict(dict(self.trunk))
        return generator

    def _delta(self, name: str, generator: Generator) -> StyleDelta:
        """What a style changes in the trunk, of float32 weights."""
        weights = self.find(name).delta
        delta = StyleDelta(generator, rank_of(weights))
        delta.load_state_dict(dict(weights))
        return delta


def is_collection(content: Any) -> bool:
    """Whether a file's content is of many styles."""
    return isinstance(content, dict) and "collection" in content


def collection_of(content: Mapping[str, Any]) -> StyleCollection:
    """The collection of a file's content, all of it checked. UserError says what is wrong."""
    config = read_settings(GeneratorConfig, content.get("generator"), "generator")
    trunk = check_weights(content.get("trunk"), config)
    entries = content["collection"]
    check(isinstance(entries, dict) and bool(entries), "its styles are not a table")
    check_styles(list(entries))
    styles = {name: _entry_of(name, entry, config) for name, entry in entries.items()}
    matched = {entry.loss_config.match_colors for entry in styles.values()}
    check(len(matched) == 1, "some of its styles match colors, and some do not")
    return StyleCollection(config, trunk, styles, content.get("resume"))


def read_one(path: Path, shares: Mapping[str, float]) -> Mapping[str, Any]:
    """The content of a file as that of an ordinary checkpoint: its only style, or of many the one or the blend of the shares.

    UserError says what is wrong with the file, or that another style must be named.
    """
    content = read_content(path)
    if is_collection(content):
        return pick(collection_of(content), shares)
    own = ", ".join(map(str, content["styles"]))
    check(not shares or [*shares] == content["styles"], f"holds one style, {own}, and no {', '.join(shares)}")
    return content


def pick(collection: StyleCollection, shares: Mapping[str, float]) -> dict[str, Any]:
    """A style or a blend, folded, as the content of an ordinary checkpoint; without shares the only style.

    A blend has the mean of the calibrations, and no term norms: there is no loss that it was trained with. UserError for a name
    that is not there, and where one must be chosen.
    """
    names = ", ".join(collection.entries)
    check(bool(shares) or len(collection.entries) == 1, f"holds {len(collection.entries)} styles; choose with --style: {names}")
    shares = dict(shares) or dict.fromkeys(collection.entries, 1.0)
    generator = collection.generator(shares)
    main = collection.find(max(shares, key=lambda name: shares[name]))
    is_blend = len(shares) > 1
    calibration = mix_calibrations([(collection.find(name).calibration, share) for name, share in shares.items()])
    content = _facts(main) | {
        "format": FORMAT,
        "generator": to_dict(collection.generator_config),
        "weights": generator.state_dict(),
        "styles": ["+".join(shares)[:60] if is_blend else next(iter(shares))],
        "calibration": to_dict(calibration),
    }
    return content | {"term_norm": {}, "preview": None} if is_blend else content


def rank_of(delta: Mapping[str, Tensor]) -> int:
    """The rank of a delta's differences of kernels."""
    return max((len(tensor) for name, tensor in delta.items() if name.startswith("down.")), default=0)


def _entry_of(name: str, plain: Any, config: GeneratorConfig) -> StyleEntry:
    try:
        check(isinstance(plain, dict) and isinstance(plain.get("delta"), dict), "not a table")
        weights = plain["delta"]
        ranks = [tensor for key, tensor in weights.items() if str(key).startswith("down.")]
        check(all(isinstance(tensor, Tensor) and tensor.ndim == 2 for tensor in ranks), "its kernels are not matrices")
        rank = rank_of(weights)
        check(rank <= LARGEST_RANK, f"rank {rank} is more than {LARGEST_RANK}")
        expected, later = _expected_delta(config, rank)
        return StyleEntry(
            delta=check_tensors(weights, expected, "this style", later=later),
            calibration=check_calibration(plain.get("calibration"), config.max_noise_factor),
            loss_config=read_settings(LossConfig, plain.get("loss"), "loss"),
            term_norm=check_positive(plain.get("term_norm"), "term_norm"),
            training=check_training(plain.get("training")),
            license=check_line(plain.get("license"), "the license"),
            preview=read_preview(plain.get("preview")),
            card=check_card(plain.get("card")),
        )
    except UserError as error:
        raise UserError(f"style {name}: {error}") from error


@cache
def _expected_delta(config: GeneratorConfig, rank: int) -> tuple[Mapping[str, Tensor], frozenset[str]]:
    """The weights that a delta of a rank has, on the device meta: names, shapes and formats; and those of later layers."""
    with torch.device("meta"):
        delta = StyleDelta(build_generator(config), rank)
    later = [number for number, name in enumerate(delta.kernel_names) if name in LATER_WEIGHTS]
    return delta.state_dict(), frozenset(f"{factor}.{number}" for number in later for factor in ("down", "up"))


def _facts(entry: StyleEntry) -> dict[str, Any]:
    """What an ordinary checkpoint says of a style, as plain types."""
    return {
        "calibration": to_dict(entry.calibration),
        "loss": shared_settings(entry.loss_config),
        "term_norm": dict(entry.term_norm),
        "training": to_dict(entry.training),
        "license": entry.license,
        "preview": entry.preview,
        "card": to_dict(entry.card),
    }


def _to_content(collection: StyleCollection) -> dict[str, Any]:
    entries = {
        name: {**_facts(entry), "delta": copies({key: weight.half() for key, weight in entry.delta.items()})}
        for name, entry in collection.entries.items()
    }
    return {
        "format": FORMAT,
        "texnet": texnet.__version__,
        "generator": to_dict(collection.generator_config),
        "trunk": copies({name: weight.half() for name, weight in collection.trunk.items()}),
        "collection": entries,
        **({} if collection.resume is None else {"resume": dict(collection.resume)}),
    }
