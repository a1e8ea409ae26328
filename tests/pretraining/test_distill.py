"""Distillation: its images, and that the student learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from texnet.config import STYLE_TAPS
from texnet.data import CropLoader, PhotoDataset
from texnet.drawing import draw_scene
from texnet.losses.features import Features
from texnet.losses.style import covariance
from texnet.picture_files import find_pictures
from texnet.pretraining.channel_selection import Teacher, choose_channels, fit_layers
from texnet.pretraining.distill import STEP_SIZE, Distillation, add_noise, explained_variance
from texnet.pretraining.distill_data import NUM_OPTIMIZED, DistillationData, OptimizedBatch

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


def optimized_batch(pictures: Tensor, *, by_student: bool = False) -> OptimizedBatch:
    style = torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(5))
    return OptimizedBatch(pictures, style, steps=0, by_student=by_student)


def losses(distillation: Distillation, pictures: Tensor, learning_rate: float) -> dict[str, float]:
    """The terms of the loss of a step whose fresh and optimized images are the same pictures."""
    terms = distillation.step(pictures, optimized_batch(pictures), learning_rate)
    return {name: term.item() for name, term in terms.items()}


@pytest.mark.slow
def test_the_student_learns_to_explain_the_features_of_the_teacher(teacher: Teacher, pictures: Tensor) -> None:
    pictures = pictures[:2]
    student = Features("compact", TAPS)
    fit_layers(student, teacher, pictures[:1])
    distillation = Distillation(student, teacher, seed=0)

    def explained() -> dict[str, float]:
        with torch.no_grad():
            return explained_variance(student(pictures), teacher(pictures, TAPS))

    before = explained()
    totals = [sum(losses(distillation, pictures, 1e-3).values()) for _ in range(15)]
    after = explained()
    assert sum(totals[-3:]) < 0.9 * sum(totals[:3])
    assert all(after[tap] > before[tap] for tap in ("relu2_2", "relu3_2"))


def test_a_student_with_the_features_of_the_teacher_has_no_loss(teacher: Teacher, pictures: Tensor) -> None:
    class Perfect(torch.nn.Module):
        taps = TAPS

        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, image: Tensor, taps: tuple[str, ...] = TAPS) -> dict[str, Tensor]:
            return {tap: self.scale * x for tap, x in teacher(image, taps).items()}

    distillation = Distillation(Perfect(), teacher, seed=0)  # type: ignore[arg-type]
    nothing = pytest.approx(0, abs=1e-6)
    assert losses(distillation, pictures, 0.0) == {"fresh": nothing, "optimized": nothing}


def test_a_loss_that_is_not_finite_is_named_and_changes_no_weight(teacher: Teacher, pictures: Tensor) -> None:
    student = Features("compact", TAPS)
    distillation, before = Distillation(student, teacher, seed=0), {k: v.clone() for k, v in student.state_dict().items()}
    with pytest.raises(FloatingPointError, match=r"^step 1: fresh is not finite$"):
        distillation.step(torch.full_like(pictures, torch.nan), optimized_batch(pictures), 1e-3)
    assert all(torch.equal(value, before[name]) for name, value in student.state_dict().items())


def style_distance(teacher: Teacher, batch: OptimizedBatch) -> float:
    with torch.no_grad():
        features, targets = teacher(batch.images, STYLE_TAPS), teacher(batch.style, STYLE_TAPS)
        pairs = [(covariance(features[tap])["mean"], covariance(targets[tap])["mean"]) for tap in STYLE_TAPS]
    return sum((mean - target).square().sum().item() for mean, target in pairs)


def test_images_optimized_by_the_teacher_come_nearer_to_the_style(teacher: Teacher, pictures: Tensor) -> None:
    pictures = pictures[:2]
    distillation = Distillation(Features("compact", TAPS), teacher, seed=0)
    batch = optimized_batch(0.3 * pictures)
    before = style_distance(teacher, batch)
    for _ in range(8):
        distillation.step(pictures, batch, 1e-4)
    assert batch.steps == 8
    assert style_distance(teacher, batch) < before


@pytest.mark.parametrize("by_student", [False, True])
def test_an_optimized_image_changes_by_the_step_size(teacher: Teacher, pictures: Tensor, by_student: bool) -> None:
    distillation = Distillation(Features("compact", TAPS), teacher, seed=0)
    batch = optimized_batch(0.25 + 0.5 * pictures, by_student=by_student)
    before = batch.images
    distillation.step(pictures, batch, 1e-4)
    changes = (batch.images - before).square().mean((1, 2, 3)).sqrt()
    assert torch.allclose(changes, torch.full_like(changes, STEP_SIZE), rtol=0.02)


def test_every_second_picture_gets_noise(pictures: Tensor) -> None:
    noisy = add_noise(pictures, torch.Generator().manual_seed(0))
    assert [torch.equal(a, b) for a, b in zip(noisy, pictures, strict=True)] == [True, False] * 3


def test_the_data_are_the_same_for_the_same_seed(photo_folder: Path, style_path: Path) -> None:
    def draw() -> tuple[list[Tensor], list[int]]:
        with CropLoader(PhotoDataset(find_pictures(photo_folder), SIZE), batch_size=2, num_workers=1, seed=0) as loader:
            data = DistillationData(loader, [style_path], [], size=SIZE, device=CPU, seed=0)
            fresh = [data.fresh(step) for step in range(6)]
            batches = [data.optimized(step) for step in range(40)]
        return fresh, [id(batch) for batch in batches]

    first, batches = draw()
    again, _ = draw()
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(batch.shape == (2, 3, SIZE, SIZE) for batch in first)
    assert len(set(batches)) == NUM_OPTIMIZED
