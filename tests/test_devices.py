"""Where to compute and in which number format."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest
import torch

from texnet.config import PRECISION_NAMES
from texnet.devices import (
    autocast,
    bfloat16_speedup,
    check_memory,
    choose_device,
    choose_precision,
    describe_device,
    free_in_container,
    free_memory,
    is_out_of_memory,
    name_of,
)
from texnet.errors import TooLargeError

CPU = torch.device("cpu")


def test_a_device_that_is_present_can_be_named() -> None:
    assert choose_device("cpu") == CPU


def test_without_a_name_the_best_device_present_is_taken() -> None:
    assert (choose_device("").type == "cuda") == torch.cuda.is_available()


@pytest.mark.parametrize("name", ["cpu:x", "cpu:-1", "cpu:0:0"])
def test_a_device_with_a_number_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^--device {name}: write cpu or, for the second one, cpu:1$"):
        choose_device(name)


def test_an_unknown_device_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"^--device abacus: not one of cuda, mps, xpu, cpu$"):
        choose_device("abacus")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_missing_is_refused_with_those_that_are_present() -> None:
    with pytest.raises(ValueError, match=r"^--device cuda: no cuda device here .*; present: .*cpu$"):
        choose_device("cuda")


@pytest.mark.parametrize(("name", "expected"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_a_precision_can_be_named(name: str, expected: torch.dtype) -> None:
    assert choose_precision(name, CPU) == expected


@pytest.mark.parametrize("name", PRECISION_NAMES)
def test_every_precision_that_the_flag_offers_is_known(name: str) -> None:
    assert choose_precision(name, CPU) in (torch.float32, torch.bfloat16)


@pytest.mark.parametrize(("speedup", "expected"), [(0.1, torch.float32), (1.3, torch.float32), (6.0, torch.bfloat16)])
def test_a_processor_computes_in_bfloat16_where_that_was_measured_to_be_worth_it(
    speedup: float, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("texnet.devices.bfloat16_speedup", lambda: speedup)
    assert choose_precision("auto", CPU) == expected


def test_the_speed_of_bfloat16_is_a_ratio_that_is_measured_once() -> None:
    assert 0 < bfloat16_speedup() < 100
    assert bfloat16_speedup() == bfloat16_speedup()


@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_a_precision_has_the_name_that_chooses_it(name: str) -> None:
    assert name_of(choose_precision(name, CPU)) == name


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_convolutions_work_in_the_precision_that_is_asked_for_wherever_they_are(precision: torch.dtype) -> None:
    conv = torch.nn.Conv2d(3, 2, 3)
    with autocast(torch.bfloat16, CPU), autocast(precision, CPU):
        assert conv(torch.rand(1, 3, 8, 8)).dtype == precision


def test_a_processor_is_described_with_its_threads() -> None:
    assert describe_device(CPU) == f"cpu ({torch.get_num_threads()} threads)"


def test_free_memory_is_some_megabytes_at_least() -> None:
    assert free_memory("cpu") > 2**20


def test_in_a_container_what_its_limit_leaves_is_free_and_files_that_can_be_dropped_are(tmp_path: Path) -> None:
    assert free_in_container(tmp_path) == sys.maxsize  # no control group
    for name, text in (("memory.max", "1000\n"), ("memory.current", "700\n"), ("memory.stat", "anon 500\ninactive_file 150\n")):
        (tmp_path / name).write_text(text)
    assert free_in_container(tmp_path) == 450
    (tmp_path / "memory.max").write_text("max\n")
    assert free_in_container(tmp_path) == sys.maxsize


def test_control_groups_of_version_1_count_too(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    stat = "cache 200\ntotal_inactive_file 100\n"
    for name, text in (("limit_in_bytes", "1000\n"), ("usage_in_bytes", "600\n"), ("stat", stat)):
        (tmp_path / f"memory/memory.{name}").write_text(text)
    assert free_in_container(tmp_path) == 500


def test_a_picture_that_does_not_fit_is_refused_with_the_size_that_does() -> None:
    side = int(free_memory() ** 0.5)
    check_memory((16, 16), 1, CPU, "--max_size")
    with pytest.raises(TooLargeError, match=rf"^{4 * side}x{side} pixels need .*; use --max_size \d+$") as caught:
        check_memory((side, 4 * side), 1, CPU, "--max_size")
    fitting = int(str(caught.value).split()[-1])
    check_memory((fitting // 4, fitting), 1, CPU, "--max_size")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        caused(ValueError("step 3"), MemoryError()),
    ],
    ids=lambda error: type(error).__name__,
)
def test_memory_that_does_not_suffice_is_told_from_other_errors(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", [RuntimeError("shape"), OSError(errno.ENOSPC, "No space left"), ValueError("out of memory")])
def test_other_errors_are_none_of_memory(error: Exception) -> None:
    assert not is_out_of_memory(error)


def test_what_the_cpu_cannot_allocate_is_out_of_memory() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**62, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
