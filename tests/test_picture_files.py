"""Pictures in folders and by patterns: each is found once, and what texnet wrote itself is no input."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from texnet.images import Picture, save_image, save_stylized
from texnet.picture_files import EXTENSIONS, expand_paths, find_pictures
from texnet.png import save_strips


def lay_out(root: Path, names: Sequence[str]) -> None:
    """Empty files of these names, in folders as the names say."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def found(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in find_pictures(root)]


def expanded(*arguments: str | Path) -> list[Path]:
    return [path for path, _ in expand_paths(map(str, arguments))]


def test_pictures_are_found_at_any_depth(tmp_path: Path) -> None:
    lay_out(tmp_path, ["a.jpg", "one/b.png", "one/two/three/c.webp"])
    assert found(tmp_path) == ["a.jpg", "one/b.png", "one/two/three/c.webp"]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_an_extension_counts_in_small_and_in_capital_letters(tmp_path: Path, extension: str) -> None:
    lay_out(tmp_path, [f"small{extension}", f"CAPITAL{extension.upper()}"])
    assert found(tmp_path) == [f"CAPITAL{extension.upper()}", f"small{extension}"]


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    lay_out(tmp_path, ["notes.txt", "picture.jpg.part", "jpg", "archive.zip", "a.jpg"])
    assert found(tmp_path) == ["a.jpg"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    lay_out(tmp_path, [".hidden.jpg", ".thumbnails/a.jpg", "__MACOSX/._a.jpg", "a.jpg"])
    assert found(tmp_path) == ["a.jpg"]


@given(names=st.sets(st.from_regex(r"([a-c]/){0,2}[a-c]{1,2}\.png", fullmatch=True), max_size=8))
@settings(max_examples=15, deadline=None)
def test_pictures_come_sorted_each_once(tmp_path_factory: pytest.TempPathFactory, names: set[str]) -> None:
    root = tmp_path_factory.mktemp("sorted")
    lay_out(root, list(names))
    assert find_pictures(root) == sorted(root / name for name in names)


def test_a_folder_without_pictures_gives_none(tmp_path: Path) -> None:
    assert find_pictures(tmp_path) == []


def test_links_to_folders_are_followed(tmp_path: Path) -> None:
    lay_out(tmp_path, ["elsewhere/a.jpg"])
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "elsewhere")
    assert found(tmp_path / "here") == ["link/a.jpg"]


def test_a_link_that_leads_back_gives_no_picture_twice(tmp_path: Path) -> None:
    lay_out(tmp_path, ["a.jpg", "inner/b.jpg"])
    (tmp_path / "inner" / "back").symlink_to(tmp_path)
    assert found(tmp_path) == ["a.jpg", "inner/b.jpg"]


def test_a_file_a_folder_and_a_pattern_all_give_their_pictures(tmp_path: Path) -> None:
    lay_out(tmp_path, ["one.jpg", "folder/two.jpg", "several/three.jpg", "several/four.jpg"])
    pictures = expanded(tmp_path / "one.jpg", tmp_path / "folder", tmp_path / "several" / "*.jpg")
    assert [path.stem for path in pictures] == ["one", "two", "four", "three"]


def test_a_picture_comes_with_the_folder_it_was_found_under(tmp_path: Path) -> None:
    lay_out(tmp_path, ["folder/deep/a.jpg"])
    picture = tmp_path / "folder" / "deep" / "a.jpg"
    pairs = list(expand_paths([str(picture), str(tmp_path / "folder"), str(tmp_path / "*" / "deep" / "*.jpg")]))
    assert pairs == [(picture, picture.parent), (picture, tmp_path / "folder"), (picture, picture.parent)]


