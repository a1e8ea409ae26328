"""Textures of any size in tiles: without seams, without end, the same for the same seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.synthesize.helpers import SAMPLE, TILE, make_generator, make_synthesizer
from texnet.checkpoint import Checkpoint
from texnet.config import GENERATOR_NAMES, GeneratorConfig
from texnet.errors import UserError
from texnet.generators import build_generator
from texnet.generators.noise import noise_at
from texnet.generators.style_reader import StyleReader
from texnet.images import to_bytes
from texnet.losses.descriptor import DESCRIPTOR_SIZE
from texnet.synthesize import Synthesizer

every_generator = pytest.mark.parametrize("name", GENERATOR_NAMES)
PRECISIONS = (torch.float32, torch.bfloat16)
PLAIN, TILEABLE = pytest.param(False, id="plain"), pytest.param(True, id="tileable")


def difference(a: Tensor, b: Tensor) -> int:
    """The largest difference of two pictures of bytes."""
    assert a.shape == b.shape
    return int((a.int() - b.int()).abs().max())


def roughness(picture: Tensor, dim: int) -> tuple[float, Tensor]:
    """Mean difference of neighbors across the edge at which a picture is repeated, and of all neighbors within it."""
    steps = (picture.float().roll(-1, dim) - picture.float()).abs().mean([d for d in range(3) if d != dim])
    return steps[-1].item(), steps[:-1]


@every_generator
@pytest.mark.parametrize("tileable", [PLAIN, TILEABLE])
@pytest.mark.parametrize("size", [(96, 128), (101, 77)])
def test_tiles_are_the_whole(name: str, tileable: bool, size: tuple[int, int]) -> None:
    whole = make_synthesizer(name, tile=1000)(size, 3, tileable=tileable)
    assert difference(make_synthesizer(name, tile=40)(size, 3, tileable=tileable), whole) <= 1
    assert difference(make_synthesizer(name, tile=33)(size, 3, tileable=tileable), whole) <= 1


@pytest.mark.slow
@every_generator
@pytest.mark.parametrize("tileable", [PLAIN, TILEABLE])
def test_tiles_are_the_whole_in_bfloat16_too(name: str, tileable: bool) -> None:
    whole, tiled = (
        make_synthesizer(name, tile=tile, precision=torch.bfloat16)((101, 77), 3, tileable=tileable) for tile in (1000, 33)
    )
    assert difference(tiled, whole) <= 1


@pytest.mark.slow
@every_generator
def test_in_bfloat16_a_texture_is_painted_as_in_float32_but_for_rounding(name: str) -> None:
    exact, rounded = (make_synthesizer(name, precision=precision)((96, 128), 3) for precision in PRECISIONS)
    assert 0 < (exact.float() - rounded.float()).abs().mean() < 4


def test_tiles_are_the_whole_for_the_pyramid_of_default_depth() -> None:
    whole = make_synthesizer(num_blocks=5, tile=1000)((160, 96), 3)
    assert difference(make_synthesizer(num_blocks=5, tile=64)((160, 96), 3), whole) <= 1


@every_generator
def test_a_tileable_picture_is_what_the_network_with_its_circular_borders_paints_at_once(name: str) -> None:
    synthesizer = Synthesizer(make_generator(name), style="peppers", tile=TILE, sample=SAMPLE)
    picture, generator = synthesizer((64, 96), 7, tileable=True), synthesizer.generator
    generator.body.trims = False
    noise = noise_at(7, 3, torch.arange(64), torch.arange(96))
    with torch.no_grad():
        at_once = generator(noise)
    assert difference(picture, (255 * at_once[0]).round().byte()) <= 1


@pytest.mark.parametrize("size", [(96, 128), (101, 77), (50, 200)])
def test_a_tileable_picture_goes_on_at_its_opposite_edges(synthesizer: Synthesizer, size: tuple[int, int]) -> None:
    height, width = size
    picture = synthesizer(size, 3, tileable=True)
    period = synthesizer._divisible(height), synthesizer._divisible(width)
    around_the_corner = synthesizer._tile(3, range(height - 9, height + 9), range(width - 9, width + 9), size, period)
    corners = torch.cat([picture[:, -9:], picture[:, :9]], dim=1)
    corners = torch.cat([corners[..., -9:], corners[..., :9]], dim=2)
    assert difference(to_bytes(around_the_corner), corners) <= 1


@pytest.mark.parametrize("size", [(96, 128), (101, 77), (50, 200)])
def test_the_edges_of_a_tileable_picture_are_no_rougher_than_its_inside(
    synthesizer: Synthesizer, size: tuple[int, int]
) -> None:
    picture = synthesizer(size, 3, tileable=True)
    for dim in (1, 2):
        edge, inside = roughness(picture, dim)
        assert abs(edge - inside.mean()) < 4 * inside.std()


def test_no_seam_shows_where_tiles_meet(synthesizer: Synthesizer) -> None:
    picture = synthesizer((200, 200), 1)
    for dim in (1, 2):
        _, inside = roughness(picture, dim)
        seams = inside[synthesizer.tile - 1 :: synthesizer.tile]
        assert (seams.mean() - inside.mean()).abs() < 2 * inside.std() / len(seams) ** 0.5


@settings(deadline=None, max_examples=15)
@given(height=st.integers(1, 90), width=st.integers(1, 90), tileable=st.booleans())
def test_any_size_can_be_had(height: int, width: int, tileable: bool) -> None:
    picture = STYLE_FILE((height, width), tileable=tileable)
    assert picture.shape == (3, height, width)
    assert picture.dtype == torch.uint8


STYLE_FILE = make_synthesizer()


def test_a_larger_picture_begins_with_a_smaller_one_of_its_seed(synthesizer: Synthesizer) -> None:
    assert difference(synthesizer((120, 90), 5)[:, :60, :50], synthesizer((60, 50), 5)) <= 1


def test_the_same_seed_makes_the_same_picture(synthesizer: Synthesizer) -> None:
    assert torch.equal(synthesizer((48, 64), 3), synthesizer((48, 64), 3))


def test_another_seed_makes_another_picture(synthesizer: Synthesizer) -> None:
    first, second = (synthesizer((48, 64), seed).float() for seed in (3, 4))
    assert (first - second).abs().mean() > first.std() / 2


def test_a_wide_picture_comes_in_lower_strips(synthesizer: Synthesizer, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = synthesizer((100, 64), 3)
    monkeypatch.setattr("texnet.synthesize.synthesizer.STRIP_PIXELS", 64 * 32)
    strips = list(synthesizer.strips((100, 64), 3))
    assert [strip.shape[1] for strip in strips] == [32, 32, 32, 4]
    assert synthesizer.num_strips((100, 64)) == 4
    assert torch.equal(torch.cat(strips, dim=1), whole)


def test_strips_are_the_picture(synthesizer: Synthesizer) -> None:
    strips = list(synthesizer.strips((100, 64), 3))
    assert [strip.shape[1] for strip in strips] == [40, 40, 20]
    assert synthesizer.num_strips((100, 64)) == 3
    assert torch.equal(torch.cat(strips, dim=1), synthesizer((100, 64), 3))


def test_painting_leaves_the_global_random_state_alone(synthesizer: Synthesizer) -> None:
    before = torch.get_rng_state()
    synthesizer((32, 32))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_checkpoint_says_its_texture(texture_ckpt: Path) -> None:
    assert Synthesizer.load(texture_ckpt).style == "peppers"


def test_a_network_for_photos_is_refused_with_what_it_is_for(tmp_path: Path) -> None:
    config = GeneratorConfig()
    Checkpoint(config, build_generator(config).state_dict(), ("mosaic",)).save(tmp_path / "style.pt")
    with pytest.raises(ValueError, match=r"style\.pt: a network that repaints photos.*; use it with texnet stylize$"):
        Synthesizer.load(tmp_path / "style.pt")


def test_the_generator_that_was_given_stays_as_it_was() -> None:
    generator = make_generator()
    first, second = (Synthesizer(generator, style="peppers", tile=TILE, sample=SAMPLE) for _ in range(2))
    assert all(norm.statistics is None for norm in generator.norms)
    assert not generator.body.trims
    assert torch.equal(first((48, 40)), second((48, 40)))


def test_a_pretrained_generator_is_refused_with_what_it_is_for(texture_ckpt: Path, tmp_path: Path) -> None:
    checkpoint = Checkpoint.load(texture_ckpt)
    reader = StyleReader(DESCRIPTOR_SIZE, checkpoint.generator()).state_dict()
    replace(checkpoint, style_reader=reader).save(tmp_path / "base.pt")
    with pytest.raises(UserError, match=r"base\.pt: a pretrained generator, .* train one from it with texnet train --init$"):
        Synthesizer.load(tmp_path / "base.pt")
