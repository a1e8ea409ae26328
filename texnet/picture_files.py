"""Finding pictures in folders and by patterns: each once, without what texnet itself wrote there."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from texnet.files import is_folder

EXTENSIONS = (
    *(".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm"),
    *(".png", ".ppm", ".tga", ".tif", ".tiff", ".webp"),
)
VIDEOS = (
    *(".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts"),
    *(".3gp", ".flv", ".wmv", ".asf", ".ogv", ".y4m", ".nut", ".vob", ".mxf"),
)
FOREIGN = (".arw", ".cr2", ".cr3", ".dng", ".heic", ".heif", ".hif", ".jxl", ".nef", ".orf", ".raf", ".rw2")
RESULT_MARK = ("Software", "texnet")  # a text chunk of every result that is a PNG
HEAD = 1024  # bytes of a PNG within which the mark stands

Report = Callable[[str], object]


def say_nothing(text: str) -> None:
    """The report of who does not want any."""


def find_pictures(folder: str | Path, *, on_skip: Report = say_nothing, log: Report = say_nothing) -> list[Path]:
    """All files below a folder, at any depth, that look like pictures by name, sorted; hidden ones left out.

    Symbolic links are followed; each folder is visited once. What texnet wrote itself is no input: folders of runs, sweeps
    and evaluations, and stylized versions of pictures that are there too; ``log`` gets their number, and that of pictures in
    formats that cannot be read. ``on_skip`` gets the folders that cannot be read.
    """
    found: list[Path] = []
    in_runs, foreign = 0, Counter[str]()
    for place, names, is_run in _walk(Path(folder), on_skip):
        for name in names:
            suffix = Path(name).suffix.lower()
            foreign[suffix] += suffix in FOREIGN and not is_run
            if suffix in EXTENSIONS and is_run:
                in_runs += 1
            elif suffix in EXTENSIONS:
                found.append(place / name)
    pictures = without_results(found)
    _tell_left_out(in_runs + len(found) - len(pictures), str(folder), log)
    unread = {suffix: number for suffix, number in foreign.items() if number}
    if unread:
        kinds = ", ".join(sorted(unread))
        log(f"{sum(unread.values())} pictures in {folder} are left out, as {kinds} cannot be read here: convert them to JPEG")
    return sorted(pictures)


def expand_paths(
    arguments: Iterable[str], *, on_skip: Report | None = None, log: Report = say_nothing
) -> Iterator[tuple[Path, Path]]:
    """Files, folders and patterns -> pairs (picture, folder it was found under).

    ``on_skip`` gets an argument that names nothing, and goes on with the next; without it this is a FileNotFoundError.
    """
    for argument in arguments:
        path = Path(argument)
        pairs: list[tuple[Path, Path]]
        if is_folder(path):
            pairs = [(found, path) for found in find_pictures(path, on_skip=on_skip or say_nothing, log=log)]
            problem = f"no pictures found in {argument}"
        elif os.path.lexists(path):
            pairs, problem = [(path, path.parent)], ""
        else:
            matches = _match(argument, on_skip or say_nothing, log)
            pairs = [(match, match.parent) for match in matches]
            problem = f"{argument}: no such picture, folder or pattern"
        if not pairs and on_skip is None:
            raise FileNotFoundError(problem)
        if not pairs and on_skip:
            on_skip(problem)
        yield from pairs


def without_results(pictures: Sequence[Path]) -> list[Path]:
    """Pictures without those that texnet made of others among them; all of them where there are no others."""
    known = {part for path in pictures for part in (path.stem, path.name)}
    results = {path for path in pictures if _is_named_like_result(path, known) and _is_marked(path)}
    return [path for path in pictures if path not in results] if len(results) < len(pictures) else list(pictures)


def _tell_left_out(number: int, where: str, log: Report) -> None:
    if number:
        log(f"{number} pictures in {where} are results of texnet or belong to its runs, and are left out")


def _is_named_like_result(path: Path, known: set[str]) -> bool:
    """NAME_STYLE.png beside or above a picture NAME, or a synthesized texture."""
    if path.suffix.lower() != ".png" or "_" not in path.stem:
        return False
    beginnings = [path.stem[: match.start()] for match in re.finditer("_", path.stem)]
    of_another = any(name in known or re.sub(r"-\d+$", "", name) in known for name in beginnings)
    return of_another or bool(re.search(r"_seed-\d+", path.stem))


def _is_marked(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return b"tEXt" + "\0".join(RESULT_MARK).encode() in file.read(HEAD)
    except OSError:
        return False


def _walk(folder: Path, on_skip: Report) -> Iterator[tuple[Path, list[str], bool]]:
    """Each folder with the names of its files, hidden ones left out, and whether texnet made it or one around it.

    The folder itself counts as the user's, whatever is in it: who names a run's folder means it.
    """
    seen: set[Path] = set()
    made: set[str] = set()

    def tell(error: OSError) -> None:
        on_skip(f"{error.filename}: {error.strerror}")

    for root, folders, names in os.walk(folder, followlinks=True, onerror=tell):
        place = Path(os.path.realpath(root))
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        is_run = root in made or (Path(root) != folder and _is_made_by_texnet(set(names)))
        if is_run:
            made.update(os.path.join(root, name) for name in folders)  # noqa: PTH118
        yield Path(root), [name for name in names if not name.startswith(".")], is_run


def _is_made_by_texnet(names: set[str]) -> bool:
    is_run = "config.json" in names and any(name == "metrics.jsonl" or name.endswith(".pt") for name in names)
    return is_run or "sweep.json" in names or {"evaluation.json", "evaluation.md"} <= names


def _match(pattern: str, on_skip: Report, log: Report) -> list[Path]:
    """The files that a pattern fits, sorted; ``**`` reaches any depth, and follows links without ever going in circles."""
    parts = Path(pattern).parts
    if "**" not in parts:
        return [Path(match) for match in sorted(glob.glob(pattern)) if not is_folder(match)]
    above, below = parts[: parts.index("**")], parts[parts.index("**") :]
    start = str(Path(*above))
    folders = sorted(glob.glob(start)) if glob.has_magic(start) else [start]
    found, in_runs = [], 0
    for folder in filter(is_folder, folders):
        for place, names, is_run in _walk(Path(folder), on_skip):
            inner = place.relative_to(folder).parts
            fitting = [place / name for name in names if _fits((*inner, name), below)]
            in_runs += len(fitting) if is_run else 0
            found += [] if is_run else fitting
    pictures = without_results(found)
    _tell_left_out(in_runs + len(found) - len(pictures), pattern, log)
    return sorted(pictures)


def _fits(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return _fits(parts, patterns[1:]) or (bool(parts) and _fits(parts[1:], patterns))
    return bool(parts) and fnmatch(parts[0], patterns[0]) and _fits(parts[1:], patterns[1:])
