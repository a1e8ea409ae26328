"""A whole training of one network for several styles, its resume, and a style that is appended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from tests.helpers import assert_same, save_stripes, with_options
from tests.training.helpers import CPU, Diary
from texnet.checkpoint import Checkpoint, StyleCollection
from texnet.config import TrainConfig
from texnet.errors import UserError
from texnet.images import load_image, save_image
from texnet.multi_style import append_style, fit_styles
from texnet.multi_style.build import read_pictures
from texnet.multi_style.resume import holds_styles, read_run
from texnet.multi_style.saving import PREVIEW
from texnet.stylize import Stylizer
from texnet.training import FitResult
from texnet.training.schedule import Schedule


@pytest.fixture(scope="module")
def textures(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three small style pictures."""
    return save_stripes(("mosaic", "batik", "pointillism"), tmp_path_factory.mktemp("textures"))


@pytest.fixture
def config(tiny_config: TrainConfig, textures: list[str]) -> TrainConfig:
    tiny_config = with_options(tiny_config, "loss", texture=textures[0])
    tiny_config = with_options(tiny_config, "optim", epochs=0, max_steps=6)
    return with_options(tiny_config, "styles", style_rank=2)


def fit(
    config: TrainConfig,
    textures: list[str],
    folder: Path,
    monitor: Diary | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> FitResult:
    latest = folder / "latest.pt"
    run = read_run(latest) if latest.is_file() else None
    pictures = run.pictures if run else read_pictures(textures, config.loss.style_size)
    return fit_styles(config, pictures, folder, device=CPU, monitor=monitor, stop_requested=stop, resume=run)


def test_several_styles_are_learned_by_one_network(config: TrainConfig, textures: list[str], tmp_path: Path) -> None:
    diary = Diary()
    config = with_options(config, "run", preview_every=6, license="CC0-1.0")
    assert fit(config, textures, tmp_path / "run", diary).done
    path = tmp_path / "run" / "styles.pt"
    collection = StyleCollection.load(path)
    assert list(collection.entries) == ["mosaic", "batik", "pointillism"]
    pictures = [Stylizer.load(f"{path}#{name}")(torch.rand(1, 3, 40, 40)) for name in collection.entries]
    assert all(not torch.allclose(one, other, atol=1e-2) for one, other in pairwise(pictures))
    for name, entry in collection.entries.items():
        assert entry.calibration.noise_factors
        assert entry.training.steps == 6
        assert entry.training.num_styles == 3
        assert entry.license == "CC0-1.0"
        assert entry.preview is not None
        assert entry.preview.shape == (3, PREVIEW, PREVIEW)
        assert str(tmp_path) not in str(entry)
        assert load_image(tmp_path / "run" / "textures" / f"{name}.png").shape[-1] == 64
        loss = Checkpoint.load(f"{path}#{name}").loss(vgg_weights=config.loss.vgg_weights)  # its style picture is found
        assert loss.style_targets
    assert [*diary.previews] == [0, 6]
    assert diary.previews[6].shape == (3, 3 * 32, 4 * 32), "a row for each style"
    assert (tmp_path / "run" / "epoch-001.pt").is_file()


@pytest.mark.slow
def test_a_run_goes_on_as_if_it_had_not_stopped(config: TrainConfig, textures: list[str], tmp_path: Path) -> None:
    whole, parts = Diary(), Diary()
    assert fit(config, textures, tmp_path / "whole", whole).done
    asked = iter([False, False, True])
    assert not fit(config, textures, tmp_path / "parts", parts, lambda: next(asked)).done
    assert holds_styles(tmp_path / "parts" / "latest.pt")
    assert fit(config, [], tmp_path / "parts", parts).done
    assert whole.losses == parts.losses
    states = [read_run(tmp_path / name / "latest.pt").trainer["ema"] for name in ("whole", "parts")]
    assert_same(states[0], states[1])


def test_an_error_loses_no_step(config: TrainConfig, textures: list[str], tmp_path: Path) -> None:
    def fail() -> bool:
        raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError, match="the power is gone"):
        fit(config, textures, tmp_path / "run", stop=fail)
    assert read_run(tmp_path / "run" / "latest.pt").trainer["step"] == 1


def test_an_appended_style_leaves_the_others_alone(config: TrainConfig, textures: list[str], tmp_path: Path) -> None:
    fit(config, textures[:2], tmp_path / "run")
    path = tmp_path / "run" / "styles.pt"
    photo = torch.rand(1, 3, 40, 40)
    before = [Stylizer.load(f"{path}#{name}")(photo, 0.7) for name in ("mosaic", "batik")]
    append = with_options(with_options(config, "loss", texture=textures[2]), "styles", append_to=str(path), style_rank=1)
    append = with_options(append, "generator", width=9)  # that of the file counts
    assert append_style(append, device=CPU, monitor=Diary()).done
    assert list(StyleCollection.load(path).entries) == ["mosaic", "batik", "pointillism"]
    after = [Stylizer.load(f"{path}#{name}")(photo, 0.7) for name in ("mosaic", "batik")]
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert StyleCollection.load(path).entries["pointillism"].preview is not None
    with pytest.raises(UserError, match="it has a style pointillism; rename the picture, or remove that style first"):
        append_style(append, device=CPU, monitor=Diary())


