"""Initial weights of a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.helpers import with_options
from texnet.checkpoint import Checkpoint, TrainingSummary
from texnet.config import GeneratorConfig, TrainConfig
from texnet.drawing import draw_scene
from texnet.errors import UserError
from texnet.generators import Generator, build_generator
from texnet.generators.style_reader import StyleReader
from texnet.images import to_float
from texnet.losses.descriptor import DESCRIPTOR_SIZE, Describer
from texnet.training import initialization
from texnet.training.initialization import READER, build_initial_generator, find_pretrained, initialize, pack_pretrained

TEXTURE = torch.rand(1, 3, 40, 56, generator=torch.Generator().manual_seed(3))


def generator_of(config: TrainConfig, seed: int) -> Generator:
    torch.manual_seed(seed)
    return build_generator(config.generator)


def same(a: Generator, b: Generator, tolerance: float = 0.0) -> bool:
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.allclose(x, y, rtol=tolerance, atol=tolerance) for x, y in pairs)


@pytest.fixture
def pretrained(tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator:
    """A pretrained generator of the tiny shape is shipped; as it was before it was packed."""
    source = generator_of(tiny_config, seed=1)
    monkeypatch.setattr(initialization, "PRETRAINED", tmp_path / "shipped")
    pack_pretrained(tiny_config, source.state_dict(), TrainingSummary(steps=5)).save(
        tmp_path / "shipped" / "pretrained-tiny.pt"
    )
    return source


def test_scratch_leaves_the_first_weights(tiny_config: TrainConfig, pretrained: Generator) -> None:
    generator = generator_of(tiny_config, seed=2)
    assert initialize(generator, with_options(tiny_config, "optim", init="scratch"), TEXTURE) == "from scratch"
    assert same(generator, generator_of(tiny_config, seed=2))


def test_the_pretrained_generator_of_the_same_shape_is_taken(tiny_config: TrainConfig, pretrained: Generator) -> None:
    generator = generator_of(tiny_config, seed=2)
    assert (
        initialize(generator, with_options(tiny_config, "optim", init="pretrained"), TEXTURE)
        == "from the shipped pretrained generator"
    )
    assert same(generator, pretrained, tolerance=2e-3)
    assert all(parameter.dtype == torch.float32 for parameter in generator.parameters())


@pytest.mark.parametrize("name", ["residual", "light"])
def test_what_ships_reads_styles_in_the_default_shape(name: str) -> None:
    shipped = find_pretrained(GeneratorConfig(generator=name))
    assert shipped is not None and shipped.style_reader and shipped.license == "MIT"
    config = TrainConfig(generator=GeneratorConfig(generator=name))
    first, second = (build_initial_generator(config) for _ in range(2))
    assert initialize(first, config, TEXTURE) == "from the shipped pretrained generator, with the style as it reads it"
    initialize(second, config, 1 - TEXTURE)
    assert not same(first, second, tolerance=1e-3)  # another picture, another reading


def test_another_largest_factor_is_no_other_shape(tiny_config: TrainConfig, pretrained: Generator) -> None:
    config = with_options(tiny_config, "generator", max_noise_factor=3.0)
    assert find_pretrained(config.generator) is not None


def test_where_no_pretrained_generator_fits_the_words_say_so(tiny_config: TrainConfig, pretrained: Generator) -> None:
    config = with_options(tiny_config, "generator", width=6)
    message = initialize(generator_of(config, seed=2), with_options(config, "optim", init="pretrained"), TEXTURE)
    assert message == "from scratch: no pretrained generator is shipped for a generator of this shape"


def test_a_checkpoint_can_be_the_start(tiny_config: TrainConfig, pretrained: Generator, tmp_path: Path) -> None:
    generator, path = generator_of(tiny_config, seed=2), tmp_path / "shipped" / "pretrained-tiny.pt"
    assert initialize(generator, with_options(tiny_config, "optim", init=str(path)), TEXTURE) == f"from {path}"
    assert same(generator, pretrained, tolerance=2e-3)


def test_a_checkpoint_of_another_shape_is_refused(tiny_config: TrainConfig, pretrained: Generator, tmp_path: Path) -> None:
    config = with_options(tiny_config, "generator", width=6)
    config = with_options(config, "optim", init=str(tmp_path / "shipped" / "pretrained-tiny.pt"))
    with pytest.raises(ValueError, match=r"--init .*pretrained-tiny\.pt: another generator, with --width 4"):
        initialize(generator_of(config, seed=2), config, TEXTURE)


def test_a_pretrained_generator_takes_half_the_room_of_its_weights_and_names_no_file(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    tiny_config = with_options(tiny_config, "loss", statistic="covariance")
    packed = pack_pretrained(tiny_config, generator_of(tiny_config, seed=0).state_dict(), TrainingSummary())
    assert {tensor.dtype for tensor in packed.weights.values()} == {torch.float16}
    packed.save(tmp_path / "pretrained.pt")
    loss = Checkpoint.load(tmp_path / "pretrained.pt").loss_config
    assert loss == replace(tiny_config.loss, texture="", vgg_weights="")


def test_the_shipped_generator_says_how_it_was_trained_under_which_license() -> None:
    shipped = find_pretrained(GeneratorConfig())
    assert shipped is not None
    assert (shipped.training.steps, shipped.loss_config.features, shipped.license) == (1134, "compact", "MIT")
    assert not shipped.term_norm and shipped.resume is None


def test_the_shipped_generator_keeps_what_is_in_the_photo() -> None:
    config = GeneratorConfig()
    shipped = find_pretrained(config)
    assert shipped is not None
    torch.manual_seed(0)
    generator = build_generator(config)
    scene = to_float(torch.from_numpy(np.array(draw_scene(96, seed=3))).permute(2, 0, 1)[None])

    def likeness() -> float:
        """Correlation of the brightness of painting and scene, patch by patch."""
        with torch.no_grad():
            painted = generator(torch.zeros(1, config.noise_channels, 96, 96), scene)
        patches = [F.avg_pool2d(image.mean(1), 6).flatten() for image in (scene, painted)]
        return torch.corrcoef(torch.stack(patches))[0, 1].item()

    untrained = likeness()
    generator.load_state_dict(dict(shipped.weights))
    assert likeness() > max(0.5, abs(untrained))


def test_a_style_reader_that_comes_along_reads_the_style_picture(tiny_config: TrainConfig, tmp_path: Path) -> None:
    source = generator_of(tiny_config, seed=1)
    reader = StyleReader(DESCRIPTOR_SIZE, source)
    torch.nn.init.normal_(reader.last.weight, std=0.1)
    weights = {**source.state_dict(), **{READER + name: tensor for name, tensor in reader.state_dict().items()}}
    pack_pretrained(tiny_config, weights, TrainingSummary()).save(tmp_path / "base.pt")
    config = with_options(tiny_config, "optim", init=str(tmp_path / "base.pt"))
    first, second = generator_of(tiny_config, seed=2), generator_of(tiny_config, seed=2)
    message = initialize(first, config, TEXTURE)
    assert message == f"from {tmp_path / 'base.pt'}, with the style as it reads it"
    initialize(second, config, 1 - TEXTURE)
    assert not same(first, second, tolerance=1e-3)
    noise, photo = torch.randn(1, tiny_config.generator.noise_channels, 32, 32), torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        expected = source(noise, photo, torch.ones(1), style=reader(Describer()(TEXTURE)))
        assert (first(noise, photo, torch.ones(1)) - expected).abs().max() < 0.03


def test_a_style_reader_of_another_generator_is_refused(tiny_config: TrainConfig, tmp_path: Path) -> None:
    source = generator_of(tiny_config, seed=1)
    weights = {**source.state_dict(), READER + "mean": torch.zeros(DESCRIPTOR_SIZE)}
    pack_pretrained(tiny_config, weights, TrainingSummary()).save(tmp_path / "base.pt")
    with pytest.raises(UserError, match=r"base\.pt: no weights for deviation"):
        Checkpoint.load(tmp_path / "base.pt")
