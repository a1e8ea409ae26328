"""Networks by name: what a name stands for, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copy

import pytest

from tests.cli.helpers import complaints, exit_code
from texnet import shipped
from texnet.checkpoint import Checkpoint
from texnet.cli import calibrate, evaluate, export, live, stylize, synthesize
from texnet.config import GeneratorConfig
from texnet.errors import UserError
from texnet.generators import build_generator
from texnet.shipped import find_network, shipped_styles, styles_folder

NAMES = ("mosaic", "starry_night", "starry_night_light", "wave")


@pytest.fixture
def styles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone's folder of styles, small random networks; the test runs in an empty folder."""
    folder = tmp_path / "clone" / "checkpoints"
    config = GeneratorConfig(width=4, num_blocks=1)
    for name in NAMES:
        weights = build_generator(config).state_dict()
        Checkpoint(config, weights, (name,), term_norm={"tv": 1.0}).save(folder / f"{name}.pt")
    (folder / shipped.MARK).touch()
    monkeypatch.setattr(shipped, "CLONE", folder)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder


def test_a_name_is_a_shipped_style_from_any_folder(styles: Path) -> None:
    assert list(shipped_styles()) == list(NAMES)
    assert styles_folder() == styles
    assert find_network("wave") == str(styles / "wave.pt")
    assert Checkpoint.load("wave").styles == ("wave",)


def test_a_style_of_many_in_a_file_is_found_by_name_too(styles: Path) -> None:
    assert find_network("wave#night:0.3+day") == f"{styles / 'wave.pt'}#night:0.3+day"
    assert find_network("a/many.pt#night") == "a/many.pt#night"
    with pytest.raises(FileNotFoundError, match=r"^wav: no such checkpoint; the nearest names are wave"):
        find_network("wav#night")


def test_a_file_or_a_run_of_that_name_comes_first(styles: Path) -> None:
    of_run = Path("checkpoints", "wave", "style.pt")
    of_run.parent.mkdir(parents=True)
    copy(styles / "mosaic.pt", of_run)
    assert find_network("wave") == str(of_run)
    assert find_network("checkpoints/wave") == str(of_run)
    Path("wave").mkdir()
    assert find_network("wave") == str(of_run)  # a folder that is no run
    copy(of_run, Path("wave", "style.pt"))
    assert find_network("wave") == str(Path("wave", "style.pt"))
    copy(of_run, "mosaic")
    assert find_network("mosaic") == "mosaic"


@pytest.mark.parametrize(
    ("words", "offer"),
    [
        ("stary_night", "; the nearest names are starry_night, starry_night_light"),
        ("Starry Night", "; the nearest names are starry_night, starry_night_light"),
        ("wav", "; the nearest names are wave"),
        ("xyzzy", "; texnet styles lists names"),
    ],
)
def test_a_wrong_name_is_told_the_nearest_ones(words: str, offer: str, styles: Path) -> None:
    with pytest.raises(FileNotFoundError) as refused:
        find_network(words)
    assert str(refused.value) == f"{words}: no such checkpoint{offer}"


def test_a_run_is_among_the_nearest_names(styles: Path) -> None:
    of_run = Path("checkpoints", "waves_at_night", "style.pt")
    of_run.parent.mkdir(parents=True)
    copy(styles / "wave.pt", of_run)
    with pytest.raises(FileNotFoundError, match="the nearest names are waves_at_night"):
        find_network("waves_at_nigh")


@pytest.mark.parametrize("words", ["wave.pt", "none/wave", "a\\b", "n" * 300 + ".pt", ""])
def test_a_path_stays_as_it_is(words: str, styles: Path) -> None:
    assert find_network(words) == words


def test_without_shipped_styles_a_wrong_name_is_only_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "CLONE", tmp_path / "none")
    monkeypatch.setattr(shipped, "PACKAGE", "no_such_package")
    monkeypatch.chdir(tmp_path)
    assert shipped_styles() == {}
    with pytest.raises(FileNotFoundError, match=r"^wave: no such checkpoint$"):
        find_network("wave")
    with pytest.raises(UserError, match=r"^no styles are installed: pip install \./checkpoints in a clone"):
        styles_folder()


def test_a_folder_of_runs_is_not_taken_for_that_of_a_clone(styles: Path) -> None:
    (styles / shipped.MARK).unlink()
    assert shipped_styles() == {}


def test_the_installed_package_serves_where_there_is_no_clone(
    styles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = styles.rename(tmp_path / shipped.PACKAGE)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert shipped_styles() == {name: installed / f"{name}.pt" for name in NAMES}


COMMANDS: dict[str, tuple[Callable[[list[str]], None], list[str]]] = {
    "calibrate": (calibrate.main, []),
    "evaluate": (evaluate.main, ["--data_dir", ".", "--texture", "none.jpg"]),
    "export": (export.main, []),
    "live": (live.main, []),
    "stylize": (stylize.main, ["photo.jpg"]),
    "synthesize": (synthesize.main, []),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_the_nearest_names(command: str, styles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main, others = COMMANDS[command]
    assert exit_code(main, ["--ckpt", "stary_night", *others]) == 2
    expected = "texnet: stary_night: no such checkpoint; the nearest names are starry_night, starry_night_light"
    assert complaints(capsys.readouterr().err) == [expected]


def test_a_photo_is_stylized_by_name_and_by_two_names_with_masks(styles: Path, photo_folder: Path) -> None:
    photo = copy(photo_folder / "photo-0.png", ".")
    assert exit_code(stylize.main, ["--ckpt", "wave", photo, "--output", "out", "--device", "cpu"]) == 0
    masks = ["--mask", photo, "rest"]
    words = ["--ckpt", "wave", "mosaic", photo, *masks, "--output", "out", "--device", "cpu"]
    assert exit_code(stylize.main, words) == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["photo-0_wave-mosaic.png", "photo-0_wave.png"]


@pytest.mark.slow
def test_a_network_is_exported_by_name(styles: Path) -> None:
    assert exit_code(export.main, ["--ckpt", "wave", "--format", "pt2", "--output", "out"]) == 0
    assert [path.name for path in Path("out").iterdir()] == ["wave.pt2"]


def test_a_shipped_style_is_not_calibrated_in_place(
    styles: Path, photo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (styles / "wave.pt").read_bytes()
    assert exit_code(calibrate.main, ["--ckpt", "wave", "--data_dir", photo_folder]) == 2
    assert "comes with texnet, calibrated; copy it" in capsys.readouterr().err
    assert (styles / "wave.pt").read_bytes() == before