@pytest.mark.slow
def test_a_stopped_appending_writes_nothing(config: TrainConfig, textures: list[str], tmp_path: Path) -> None:
    fit(config, textures[:2], tmp_path / "run")
    path = tmp_path / "run" / "styles.pt"
    before = path.read_bytes()
    append = with_options(with_options(config, "loss", texture=textures[2]), "styles", append_to=str(path))
    assert not append_style(append, device=CPU, monitor=Diary(), stop_requested=lambda: True).done
    assert path.read_bytes() == before


@pytest.mark.slow
def test_an_appended_style_is_calibrated_within_the_minutes(
    config: TrainConfig, textures: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(config, textures[:2], tmp_path / "run")
    reserved: list[float] = []
    monkeypatch.setattr(Schedule, "reserve", lambda self, seconds: reserved.append(seconds) or self)
    append = with_options(with_options(config, "loss", texture=textures[2]), "optim", max_minutes=1.0)
    append = with_options(append, "styles", append_to=str(tmp_path / "run" / "styles.pt"))
    assert append_style(append, device=CPU, monitor=Diary()).done
    assert len(reserved) == 1 and reserved[0] > 0


def test_pictures_need_names_of_their_own(textures: list[str], tmp_path: Path) -> None:
    save_image(torch.rand(1, 3, 40, 40), tmp_path / "mosaic.png")
    with pytest.raises(UserError, match=r"--texture .*mosaic.png: another picture is called mosaic too"):
        read_pictures([textures[0], str(tmp_path / "mosaic.png")], 64)


@pytest.mark.slow
def test_the_file_to_share_cannot_be_resumed(config: TrainConfig, textures: list[str], tmp_path: Path) -> None:
    fit(config, textures, tmp_path / "run")
    with pytest.raises(UserError, match="made for stylizing only; resume from the run's folder"):
        read_run(tmp_path / "run" / "styles.pt")
    forged = StyleCollection.load(tmp_path / "run" / "latest.pt")
    assert forged.resume is not None
    replace(forged, resume={**forged.resume, "pictures": {}}).save(tmp_path / "forged.pt")
    with pytest.raises(UserError, match="its style pictures are not those of its styles"):
        read_run(tmp_path / "forged.pt")


@pytest.mark.slow
def test_styles_that_match_colors_are_learned_together_and_stay_among_themselves(
    config: TrainConfig, textures: list[str], tmp_path: Path
) -> None:
    matched = with_options(config, "loss", match_colors=True)
    diary, parts = Diary(), Diary()
    assert fit(matched, textures[:2], tmp_path / "run", diary).done
    asked = iter([False, True])
    assert not fit(matched, textures[:2], tmp_path / "parts", parts, lambda: next(asked)).done
    assert fit(matched, [], tmp_path / "parts", parts).done
    assert diary.losses == parts.losses
    path = tmp_path / "run" / "styles.pt"
    assert all(Stylizer.load(f"{path}#{name}").generator.keeps_chroma for name in ("mosaic", "batik", "mosaic:0.6+batik:0.4"))
    append = with_options(with_options(config, "loss", texture=textures[2]), "styles", append_to=str(path))
    with pytest.raises(UserError, match="its styles match colors: give --match_colors"):
        append_style(append, device=CPU, monitor=Diary())
    assert append_style(with_options(append, "loss", match_colors=True), device=CPU, monitor=Diary()).done
    assert StyleCollection.load(path).entries["pointillism"].loss_config.match_colors
    entries = StyleCollection.load(path).entries
    mixed = replace(entries["batik"], loss_config=config.loss)
    replace(StyleCollection.load(path), entries={**entries, "batik": mixed}).save(path)
    with pytest.raises(UserError, match="some of its styles match colors, and some do not"):
        StyleCollection.load(path)


def test_a_run_from_before_the_layer_of_details_is_told_how_to_begin_anew(
    config: TrainConfig, textures: list[str], tmp_path: Path
) -> None:
    fit(config, textures, tmp_path / "run")
    collection = StyleCollection.load(tmp_path / "run" / "latest.pt")
    assert collection.resume is not None
    trainer = collection.resume["trainer"]
    for name in ("generator", "ema"):
        kept = {key: weight for key, weight in trainer[name].items() if not key.endswith("detail.conv.weight")}
        trainer = {**trainer, name: kept}
    replace(collection, resume={**collection.resume, "trainer": trainer}).save(tmp_path / "earlier.pt")
    with pytest.raises(UserError, match=r"earlier\.pt: of an earlier version of texnet: it cannot be resumed; begin a new"):
        read_run(tmp_path / "earlier.pt")
