"""texnet card: a trained style gets all that a stranger wants to know, and a small file that paints the same."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from tests.cli.helpers import complaints, exit_code
from tests.gallery.helpers import MEASURED, TINY, save_report, save_run
from tests.helpers import moved_generator
from texnet.checkpoint import Checkpoint, checkpoint
from texnet.checkpoint.packing import pack_preview, read_preview
from texnet.cli.card import main
from texnet.evaluation.evaluate import NetworkResult
from texnet.evaluation.optimization_reference import Optimality
from texnet.evaluation.strength_curve import StrengthCurve
from texnet.gallery import missing_parts
from texnet.gallery.preview import SIDE, STYLE_SIDE, square_photo, style_tile
from texnet.generators.calibration import Calibration
from texnet.images import center_square, load_style, resize_long, to_bytes
from texnet.stylize import Stylizer
from texnet.training.initialization import read_style

CREDIT, LICENSE = "Hokusai, The Great Wave, 1831", "public domain"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_finished_style_has_a_complete_card(here: Path) -> None:
    run = save_run(here / "runs", "wave")
    report = save_report(here / "report", save_run(here / "runs", "other"), run)
    words = ["--ckpt", run, "--evaluation", report, "--credit", CREDIT, "--license", LICENSE]
    assert exit_code(main, words) == 0
    shipped = Checkpoint.load(here / "checkpoints" / "wave.pt")
    assert missing_parts(shipped) == []
    card = shipped.card
    assert (card.credit, shipped.license, shipped.styles) == (CREDIT, LICENSE, ("wave",))
    assert (card.num_photos, card.image_size, card.features) == (20, 256, "vgg19")
    assert card.measured["style"] == pytest.approx(0.62 / 8)
    assert (card.measured["optimality_ratio"], card.measured["second_style"]) == (1.2, 0.069)
    assert card.measured["position"] == 0.49
    assert (shipped.training.steps, shipped.training.minutes, shipped.training.num_photos) == (300, 6.5, 1840)


def test_what_is_missing_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = save_run(here / "runs", "wave")
    report = save_report(here / "report", run, optimality=None, curve=None)
    assert exit_code(main, ["--ckpt", run, "--evaluation", report, "--license", LICENSE]) == 0
    assert "the card still lacks: credit, optimality_ratio\n" in capsys.readouterr().out


def test_what_training_recorded_stays_and_a_name_renames(here: Path) -> None:
    run = save_run(here / "runs", "wave")
    given = Checkpoint.load(run)
    replace(given, license="CC0-1.0", card=replace(given.card, credit=CREDIT)).save(run)
    assert exit_code(main, ["--ckpt", run, "--name", "wave_light", "--output", here / "out"]) == 0
    shipped = Checkpoint.load(here / "out" / "wave_light.pt")
    assert (shipped.license, shipped.card.credit, shipped.styles) == ("CC0-1.0", CREDIT, ("wave_light",))


def test_the_preview_shows_style_photo_and_three_factors(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, packed = save_run(here / "runs", "wave"), list[torch.Tensor]()
    monkeypatch.setattr(checkpoint, "pack_preview", lambda picture: packed.append(picture) or pack_preview(picture))
    assert exit_code(main, ["--ckpt", run]) == 0
    preview = packed[-1]
    assert preview.shape == (3, STYLE_SIDE + SIDE // 3, SIDE)
    style = resize_long(center_square(load_style(run.with_name("texture.png"), 512)), STYLE_SIDE)
    assert torch.equal(to_bytes(style_tile(preview)), to_bytes(style))
    photo = to_bytes(resize_long(square_photo(), STYLE_SIDE))[0]
    assert torch.equal(preview[:, :STYLE_SIDE, STYLE_SIDE:], photo)
    below = preview[:, STYLE_SIDE:].float().split([85, 85, 86], dim=2)
    small = resize_long(square_photo(), 85)[0] * 255
    distances = [(tile[:, :85, :85] - small).abs().mean().item() for tile in below]
    assert distances[0] < distances[1] <= distances[2]
    written, expected = Checkpoint.load(here / "checkpoints" / "wave.pt").preview, read_preview(pack_preview(preview))
    assert written is not None and expected is not None and torch.equal(written, expected)


@pytest.mark.slow
def test_the_small_file_of_a_trained_network_paints_the_same_within_a_byte(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = save_run(here / "runs", "wave")
    read = read_style(load_style(run.with_name("texture.png"), 512))  # the pretrained generator: of full size, and trained
    calibration = Calibration((0.0, 1.0, 2.0), (0.0, 0.8, 1.7))
    replace(read, styles=("wave",), style_reader={}, calibration=calibration).save(run)
    assert exit_code(main, ["--ckpt", run]) == 0
    path = here / "checkpoints" / "wave.pt"
    assert "9 bits a weight, pictures within 0." in capsys.readouterr().out
    assert path.stat().st_size < 1_500_000 < run.stat().st_size
    photo = torch.rand(1, 3, 64, 48)
    whole, small = Stylizer.load(run), Stylizer.load(path)
    assert small.calibration == whole.calibration == calibration
    assert (whole(photo, 1.0) - small(photo, 1.0)).abs().max() < 2 / 255


@pytest.mark.slow
def test_a_network_that_no_few_bits_hold_is_not_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = save_run(here / "runs", "wave")
    wild = {name: 30 * tensor for name, tensor in moved_generator(TINY).state_dict().items()}
    replace(Checkpoint.load(run), weights=wild).save(run)
    assert exit_code(main, ["--ckpt", run]) == 2
    assert "not written, as a packed network differs by" in capsys.readouterr().err
    assert not (here / "checkpoints").exists()


def test_the_file_names_no_place_and_nothing_of_the_machine(here: Path) -> None:
    run = save_run(here / "unmistakable-folder", "wave")
    report = save_report(here / "unmistakable-report", run)
    assert exit_code(main, ["--ckpt", run, "--evaluation", report, "--credit", CREDIT]) == 0
    told = (here / "checkpoints" / "wave.pt").read_bytes()
    assert b"unmistakable" not in told and str(here).encode() not in told
    assert CREDIT.encode() in told  # the search finds what is there


def mistakes(here: Path) -> dict[str, tuple[list[object], str]]:
    run, other = save_run(here / "runs", "wave"), save_run(here / "runs", "other")
    textures = save_run(here / "runs", "peppers", replace(TINY, no_content=True))
    (here / "taken").mkdir()
    (here / "taken" / "wave.pt").touch()
    (here / "bad").mkdir()
    (here / "bad" / "evaluation.json").write_text('{"networks": [1]}')
    at_half = save_report(here / "at_half", run, noise_factor=0.5)
    return {
        "nothing": ([], "--ckpt is missing: name a trained network"),
        "no report": (["--ckpt", run, "--evaluation", here], "no evaluation.json there; write it with texnet evaluate"),
        "another's": (["--ckpt", run, "--evaluation", save_report(here / "o", other)], "is not one of them"),
        "damaged": (["--ckpt", run, "--evaluation", here / "bad"], "not a report of texnet evaluate --ckpt"),
        "half strength": (["--ckpt", run, "--evaluation", at_half], "measured at noise factor 0.5; a card is of factor 1"),
        "a path": (["--ckpt", run, "--credit", "from /home/me/wave.jpg"], "names a path or an address"),
        "an address": (["--ckpt", run, "--license", "ask me@example.org"], "names a path or an address"),
        "taken": (["--ckpt", run, "--output", here / "taken"], "exists already: give --overwrite"),
        "textures": (["--ckpt", textures], "a network for textures, which repaints no photos"),
    }


def test_mistakes_are_one_line_and_write_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, complaint in mistakes(here).values():
        assert exit_code(main, words) == 2
        (line,) = complaints(capsys.readouterr().err)
        assert complaint in line
    assert not (here / "checkpoints").exists()


def test_a_style_picture_that_is_not_beside_the_file_is_asked_for(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = save_run(here / "runs", "wave")
    picture = run.with_name("texture.png").rename(here / "mine.png")
    assert exit_code(main, ["--ckpt", run]) == 2
    assert "name it with --texture" in capsys.readouterr().err
    assert exit_code(main, ["--ckpt", run, "--texture", picture]) == 0


def test_measures_are_columns_of_the_evaluation() -> None:
    """The report that these tests write has the fields of the real one."""
    assert set(MEASURED) <= {item.name for item in fields(NetworkResult)}
    assert {"ratio", "steps", "photos"} <= {item.name for item in fields(Optimality)}
    assert {"position", "calibration_error"} <= {item.name for item in fields(StrengthCurve)}
