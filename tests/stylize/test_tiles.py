"""Pictures in tiles equal pictures painted at once, to the last bit on the CPU."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.helpers import moved_generator
from texnet.config import GeneratorConfig
from texnet.config.train import GENERATOR_NAMES
from texnet.generators.plane_operations import Region
from texnet.generators.planes import planes_behind, record
from texnet.generators.statistics_sweeps import LIMITS, peak_bytes, plan_sweeps
from texnet.stylize import StrokeScaler, Stylizer
from texnet.stylize.canvas import Grid, TensorCanvas, TileFiles, whole
from texnet.stylize.stroke_size import Enlarged, Resized, stroke_canvases
from texnet.stylize.tiles import TiledPainting

SEED = 3


def build(name: str, **options: int) -> Stylizer:
    """A stylizer whose weights have left their first values."""
    generator = moved_generator(GeneratorConfig(generator=name, **{"width": 6, "num_blocks": 2, **options}))
    return Stylizer(generator, style="mosaic", max_noise_factor=2.0)


def draw(height: int, width: int) -> Tensor:
    """A picture whose parts differ in their statistics."""
    values = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(height))
    return values * torch.linspace(0.2, 1, width) + (1 - values) * torch.linspace(0, 0.5, height)[:, None]


def paint(stylizer: Stylizer, image: Tensor, folder: Path, tile: int = 256, factor: float = 1.0) -> Tensor:
    painting = TiledPainting(stylizer, TensorCanvas(image), factor, SEED, folder, tile)
    painting.paint()
    return whole(painting)


@pytest.mark.parametrize("factor", [1.0, 0.4])
@pytest.mark.parametrize("size", [(515, 301), (257, 640)])
@pytest.mark.parametrize("name", GENERATOR_NAMES)
def test_tiles_equal_the_whole(name: str, size: tuple[int, int], factor: float, tmp_path: Path) -> None:
    stylizer, image = build(name), draw(*size)
    assert torch.equal(paint(stylizer, image, tmp_path, factor=factor), stylizer(image, factor, SEED))


@pytest.mark.parametrize("factor", [1.0, 0.4])
def test_tiles_keep_the_chroma_as_the_whole_does(factor: float, tmp_path: Path) -> None:
    stylizer, image = build("light"), draw(300, 270)
    plain = stylizer(image, factor, SEED)
    stylizer.generator.keeps_chroma = True
    output = stylizer(image, factor, SEED)
    assert (output - plain).abs().max() > 0.02
    assert torch.equal(paint(stylizer, image, tmp_path, factor=factor), output)


@pytest.mark.slow
@pytest.mark.parametrize("tile", [256, 512, 1024, 2048])
@pytest.mark.parametrize("name", GENERATOR_NAMES)
def test_tiles_of_any_size_equal_the_whole_at_the_default_width(name: str, tile: int, tmp_path: Path) -> None:
    sizes = random.Random(tile)
    stylizer = build(name, width=24, num_blocks=5)
    image = draw(tile + sizes.randrange(1, 300), sizes.randrange(40, 700))
    assert torch.equal(paint(stylizer, image, tmp_path, tile), stylizer(image, 1.0, SEED))


@pytest.mark.parametrize("limit", LIMITS)
def test_what_is_kept_in_files_changes_nothing(limit: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("texnet.stylize.tiles.LIMITS", (limit,))
    stylizer, image = build("pyramid"), draw(300, 270)
    assert torch.equal(paint(stylizer, image, tmp_path), stylizer(image, 1.0, SEED))


def test_bfloat16_is_the_same_in_tiles(tmp_path: Path) -> None:
    plain = build("residual")
    stylizer = Stylizer(plain.generator, style="mosaic", max_noise_factor=2.0, precision=torch.bfloat16)
    image = draw(300, 270)
    assert torch.equal(paint(stylizer, image, tmp_path), stylizer(image, 1.0, SEED))


def test_an_interrupted_painting_goes_on_and_is_the_same(tmp_path: Path) -> None:
    stylizer, image = build("light"), draw(515, 301)
    done: list[float] = []

    def interrupt(work: float) -> None:
        done.append(work)
        if len(done) == 17:
            raise KeyboardInterrupt

    painting = TiledPainting(stylizer, TensorCanvas(image), 1.0, SEED, tmp_path, 256)
    total = painting.work
    with pytest.raises(KeyboardInterrupt):
        painting.paint(interrupt)
    again = TiledPainting(stylizer, TensorCanvas(image), 1.0, SEED, tmp_path, 256)
    assert again.work == pytest.approx(total - sum(done))
    again.paint(done.append)
    assert sum(done) == pytest.approx(total)
    assert torch.equal(whole(again), stylizer(image, 1.0, SEED))


def test_only_the_painting_and_sums_are_left_in_the_folder(tmp_path: Path) -> None:
    paint(build("residual"), draw(300, 270), tmp_path)
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {"done", "limit", "result", "sums"}


@pytest.mark.parametrize("name", GENERATOR_NAMES)
def test_with_everything_kept_no_convolution_before_the_last_sweep_is_computed_twice(name: str) -> None:
    stylizer = build(name)
    with torch.no_grad():
        modulations = stylizer.generator.conditioning(torch.ones(1))
        output = record(stylizer.generator.body, 6, (512, 512), modulations)
    work = sum(p.operation.work * p.size[0] * p.size[1] / 512**2 for p in planes_behind(output))
    sweeps = plan_sweeps(output, 1e9)
    assert sum(sweep.work for sweep in plan_sweeps(output, 0)) > sum(sweep.work for sweep in sweeps)
    assert sweeps[-1].wanted == (output,)
    assert peak_bytes(plan_sweeps(output, 0), output) == 0
    assert sum(sweep.work for sweep in sweeps) > work


@pytest.mark.slow
def test_a_guide_paints_another_picture_without_seams_in_one_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("texnet.stylize.tiles.GUIDE_PIXELS", 300**2)
    stylizer, image = build("light"), draw(600, 520)
    painted = []
    for tile in (256, 1024):
        painting = TiledPainting(stylizer, TensorCanvas(image), 1.0, SEED, tmp_path / str(tile), tile, "guide")
        assert len(painting.sweeps) == 1
        painting.paint()
        painted.append(whole(painting))
    assert torch.equal(*painted)
    assert not torch.equal(painted[0], stylizer(image, 1.0, SEED))


def test_files_of_tiles_give_any_region(tmp_path: Path) -> None:
    values = torch.randn(1, 5, 70, 50)
    files = TileFiles(tmp_path, Grid((70, 50), 32), 5)
    for row, column, place in files.grid:
        files.write(row, column, place.cut_from(values, Region(0, 0, 0, 0)))
    region = Region(10, 69, 31, 33)
    assert torch.equal(files.read(region), region.cut_from(values, Region(0, 0, 0, 0)))


@pytest.mark.parametrize("stroke_size", [0.5, 1.7, 4.0])
def test_strokes_of_another_size_are_the_same_in_tiles(stroke_size: float, tmp_path: Path) -> None:
    stylizer, image = build("light"), draw(530, 310)
    canvases = stroke_canvases(stylizer, TensorCanvas(image), 0.8, SEED, stroke_size, tmp_path, tile=256, statistics="exact")
    for canvas in canvases:
        if isinstance(canvas, TiledPainting):
            canvas.paint()
    parts = [canvases[-1].read(region) for _, _, region in Grid((530, 310), 256)]
    rows = [torch.cat(parts[start : start + 2], dim=3) for start in (0, 2, 4)]
    assert torch.equal(torch.cat(rows, dim=2), StrokeScaler(stylizer, stroke_size)(image, 0.8, SEED))


def test_stroke_size_one_and_noise_factor_nothing_change_nothing() -> None:
    stylizer, image = build("light"), draw(40, 50)
    assert torch.equal(StrokeScaler(stylizer, 1.0)(image, 0.7, SEED), stylizer(image, 0.7, SEED))
    assert torch.equal(StrokeScaler(stylizer, 3.0)(image, 0.0, SEED), image)


def test_an_enlarged_painting_keeps_the_edges_of_the_photo() -> None:
    photo = torch.zeros(1, 3, 64, 64)
    photo[..., 30:] = 1  # an edge within a pixel of the painting
    small = Resized(TensorCanvas(photo), (16, 16))
    painting = torch.zeros(1, 3, 16, 16)
    painting[:, 0], painting[:, 2, :, 8:] = 1, 1
    painting[:, 0, :, 8:] = 0  # red on the left, blue on the right
    enlarged = whole(Enlarged(TensorCanvas(painting), small, TensorCanvas(photo)))
    assert (enlarged[:, 0, :, :30] > 0.9).all()
    assert (enlarged[:, 2, :, 30:] > 0.9).all()


def test_a_canvas_at_its_own_size_is_itself() -> None:
    image = draw(20, 30)
    torch.testing.assert_close(whole(Resized(TensorCanvas(image), (20, 30))), image, rtol=0, atol=1e-6)
    flat = torch.full((1, 3, 40, 60), 0.3)
    torch.testing.assert_close(whole(Resized(TensorCanvas(flat), (13, 90))), torch.full((1, 3, 13, 90), 0.3))


def test_a_body_with_an_unknown_function_is_named() -> None:
    with pytest.raises(TypeError, match="planes do not know softmax"):
        record(lambda x, modulations: torch.softmax(x, 1), 6, (64, 64), [torch.zeros(1, 2)])
