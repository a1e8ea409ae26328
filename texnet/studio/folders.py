"""Paths that a page names: below the folders that the person named, no link and no hidden part leads out of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from texnet.config import expand_home
from texnet.files import exists, is_folder
from texnet.picture_files import EXTENSIONS, VIDEOS
from texnet.studio.error_responses import Refusal

MOST_COMPLETIONS = 60
LONGEST_PATH = 4096  # letters


class Folders:
    """The folders that a page may choose from, and the way from its words to a path below one of them."""

    def __init__(self, roots: Iterable[str | Path]) -> None:
        found = dict.fromkeys(Path(os.path.realpath(expand_home(str(root)))) for root in roots)
        self.roots = [root for root in found if is_folder(root)]

    def resolve(self, words: str) -> Path:
        """The real path that a page's words name. Refusal 403 outside the folders, 400 for what is no path."""
        if not words or len(words) > LONGEST_PATH or not words.isprintable():
            raise Refusal(400, "that is no path")
        path = Path(os.path.realpath(expand_home(words)))
        if not any(_is_visible_below(path, root) for root in self.roots):
            raise Refusal(403, f"{words}: not below {self.described()}; start the studio with --folders to choose others")
        return path

    def file(self, words: str) -> Path:
        """As :meth:`resolve`, of a file; FileNotFoundError where there is none."""
        path = self.resolve(words)
        if not path.is_file():
            raise FileNotFoundError(f"{words}: no such file")
        return path

    def complete(self, words: str, *, videos: bool = False) -> list[dict[str, object]]:
        """What a half-typed path may become: folders, pictures, and ``videos`` if they are wanted, below the folders.

        Of no words it is the folders themselves.
        """
        endings = EXTENSIONS + VIDEOS if videos else EXTENSIONS
        if not words:
            return [_entry(root) for root in self.roots]
        typed = Path(expand_home(words))
        folder, beginning = (typed, "") if words.endswith("/") else (typed.parent, typed.name)
        try:
            place = self.resolve(str(folder))
            entries = sorted(os.scandir(place), key=lambda entry: (not entry.is_dir(), entry.name.lower()))
        except OSError:
            return []
        except Refusal:
            return [_entry(root) for root in self.roots if str(root).startswith(str(typed))]
        fitting = (entry for entry in entries if entry.name.lower().startswith(beginning.lower()) and entry.name[0] != ".")
        shown = [entry for entry in fitting if entry.is_dir() or Path(entry.name).suffix.lower() in endings]
        return [_entry(place / entry.name) for entry in shown[:MOST_COMPLETIONS]]

    def described(self) -> str:
        """The folders in words."""
        return " or ".join(map(str, self.roots))


def default_roots(named: Sequence[str]) -> list[str]:
    """The folders that were named, else the home folder and the working folder."""
    home = expand_home("~")
    return list(named) or [*([home] if exists(home) else []), "."]


def _is_visible_below(path: Path, root: Path) -> bool:
    return path == root or (path.is_relative_to(root) and not any(part[0] == "." for part in path.relative_to(root).parts))


def _entry(path: Path) -> dict[str, object]:
    is_dir = is_folder(path)
    return {"path": f"{path}/" if is_dir else str(path), "name": path.name or str(path), "folder": is_dir}
