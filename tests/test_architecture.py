"""The shape of the package: imports run one way, start-up is light, modules are short, names and words are plain."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import subprocess
import sys
import typing
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import REPOSITORY
from texnet.cli.commands import COMMANDS
from texnet.config import StylizeConfig, SynthesizeConfig, TrainConfig

PACKAGE = REPOSITORY / "texnet"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    "torch",
    "torchvision",
    "numpy",
    "PIL",
    "tqdm",
    "visdom",
    "pycocotools",
    "matplotlib",
    "optuna",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "pyvips",
    "tifffile",
    "av",
    "starlette",
    "uvicorn",
}
SHORTEST_MODULE, LONGEST_MODULE, LONGEST_FUNCTION = 40, 260, 60

# modules of less than SHORTEST_MODULE lines that stand alone for a reason
SHORT_MODULES = {
    "python -m texnet runs it": {"texnet.__main__"},
    "what a file says of a style": {"texnet.checkpoint.card"},
    "what files of before a change lack": {"texnet.checkpoint.earlier"},
    "every room imports it": {"texnet.config.device", "texnet.errors", "texnet.rng"},
    "one file per command": {
        *(
            f"texnet.config.{name}"
            for name in ["calibrate", "card", "demo", "monitor", "optimize", "pretrain", "styles", "sweep", "textures"]
        ),
        "texnet.cli.textures",
    },
    "runs before torch is imported": {"texnet.cli.allocator"},
    "a process of its own": {"texnet.studio.job_runner"},
    "a part of a published generator": {"texnet.generators.color_transform"},
    "every measurement imports it": {"texnet.benchmark.summary"},
    "one idea that two rooms use": {"texnet.losses.descriptor"},
    "an operator that planes know by its name": {"texnet.ops.interleave"},
    "builds what a config asks for": {"texnet.generators.build", "texnet.monitoring.build"},
    "where the results of a command are written": {"texnet.synthesize.files"},
}

# British spelling, and words of this project alone for which the field has others
FORBIDDEN_WORDS = re.compile(
    r"yardstick|\bdials?\b|\bjudg|\bpainters?\b|\bpeers?\b|\bwalkers?\b|nobody painted|passed over|\bgo(es)? on outwards"
    r"|\blearnt\b|colour|\bgrey|\bcentre|harbour|optimis(?!t|m)|normalis|stylis(?!t)|initialis|synthesis(e|ing)\b",
    re.IGNORECASE,
)

# who stands on whom: a room may import from the rooms of lower storeys, and from itself
STOREYS = (
    {"__main__"},
    {"cli"},
    {"studio"},
    {"sweep"},
    {"benchmark", "evaluation", "export"},
    {"gallery", "video"},
    {"pretraining", "stylize", "synthesize", "multi_style"},
    {"optimize", "training"},
    {"checkpoint"},
    {"fast_style_transfer"},
    {"data", "fast_neural_style", "generators", "losses", "monitoring"},
    {"picture_parts", "reporting"},
    {"drawing", "images", "metrics", "png", "tiff"},
    {"decoding", "picture_files", "shipped"},
    {"caches", "color", "config", "devices", "files", "noise_factor", "oklab", "ops", "rng", "soap", "tensor_files"},
    {"errors", "texnet"},
)
every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))


def room_of(module: str) -> str:
    """``texnet.losses.style`` -> ``losses``; the package itself is its own room."""
    return [*module.split("."), "texnet"][1]


def name_of(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def syntax_tree(path: Path) -> ast.Module:
    """What a module says; to be read, not changed."""
    return ast.parse(path.read_text())


def imports_of(path: Path) -> Iterator[str]:
    """Every module of texnet that a file imports, at its top or inside a function, TYPE_CHECKING blocks left out."""
    for node in ast.walk(_without_type_checking(syntax_tree(path))):
        yield from imported_by(node)


def imported_by(node: ast.AST) -> Iterator[str]:
    """The modules of texnet that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "texnet")
    elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "texnet":
        assert node.module
        yield from (f"{node.module}.{alias.name}" if node.module == "texnet" else node.module for alias in node.names)


def _without_type_checking(tree: ast.Module) -> ast.Module:
    body = [node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))]
    return ast.Module(body, tree.type_ignores)


def storey_of(room: str) -> int:
    found = [number for number, rooms in enumerate(STOREYS) if room in rooms]
    assert found, f"texnet/{room} is new: give it a storey in {Path(__file__).name}"
    return found[0]


@every_module
def test_imports_run_downwards(path: Path) -> None:
    own = room_of(name_of(path))
    upwards = {module for module in imports_of(path) if room_of(module) != own and storey_of(room_of(module)) <= storey_of(own)}
    assert upwards == set()


def test_no_modules_import_each_other() -> None:
    """Not even under TYPE_CHECKING; imports inside functions may, as they wait until they are needed."""
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        if path.parent == PACKAGE and path.name == "__init__.py":
            continue  # its names are loaded when they are used
        body = syntax_tree(path).body
        blocks = (node.body for node in body if isinstance(node, ast.If))
        graph[name_of(path)] = {name for node in chain(body, *blocks) for name in imported_by(node)}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@every_module