def test_a_pattern_with_two_stars_reaches_any_depth(tmp_path: Path) -> None:
    lay_out(tmp_path, ["a.jpg", "one/two/b.jpg"])
    assert [path.name for path in expanded(tmp_path / "**" / "*.jpg")] == ["a.jpg", "b.jpg"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(tmp_path: Path) -> None:
    lay_out(tmp_path, ["photo[1].jpg", "photo1.jpg"])
    assert expanded(tmp_path / "photo[1].jpg") == [tmp_path / "photo[1].jpg"]


def test_a_file_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    lay_out(tmp_path, ["picture"])
    assert expanded(tmp_path / "picture") == [tmp_path / "picture"]


@pytest.mark.parametrize("name", ["nothing.jpg", "nothing/*.jpg"])
def test_what_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        expanded(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: no such picture, folder or pattern"


def test_a_pattern_with_two_stars_never_goes_in_circles(tmp_path: Path) -> None:
    lay_out(tmp_path, ["a.jpg", "one/b.jpg", "one/.hidden/c.jpg", "one/two/d.png"])
    for number in range(3):
        (tmp_path / "one" / f"back-{number}").symlink_to(tmp_path)
    assert [path.name for path in expanded(tmp_path / "**" / "*.jpg")] == ["a.jpg", "b.jpg"]
    assert [path.name for path in expanded(tmp_path / "o*" / "**" / "*.*g")] == ["b.jpg", "a.jpg", "d.png"]
    assert [path.name for path in expanded(tmp_path / "**" / "two" / "**")] == ["d.png"]


def test_pipes_and_links_to_nothing_are_found_to_be_refused_by_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to("nothing")
    assert found(tmp_path) == ["link.jpg", "pipe.jpg"]
    assert expanded(tmp_path / "link.jpg", tmp_path / "p*.jpg") == [tmp_path / "link.jpg", tmp_path / "pipe.jpg"]


def test_a_folder_that_cannot_be_read_is_named_once_and_the_others_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, ["a.jpg", "closed/b.jpg", "open/c.jpg"])
    scan, skipped = os.scandir, list[str]()

    def refuse(path: str) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [path.name for path in find_pictures(tmp_path, on_skip=skipped.append)] == ["a.jpg", "c.jpg"]
    assert skipped == [f"{tmp_path}/closed: Permission denied"]


@pytest.mark.parametrize(
    "marks",
    [("config.json", "metrics.jsonl"), ("config.json", "latest.pt"), ("sweep.json",), ("evaluation.json", "evaluation.md")],
)
def test_what_a_run_wrote_is_left_out_and_counted(tmp_path: Path, marks: Sequence[str]) -> None:
    lay_out(tmp_path, ["a.jpg", *(f"runs/mosaic/{name}" for name in (*marks, "texture.png", "inner/1.png"))])
    messages: list[str] = []
    assert find_pictures(tmp_path, log=messages.append) == [tmp_path / "a.jpg"]
    assert messages == [f"2 pictures in {tmp_path} are results of texnet or belong to its runs, and are left out"]
    assert expanded(tmp_path / "**" / "*.*") == [tmp_path / "a.jpg"]


def test_who_names_the_folder_of_a_run_means_it(tmp_path: Path) -> None:
    lay_out(tmp_path, ["config.json", "latest.pt", "texture.png", "previews/1.png"])
    assert found(tmp_path) == ["previews/1.png", "texture.png"]


def test_settings_of_another_program_make_no_run(tmp_path: Path) -> None:
    lay_out(tmp_path, ["a.jpg", "own/config.json", "own/b.jpg"])
    assert found(tmp_path) == ["a.jpg", "own/b.jpg"]


def test_results_are_known_by_their_mark_and_a_name_of_their_own_is_none(tmp_path: Path) -> None:
    picture = Picture(torch.zeros(3, 8, 8, dtype=torch.uint8))
    for name in ("a", "out/a_mosaic", "out/a-0100_mosaic"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        save_stylized([picture.image], tmp_path / f"{name}.png", picture)
    save_image(picture.image, tmp_path / "a_edited.png")
    save_strips([picture.pixels], tmp_path / "red_8x8_seed-0.png", (8, 8))
    messages: list[str] = []
    assert [path.name for path in find_pictures(tmp_path, log=messages.append)] == ["a.png", "a_edited.png"]
    assert messages[0].startswith("3 pictures in")
    assert found(tmp_path / "out") == ["a-0100_mosaic.png", "a_mosaic.png"]


def test_pictures_in_formats_that_cannot_be_read_are_counted_with_the_remedy(tmp_path: Path) -> None:
    lay_out(tmp_path, ["a.jpg", "b.HEIC", "inner/c.heic", "d.cr2"])
    messages: list[str] = []
    assert [path.name for path in find_pictures(tmp_path, log=messages.append)] == ["a.jpg"]
    assert messages == [f"3 pictures in {tmp_path} are left out, as .cr2, .heic cannot be read here: convert them to JPEG"]
