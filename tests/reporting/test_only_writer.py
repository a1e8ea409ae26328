"""Markdown tables and figures are written in texnet/reporting and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.helpers import REPOSITORY

CHECKS_FOR_THE_EXTRA = REPOSITORY / "texnet" / "cli"  # imports matplotlib to name it where it is missing


def uses_matplotlib(path: Path) -> bool:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return any(name.split(".")[0] == "matplotlib" for name in names)


def joins_cells(path: Path) -> bool:
    return " | " in [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]


def test_no_other_module_draws_figures_or_writes_tables() -> None:
    reporting = REPOSITORY / "texnet" / "reporting"
    modules = [path for path in sorted((REPOSITORY / "texnet").rglob("*.py")) if path.parent != CHECKS_FOR_THE_EXTRA]
    assert [path for path in modules if uses_matplotlib(path)] == [reporting / "plots.py"]
    assert [path for path in modules if joins_cells(path)] == [reporting / "tables.py"]
