"""The documentation stays true: its commands parse, its flags and imports exist, its links lead somewhere."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from urllib.parse import urlparse

import pytest

from tests.helpers import REPOSITORY
from texnet.cli.commands import COMMANDS

README_LINES = 150
PAGES = [
    *(
        REPOSITORY / name
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "textures/SOURCES.md", "checkpoints/README.md")
    ),
    REPOSITORY / "texnet" / "weights" / "SOURCES.md",
    *sorted((REPOSITORY / "docs").glob("*.md")),
]
FLAGS_OF_OTHER_TOOLS = {"--bind", "--directory", "--nproc-per-node", "--torch-backend"}  # http.server, torchrun, uv
HOSTS = {"arxiv.org", "github.com", "images.cocodataset.org", "optuna.org", "pytorch.org"}
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)  # its language, its lines
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FLAG = re.compile(r"(?<![\w-])--[a-z][\w-]*")
RENAMED = re.compile(r"^\| `(?:texnet \w+ )?(--\w+)` \| `(?:texnet \w+ )?(--\w+)` \|$", re.MULTILINE)
ABSOLUTE_PATH = re.compile(r"(?:^|[\s`'\"(=])/\w[\w.-]*/\w")
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))


def blocks(text: str) -> Iterator[str]:
    """The lines of fenced and indented blocks, but for Python; those that a backslash continues are one."""
    indented = re.sub(r"^(?!    ).*\n?", "", FENCED.sub("", text), flags=re.MULTILINE)
    fenced = "".join(code for language, code in FENCED.findall(text) if language != "python")
    return (line.strip() for line in (indented + fenced).replace("\\\n", " ").splitlines())


def spans(text: str) -> Iterator[str]:
    """Code within paragraphs and tables, each on one line."""
    return (" ".join(span.split()) for span in SPAN.findall(FENCED.sub("", text)))


def commands(lines: Iterator[str]) -> Iterator[tuple[str, list[str]]]:
    """``python scripts/train.py --cuda`` and ``texnet train --cuda`` as ("train", ["--cuda"]); variables before them go."""
    for line in lines:
        words = shlex.split(line, comments=True) if re.search(r"\btexnet |\bscripts/", line) else []
        while words and re.fullmatch(r"[A-Z][A-Z0-9_]*=.*", words[0]):
            words.pop(0)
        script = next((i for i, word in enumerate(words) if re.fullmatch(r"scripts/\w+\.py", word)), None)
        if script is not None:
            yield Path(words[script]).stem, words[script + 1 :]
        elif words[:1] == ["texnet"]:
            yield words[1], words[2:]


@cache
def known_flags() -> frozenset[str]:
    """Every flag of every command."""
    parsers = [import_module(f"texnet.cli.{command}")._parser() for command in COMMANDS]
    return frozenset(flag for parser in parsers for action in parser._actions for flag in action.option_strings)


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))


def anchors(page: Path) -> set[str]:
    """The fragments by which GitHub links to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_every_command_in_a_block_parses(page: Path) -> None:
    for command, arguments in commands(blocks(page.read_text())):
        assert command in COMMANDS
        import_module(f"texnet.cli.{command}")._parser().parse_args(arguments)  # ends the test where it fails


@every_page
def test_every_command_within_a_paragraph_exists(page: Path) -> None:
    found = [command for command, _ in commands(spans(page.read_text())) if command.isalpha()]
    renamed = {"base"} if page.name == "CHANGELOG.md" else set()
    assert set(found) - renamed <= set(COMMANDS)


@every_page
def test_every_flag_exists(page: Path) -> None:
    text = RENAMED.sub("", page.read_text())
    text = re.sub(r"^\| `--init base` .*$", "", text, flags=re.MULTILINE)
    assert set(FLAG.findall(text)) - FLAGS_OF_OTHER_TOOLS - known_flags() == set()


def test_renamed_flags_have_left_their_old_names() -> None:
    renamed = RENAMED.findall((REPOSITORY / "CHANGELOG.md").read_text())
    assert len(renamed) >= 10
    assert [old for old, _ in renamed if old in known_flags()] == []
    assert [new for _, new in renamed if new not in known_flags()] == []


@every_page
def test_every_target_of_make_exists(page: Path) -> None:
    text = page.read_text()
    found = {line.split()[1] for line in chain(blocks(text), spans(text)) if re.match(r"make [a-z]", line)}
    assert found - make_targets() == set()


@every_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        path, _, fragment = link.partition("#")
        if urlparse(link).scheme:
            continue
        target = page.parent / path if path else page
        assert target.is_file(), link
        assert not fragment or fragment in anchors(target), link


@every_page
def test_python_examples_import_what_exists(page: Path) -> None:
    for code in (code for language, code in FENCED.findall(page.read_text()) if language == "python"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom):
                assert node.module
                module = import_module(node.module)
                assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


@every_page
def test_paths_and_hosts_are_those_of_every_reader(page: Path) -> None:
    text = page.read_text()
    hosts = {urlparse(url).hostname for url in re.findall(r"https?://[^\s)>\"'`]+", text)}
    assert hosts <= HOSTS
    assert ABSOLUTE_PATH.findall(text) == []


@every_page
def test_every_picture_has_a_description(page: Path) -> None:
    assert "![](" not in page.read_text()


def test_every_picture_of_the_documentation_is_shown() -> None:
    shown = {Path(link).name for page in PAGES for link in LINK.findall(page.read_text())}
    assert {path.name for path in (REPOSITORY / "docs" / "images").iterdir()} - shown == set()


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    readme = REPOSITORY / "README.md"
    text = readme.read_text()
    assert len(text.splitlines()) <= README_LINES
    linked = {(REPOSITORY / link.partition("#")[0]).resolve() for link in LINK.findall(text)}
    assert [page for page in PAGES if page not in {readme, *linked}] == []


def test_the_map_of_the_code_is_complete() -> None:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text()
    cells = re.findall(r"^\| (`.*?) \|", text.partition("## Map of the code")[2].partition("## ")[0], re.MULTILINE)
    named = {name for cell in cells for name in SPAN.findall(cell)}
    package = REPOSITORY / "texnet"
    folders = {f"{path.name}/" for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"}
    modules = {path.name for path in package.glob("*.py") if not path.name.startswith("__")}
    assert named == folders | modules


@every_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    paths = re.findall(r"`((?:texnet|tests|docs|scripts|textures)/[\w/.-]*)", page.read_text())
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []
