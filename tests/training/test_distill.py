"""Teaching a small network: what it is taught, and that it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from texnet.data import CropLoader, Photos
from texnet.drawing import draw_scene
from texnet.files import find_pictures
from texnet.losses.features import CHANNELS, Features
from texnet.losses.style import covariance
from texnet.training.distill import STEP, STYLE_TAPS, Distillation, Projections, Walker, disturb, explained, prepare
from texnet.training.mixture import Mixture

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
def teacher() -> Features:
    return random_network("vgg19")


def picture(seed: int) -> Tensor:
    return torch.from_numpy(np.array(draw_scene(SIZE, seed))).permute(2, 0, 1)[None].float() / 255


@pytest.fixture
def pictures() -> Tensor:
    return torch.cat([picture(seed) for seed in range(6)])


@pytest.fixture
def projections(teacher: Features, pictures: Tensor) -> Projections:
    return Projections(teacher, TAPS, pictures)


def test_the_directions_are_orthonormal_and_as_many_as_the_students_channels(projections: Projections) -> None:
    for tap, width in zip(TAPS, CHANNELS["compact"], strict=False):
        directions = projections.maps[tap]
        assert directions.shape[0] == width
        assert torch.allclose(directions @ directions.T, torch.eye(width), atol=1e-5)


def test_no_other_directions_hold_more_of_the_features(teacher: Features, projections: Projections, pictures: Tensor) -> None:
    with torch.no_grad():
        seen = teacher(pictures)["relu2_2"]
        kept = projections(pictures, TAPS)["relu2_2"]
        others, _ = torch.linalg.qr(torch.randn(seen.shape[1], kept.shape[1]))
        random = torch.einsum("nchw,ck->nkhw", seen, others)
    assert random.square().sum() < kept.square().sum() <= seen.square().sum() * (1 + 1e-5)


def test_the_student_has_the_teachers_layers_at_the_teachers_resolutions(teacher: Features, pictures: Tensor) -> None:
    student = Features("compact", TAPS)
    small, large = student(pictures), teacher(pictures)
    assert {tap: x.shape[2:] for tap, x in small.items()} == {tap: x.shape[2:] for tap, x in large.items()}
    assert [x.shape[1] for x in small.values()] == list(CHANNELS["compact"][:4])


def test_convolutions_are_no_taps_of_the_student() -> None:
    with pytest.raises(ValueError, match=r"compact has no layer 'conv1_1'; it has hues, relu1_1, "):
        Features("compact", ("conv1_1",))


def walker(pictures: Tensor, *, by_student: bool) -> Walker:
    return Walker(pictures, torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(5)), 0, by_student)


def test_the_student_comes_to_explain_what_the_teacher_sees_and_turns_with_it(
    projections: Projections, pictures: Tensor
) -> None:
    student = Features("compact", TAPS)
    prepare(student, projections, pictures)
    distillation = Distillation(student, projections, seed=0)
    turns = [distillation.step(pictures, walker(pictures, by_student=False), 3e-3)["gradient"] for _ in range(60)]
    with torch.no_grad():
        shares = dict(explained(student(pictures), projections(pictures, TAPS)))
    assert shares["relu1_2"] > 0.3 and shares["relu2_2"] > 0.2
    assert sum(turns[-5:]) < 0.95 * sum(turns[:5])


def test_a_prepared_student_begins_at_the_mean_of_what_it_should_give(projections: Projections, pictures: Tensor) -> None:
    student = Features("compact", TAPS)
    prepare(student, projections, pictures)
    with torch.no_grad():
        seen, targets = student(pictures), projections(pictures, TAPS)
    for tap in TAPS:
        assert torch.allclose(seen[tap].mean((0, 2, 3)), targets[tap].mean((0, 2, 3)), rtol=1e-3, atol=1e-3)
        assert seen[tap].var(dim=(0, 2, 3)).sum() == pytest.approx(targets[tap].var(dim=(0, 2, 3)).sum().item(), rel=1e-3)


def distance(projections: Projections, pictures: Tensor, style: Tensor) -> float:
    with torch.no_grad():
        seen, wanted = projections(pictures, STYLE_TAPS), projections(style, STYLE_TAPS)
        parts = [(covariance(seen[tap])[part], covariance(wanted[tap])[part]) for tap in STYLE_TAPS for part in ("mean",)]
    return sum((a - b).square().sum().item() for a, b in parts)


def test_pictures_that_are_led_by_the_teacher_come_nearer_to_the_style(projections: Projections, pictures: Tensor) -> None:
    distillation = Distillation(Features("compact", TAPS), projections, seed=0)
    walking = walker(0.3 * pictures, by_student=False)
    before = distance(projections, walking.pictures, walking.style)
    for _ in range(10):
        distillation.step(pictures, walking, 1e-4)
    assert walking.steps == 10
    assert distance(projections, walking.pictures, walking.style) < before


@pytest.mark.parametrize("by_student", [False, True])
def test_a_step_has_a_stated_length(projections: Projections, pictures: Tensor, by_student: bool) -> None:
    distillation = Distillation(Features("compact", TAPS), projections, seed=0)
    walking = walker(0.25 + 0.5 * pictures, by_student=by_student)
    before = walking.pictures
    distillation.step(pictures, walking, 1e-4)
    lengths = (walking.pictures - before).square().mean((1, 2, 3)).sqrt()
    assert torch.allclose(lengths, torch.full_like(lengths, STEP), rtol=0.02)


def test_an_equal_student_has_an_equal_gradient(teacher: Features, pictures: Tensor) -> None:
    """A student whose features are the projections themselves does not turn from VGG's direction beyond what they leave out."""
    projections = Projections(teacher, TAPS, pictures)

    class Perfect(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, image: Tensor, taps: tuple[str, ...] = TAPS) -> dict[str, Tensor]:
            return {tap: self.scale * x for tap, x in projections(image, taps).items()}

    distillation = Distillation(Perfect(), projections, seed=0)  # type: ignore[arg-type]
    parts = distillation.step(pictures, walker(pictures, by_student=False), 0.0)
    assert parts["gradient"] == pytest.approx(0, abs=1e-3)
    assert parts["features"] == pytest.approx(0, abs=1e-6)


def test_each_second_picture_is_disturbed(pictures: Tensor) -> None:
    disturbed = disturb(pictures, torch.Generator().manual_seed(0))
    assert [torch.equal(a, b) for a, b in zip(disturbed, pictures, strict=True)] == [True, False] * 3


def test_the_mixture_gives_the_same_pictures_for_the_same_step(photo_folder: Path, style_path: Path) -> None:
    def draw() -> tuple[list[Tensor], list[int]]:
        with CropLoader(Photos(find_pictures(photo_folder), SIZE), batch_size=2, num_workers=1, seed=0) as loader:
            mixture = Mixture(loader, [style_path], [], size=SIZE, device=CPU, seed=0)
            fresh = [mixture.fresh(step) for step in range(6)]
            walkers = [mixture.walker(step) for step in range(40)]
        return fresh, [id(walking) for walking in walkers]

    first, walkers = draw()
    again, _ = draw()
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(batch.shape == (2, 3, SIZE, SIZE) for batch in first)
    assert len(set(walkers)) == 12
