"""Generators as exported graphs, for other runtimes."""

from __future__ import annotations

import pytest
import torch
from torch.export import Dim, ExportedProgram, export

from texnet.config import GeneratorConfig
from texnet.generators import GENERATORS, Generator, build_generator
from texnet.generators.noise import draw_noise

EXAMPLE = (41, 54)
SIZES = ((41, 54), (33, 47), (64, 96), (90, 35))


def make_generator(name: str, *, no_content: bool) -> Generator:
    torch.manual_seed(0)
    config = GeneratorConfig(generator=name, width=4, num_blocks=1, no_content=no_content)
    return build_generator(config).eval().requires_grad_(False)


def export_with_dynamic_size(generator: Generator, *inputs: torch.Tensor) -> ExportedProgram:
    sides = {2: Dim("height", min=32, max=4096), 3: Dim("width", min=32, max=4096)}
    shapes = tuple(sides if x.ndim == 4 else None for x in inputs)
    # that what holds for every size, but is not proved, is checked when the graph runs
    return export(generator, inputs, dynamic_shapes=shapes, prefer_deferred_runtime_asserts_over_guards=True)


@pytest.mark.parametrize(
    "name", ["light", *(pytest.param(name, marks=pytest.mark.slow) for name in sorted(GENERATORS.keys() - {"light"}))]
)
def test_a_generator_exports_with_dynamic_height_width_and_noise_factor(name: str) -> None:
    generator = make_generator(name, no_content=False)
    inputs = (draw_noise(0, (1, 3, *EXAMPLE)), torch.rand(1, 3, *EXAMPLE), torch.tensor([0.5]))
    exported = export_with_dynamic_size(generator, *inputs).module()
    for size, factor in zip(SIZES, (0.0, 0.3, 1.0, 1.7), strict=True):
        others = (draw_noise(1, (1, 3, *size)), torch.rand(1, 3, *size), torch.tensor([factor]))
        torch.testing.assert_close(exported(*others), generator(*others), rtol=0, atol=1e-5)


@pytest.mark.slow
def test_a_generator_of_textures_exports_with_dynamic_height_and_width() -> None:
    generator = make_generator("light", no_content=True)
    exported = export_with_dynamic_size(generator, draw_noise(0, (1, 3, *EXAMPLE))).module()
    for size in SIZES:
        noise = draw_noise(1, (1, 3, *size))
        torch.testing.assert_close(exported(noise), generator(noise), rtol=0, atol=1e-5)