def test_imports_are_absolute(path: Path) -> None:
    relative = [n.lineno for n in ast.walk(syntax_tree(path)) if isinstance(n, ast.ImportFrom) and n.level]
    assert relative == []


def loaded_by(code: str) -> set[str]:
    """The heavy packages that a fresh Python has loaded after running some code."""
    report = f"print('loaded:', *({HEAVY!r} & set(sys.modules)))"
    program = f"import contextlib, sys\nwith contextlib.suppress(SystemExit):\n    {code}\n{report}"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "code",
    [
        "import texnet",
        "import texnet.config",
        "from texnet.cli.train import main; main(['--dry_run', '--data_dir', 'photos', '--texture', 'mosaic.jpg'])",
        "from texnet.cli.commands import main; main(['--help'])",
        *(f"from texnet.cli.{command} import main; main(['--help'])" for command in COMMANDS),
    ],
)
def test_help_and_dry_runs_load_nothing_heavy(code: str) -> None:
    assert loaded_by(code) == set()


def test_public_names_are_loaded_when_they_are_used() -> None:
    assert "torch" in loaded_by("from texnet import Stylizer")


@every_module
def test_a_module_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE


def test_a_module_is_not_too_short_without_a_reason() -> None:
    short = {
        name_of(path) for path in MODULES if path.name != "__init__.py" and len(path.read_text().splitlines()) < SHORTEST_MODULE
    }
    assert short == set().union(*SHORT_MODULES.values())


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=name_of)
def test_an_init_file_only_re_exports(path: Path) -> None:
    """A docstring, imports and ``__all__``; the package's own also has a version, and loads its names when they are used."""
    allowed = {"__all__"} if path.parent != PACKAGE else {"__all__", "__version__", "__getattr__", "_HOMES"}
    body = _without_type_checking(syntax_tree(path)).body
    others = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)]
    assert {name for node in others for name in defined_by(node)} <= allowed


def defined_by(node: ast.stmt) -> list[str]:
    """The names that an assignment, a function or a class defines; of another statement its code."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    return [ast.unparse(target) for target in node.targets] if isinstance(node, ast.Assign) else [ast.unparse(node)]


TEXTS = [*MODULES, REPOSITORY / "README.md", *(path for path in (REPOSITORY / "docs").glob("*.md") if path.name != "log.md")]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_words_are_those_of_the_field_in_american_spelling(path: Path) -> None:
    lines = enumerate(path.read_text().splitlines(), 1)
    assert [f"{path.name}:{number}: {line.strip()}" for number, line in lines if FORBIDDEN_WORDS.search(line)] == []


@every_module
def test_a_module_says_in_its_first_line_what_it_is(path: Path) -> None:
    assert ast.get_docstring(syntax_tree(path))


@every_module
def test_functions_are_short(path: Path) -> None:
    functions = [node for node in ast.walk(syntax_tree(path)) if isinstance(node, ast.FunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno >= LONGEST_FUNCTION] == []


def public_members(path: Path) -> Iterator[tuple[str, Any]]:
    """Public functions, classes and methods that a module defines itself; a ``__main__`` runs when it is imported."""
    if path.name == "__main__.py":
        return
    module = import_module(name_of(path))
    for name, member in vars(module).items():
        if name.startswith("_") or getattr(member, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(member) or inspect.isclass(member):
            yield name, member
        if inspect.isclass(member):
            fields = {item.name for item in dataclasses.fields(member)} if dataclasses.is_dataclass(member) else set()
            methods = ((key, value) for key, value in vars(member).items() if not key.startswith("_") and key not in fields)
            yield from ((f"{name}.{key}", value) for key, value in methods if inspect.isfunction(value))


@every_module
def test_every_public_function_and_class_has_a_docstring(path: Path) -> None:
    assert [name for name, member in public_members(path) if not inspect.getdoc(member)] == []


def flags_of(config_type: type[Any]) -> Iterator[str]:
    hints = typing.get_type_hints(config_type)
    for item in dataclasses.fields(config_type):
        if dataclasses.is_dataclass(hints[item.name]):
            yield from flags_of(hints[item.name])
        else:
            yield item.name


@pytest.mark.parametrize("config_type", [TrainConfig, StylizeConfig, SynthesizeConfig])
def test_every_flag_of_a_command_is_unique(config_type: type[Any]) -> None:
    assert [flag for flag, times in Counter(flags_of(config_type)).items() if times > 1] == []


def test_nothing_is_pickled() -> None:
    loads = [node for path in MODULES for node in ast.walk(syntax_tree(path)) if is_torch_load(node)]
    careless = [ast.unparse(call) for call in loads if not any(k.arg == "weights_only" for k in call.keywords)]
    assert len(loads) >= 2
    assert careless == []


def is_torch_load(node: ast.AST) -> typing.TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load"
