"""The tests of a device, as pytest reports them."""

from __future__ import annotations

from pathlib import Path

import pytest

from texnet.benchmark import device_tests
from texnet.benchmark.device_tests import FOLDER, run_tests
from texnet.errors import UserError

EXAMPLES = """
import warnings
import pytest

@pytest.mark.cuda
def test_passes(): warnings.warn("another torch")

@pytest.mark.cuda
def test_fails(): assert 1 == 2, "one is not two"

@pytest.mark.cuda
@pytest.mark.skip(reason="no card")
def test_is_left_out(): pass

def test_is_for_the_cpu(): pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "test_examples.py").write_text(EXAMPLES)
    return tmp_path


def test_those_of_a_device_are_run_and_reported_by_name(folder: Path) -> None:
    found = run_tests(folder, "cuda")
    assert found.passed == ("test_passes",)
    assert list(found.failed) == ["test_fails"] and "one is not two" in found.failed["test_fails"]
    assert found.skipped == {"test_is_left_out": "no card"}
    assert found.table().title == "Tests on cuda: 1 passed, 1 failed, 1 skipped"
    assert next((line.name, line.ours) for line in found.figures()) == ("tests", "1 passed, 1 failed, 1 skipped")


@pytest.mark.slow
def test_another_device_has_all_that_are_not_for_cuda(folder: Path) -> None:
    assert run_tests(folder, "cpu").passed == ("test_is_for_the_cpu",)


@pytest.mark.slow
def test_tests_that_cannot_be_collected_are_failures(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import no_such_module")
    assert len(run_tests(tmp_path, "cuda").failed) == 1


def test_without_a_clone_or_pytest_one_line_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="run them from a clone of texnet"):
        run_tests(folder / "nowhere", "cuda")
    monkeypatch.setattr(device_tests.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pytest is missing; .* -m pip install pytest"):
        run_tests(folder, "cuda")


def test_the_folder_of_these_tests_exists() -> None:
    assert list(FOLDER.glob("test_*.py"))
