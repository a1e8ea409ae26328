"""What slow optimization reaches on a photo, for comparison: computed once, then kept under a hash of all it depends on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from statistics import fmean

from torch import Tensor

from texnet import metrics
from texnet.caches import cache_folder, user_folder, writable_folder
from texnet.config import EvaluateConfig
from texnet.errors import UserError
from texnet.files import read_json, write_atomically
from texnet.losses import PerceptualLoss
from texnet.monitoring.base import totals
from texnet.optimize import optimize

RECIPE = "L-BFGS from the photo, 1"  # counted up when optimize() changes, so that no old result is taken for a new one


@dataclass(frozen=True)
class OptimizationReference:
    """The loss after 0, 1, 2, ... steps, and content and style of the finished picture."""

    losses: list[float]
    content: float
    style: float

    @property
    def loss(self) -> float:
        """The loss of the finished picture."""
        return self.losses[-1]


@dataclass(frozen=True)
class Optimality:
    """A network's loss over that of slow optimization, the optimality ratio, and the step whose loss it equals.

    Ratios are geometric means over the photos; ``content_ratio`` is None where content has no weight.
    """

    steps: int
    photos: int
    ratio: float
    style_ratio: float
    content_ratio: float | None
    equivalent_steps: float


def compare_with_references(terms: Sequence[Mapping[str, float]], references: Sequence[OptimizationReference]) -> Optimality:
    """A network's weighted terms and sums on each photo beside what optimization reaches on the first of these photos."""
    pairs = list(zip(terms, references, strict=False))
    has_content = all(reference.content for _, reference in pairs)  # none weighs nothing, or the photo was not changed
    return Optimality(
        steps=len(references[0].losses) - 1,
        photos=len(pairs),
        ratio=metrics.geometric_mean([own["loss"] / reference.loss for own, reference in pairs]),
        style_ratio=metrics.geometric_mean([own["style"] / reference.style for own, reference in pairs]),
        content_ratio=metrics.geometric_mean([own["content"] / reference.content for own, reference in pairs])
        if has_content
        else None,
        equivalent_steps=fmean([metrics.equivalent_steps(reference.losses, own["loss"]) for own, reference in pairs]),
    )


def find_references(
    config: EvaluateConfig,
    loss: PerceptualLoss,
    starts: Iterable[Tensor],
    on_step: Callable[[], object],
    log: Callable[[str], object] = lambda text: None,
) -> tuple[OptimizationReference, ...]:
    """What the config's steps reach from the first ``optimum_images`` of some pictures, each (1, 3, H, W); none for 0 steps.

    ``on_step`` is called after each step. ``log`` gets a line where the results cannot be kept.
    """
    if not config.optimum_steps:
        return ()
    wanted = user_folder(config.cache_dir, "--cache_dir") if config.cache_dir else cache_folder() / "references"
    cache_dir = writable_folder(wanted, "results of the optimization", log)
    chosen = islice(starts, config.optimum_images or None)
    return tuple(find_reference(loss, start, config.optimum_steps, cache_dir, on_step) for start in chosen)


def find_reference(
    loss: PerceptualLoss, photo: Tensor, steps: int, cache_dir: Path, on_step: Callable[[], object] = lambda: None
) -> OptimizationReference:
    """What ``steps`` of L-BFGS from a photo, (1, 3, H, W), reach; read from ``cache_dir`` where it is there.

    With a loss that has no content terms the photo is only the initialization, and may be noise.
    """
    loss.match(photo)
    path = cache_dir / f"{_fingerprint(loss, photo, steps)}.json"
    known = _read(path)
    if known is not None:
        return known
    losses = []
    for step in optimize(loss, photo, photo, steps=steps):
        losses.append(step.loss)
        on_step()
    values = totals(step.terms)
    reference = OptimizationReference(losses, values.get("content", 0.0), values["style"])
    with suppress(OSError):  # a full disk: what was computed counts
        write_atomically(path, json.dumps(asdict(reference)).encode())
    return reference


def _read(path: Path) -> OptimizationReference | None:
    """What was kept; None where nothing was, or it is damaged."""
    try:
        known = OptimizationReference(**read_json(path))
        good = bool(known.losses) and all(map(math.isfinite, [*known.losses, known.content, known.style]))
    except (OSError, UserError, TypeError):
        return None
    return known if good else None


def _fingerprint(loss: PerceptualLoss, photo: Tensor, steps: int) -> str:
    settings = (
        *(RECIPE, steps, loss.style_layers, loss.content_layers, loss.statistic.__name__),
        *(loss.style_weight, loss.content_weight, loss.luminance_weight, loss.tv_weight, sorted(loss.term_norm.items())),
    )
    digest = sha256(repr(settings).encode())
    targets = [target for parts in loss.style_targets.values() for target in parts.values()]
    for tensor in (photo, *targets, *loss.features.state_dict().values()):
        digest.update(repr((tensor.shape, tensor.dtype)).encode())
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:32]
