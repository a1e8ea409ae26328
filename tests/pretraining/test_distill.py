"""Teaching a small network: what it is taught, and that it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from texnet.config import STYLE_TAPS
from texnet.data import CropLoader, PhotoDataset
from texnet.drawing import draw_scene
from texnet.files import find_pictures
from texnet.losses.features import Features
from texnet.losses.style import covariance
from texnet.pretraining.channel_selection import Teacher, choose_channels, fit_layers
from texnet.pretraining.distill import STEP, Distillation, OptimizedBatch, disturb, explained
from texnet.pretraining.distill_data import DistillationData

TAPS = ("relu1_2", "relu2_2", "relu3_2", "relu4_1")
CPU = torch.device("cpu")
SIZE = 32


def random_network(architecture: str) -> Features:
    torch.manual_seed(1)
    features = Features(architecture, TAPS)
    for parameter in features.parameters():
        torch.nn.init.kaiming_normal_(parameter) if parameter.ndim > 1 else torch.nn.init.zeros_(parameter)
    return features


@pytest.fixture(scope="module")
def vgg() -> Features:
    return random_network("vgg19")


def picture(seed: int) -> Tensor:
    return torch.from_numpy(np.array(draw_scene(SIZE, seed))).permute(2, 0, 1)[None].float() / 255


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    return torch.cat([picture(seed) for seed in range(6)])


@pytest.fixture(scope="module")
def teacher(vgg: Features, pictures: Tensor) -> Teacher:
    return choose_channels(vgg, pictures)


def optimized(pictures: Tensor, *, by_student: bool) -> OptimizedBatch:
    return OptimizedBatch(pictures, torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(5)), 0, by_student)


def parts_of(distillation: Distillation, pictures: Tensor, rate: float) -> dict[str, float]:
    """The parts of the loss of a step from some pictures, which are fresh and on their way as well."""
    parts = distillation.step(pictures, optimized(pictures, by_student=False), rate)
    return {name: part.item() for name, part in parts.items()}


def test_the_student_comes_to_explain_what_the_teacher_sees(teacher: Teacher, pictures: Tensor) -> None:
    student = Features("compact", TAPS)
    fit_layers(student, teacher, pictures[:1])
    distillation = Distillation(student, teacher, seed=0)

    def shares() -> dict[str, float]:
        with torch.no_grad():
            return dict(explained(student(pictures), teacher(pictures, TAPS)))

    before = shares()
    losses = [sum(parts_of(distillation, pictures, 1e-3).values()) for _ in range(40)]
    after = shares()
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])
    assert all(after[tap] > before[tap] for tap in ("relu2_2", "relu3_2"))


def test_a_student_that_sees_what_the_teacher_sees_has_nothing_to_learn(teacher: Teacher, pictures: Tensor) -> None:
    class Perfect(torch.nn.Module):
        taps = TAPS

        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, image: Tensor, taps: tuple[str, ...] = TAPS) -> dict[str, Tensor]:
            return {tap: self.scale * x for tap, x in teacher(image, taps).items()}

    distillation = Distillation(Perfect(), teacher, seed=0)  # type: ignore[arg-type]
    nothing = pytest.approx(0, abs=1e-6)
    assert parts_of(distillation, pictures, 0.0) == {"features": nothing, "on the way": nothing}


def test_a_step_that_is_not_finite_moves_no_weight_and_is_named(teacher: Teacher, pictures: Tensor) -> None:
    student = Features("compact", TAPS)
    distillation, before = Distillation(student, teacher, seed=0), {k: v.clone() for k, v in student.state_dict().items()}
    with pytest.raises(FloatingPointError, match=r"^step 1: features is not finite$"):
        distillation.step(torch.full_like(pictures, torch.nan), optimized(pictures, by_student=False), 1e-3)
    assert all(torch.equal(value, before[name]) for name, value in student.state_dict().items())


def distance(teacher: Teacher, pictures: Tensor, style: Tensor) -> float:
    with torch.no_grad():
        seen, wanted = teacher(pictures, STYLE_TAPS), teacher(style, STYLE_TAPS)
        parts = [(covariance(seen[tap])[part], covariance(wanted[tap])[part]) for tap in STYLE_TAPS for part in ("mean",)]
    return sum((a - b).square().sum().item() for a, b in parts)


def test_pictures_that_are_led_by_the_teacher_come_nearer_to_the_style(teacher: Teacher, pictures: Tensor) -> None:
    distillation = Distillation(Features("compact", TAPS), teacher, seed=0)
    walking = optimized(0.3 * pictures, by_student=False)
    before = distance(teacher, walking.pictures, walking.style)
    for _ in range(10):
        distillation.step(pictures, walking, 1e-4)
    assert walking.steps == 10
    assert distance(teacher, walking.pictures, walking.style) < before


@pytest.mark.parametrize("by_student", [False, True])
def test_a_step_has_a_stated_length(teacher: Teacher, pictures: Tensor, by_student: bool) -> None:
    distillation = Distillation(Features("compact", TAPS), teacher, seed=0)
    walking = optimized(0.25 + 0.5 * pictures, by_student=by_student)
    before = walking.pictures
    distillation.step(pictures, walking, 1e-4)
    lengths = (walking.pictures - before).square().mean((1, 2, 3)).sqrt()
    assert torch.allclose(lengths, torch.full_like(lengths, STEP), rtol=0.02)


def test_each_second_picture_is_disturbed(pictures: Tensor) -> None:
    disturbed = disturb(pictures, torch.Generator().manual_seed(0))
    assert [torch.equal(a, b) for a, b in zip(disturbed, pictures, strict=True)] == [True, False] * 3


def test_the_mixture_gives_the_same_pictures_for_the_same_step(photo_folder: Path, style_path: Path) -> None:
    def draw() -> tuple[list[Tensor], list[int]]:
        with CropLoader(PhotoDataset(find_pictures(photo_folder), SIZE), batch_size=2, num_workers=1, seed=0) as loader:
            stream = DistillationData(loader, [style_path], [], size=SIZE, device=CPU, seed=0)
            fresh = [stream.fresh(step) for step in range(6)]
            batches = [stream.optimized(step) for step in range(40)]
        return fresh, [id(walking) for walking in batches]

    first, batches = draw()
    again, _ = draw()
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(batch.shape == (2, 3, SIZE, SIZE) for batch in first)
    assert len(set(batches)) == 12
