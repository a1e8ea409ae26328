"""Networks by name: files, the runs of the working folder, and the styles that come with texnet.

The shipped styles are one checkpoint each. They lie in ``checkpoints/`` of a clone. Elsewhere they are those of the package
texnet_styles, a distribution of its own that is built from that folder, so that texnet itself stays small.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

from texnet.config import RunConfig
from texnet.errors import UserError
from texnet.files import exists, is_folder

STYLE_FILE = "style.pt"  # in a run's folder
PACKAGE = "texnet_styles"
CLONE = Path(__file__).parents[1] / "checkpoints"
MARK = "pyproject.toml"  # which a clone's folder has, and a folder of runs that is called checkpoints has not
NETWORK_SUFFIXES = (".pt", ".pth")
SEPARATORS = set("/\\")
STYLE_MARK = "#"  # between a file of many styles and the name of one
CLOSEST = 3  # names that are offered for a wrong one
CUTOFF = 0.5  # of difflib's similarity


def styles_folder() -> Path:
    """The folder of the shipped styles. UserError where this installation has none, with the remedy."""
    for folder in _candidates():
        if shipped_styles(folder):
            return folder
    raise UserError("no styles are installed: pip install ./checkpoints in a clone of texnet, or train one")


def shipped_styles(folder: Path | None = None) -> dict[str, Path]:
    """The styles of a folder, by name, sorted; of those that come with texnet without one, none where none are installed."""
    if folder is None:
        return next(filter(None, map(shipped_styles, _candidates())), {})
    return {path.stem: path for path in sorted(folder.glob("*.pt"))}


def find_network(words: str) -> str:
    """The file that a flag such as ``--ckpt`` names: a file, a run's folder, or a name as of :func:`named_network`.

    What follows ``#``, a style of a file of many, stays.

    FileNotFoundError offers the nearest names for a name that nothing has. Words with a separator or the suffix of a network
    are a path, and stay as they are where nothing is there.
    """
    if not words or (exists(words) and not is_folder(words)):
        return words
    file, mark, styles = words.rpartition(STYLE_MARK)
    if mark:
        return find_network(file) + mark + styles
    in_folder = Path(words, STYLE_FILE)
    found = str(in_folder) if exists(in_folder) else named_network(words)
    if not found and not set(words) & SEPARATORS and not words.endswith(NETWORK_SUFFIXES):
        raise FileNotFoundError(_no_such(words))
    return found or words


def named_network(name: str) -> str:
    """The file of a run of that name in ``checkpoints/``, else of a shipped style; empty where there is neither."""
    if not name or set(name) & SEPARATORS:
        return ""
    of_run = Path(RunConfig.checkpoint_dir, name, STYLE_FILE)
    return str(of_run if exists(of_run) else shipped_styles().get(name, ""))


def _candidates() -> list[Path]:
    """Where the shipped styles may be: a clone's folder, the installed package."""
    found = find_spec(PACKAGE)
    installed = list(found.submodule_search_locations or []) if found else []
    return [*([CLONE] if exists(CLONE / MARK) else []), *map(Path, installed)]


def _no_such(words: str) -> str:
    runs = (path.parent.name for path in Path(RunConfig.checkpoint_dir).glob(f"*/{STYLE_FILE}"))
    names = sorted({*runs, *shipped_styles()})
    nearest = get_close_matches(words.lower().replace(" ", "_").replace("-", "_"), names, CLOSEST, CUTOFF)
    offer = f"; the nearest names are {', '.join(nearest)}" if nearest else "; texnet styles lists names" if names else ""
    return f"{words}: no such checkpoint{offer}"
