"""The device to compute on, the precision, the memory that is free there, and compiling for it."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texnet.errors import TooLargeError, UserError

DEVICES = ("cuda", "mps", "xpu", "cpu")  # best first
CONTROL_GROUPS = (  # files of version 2 and of version 1: limit, use, statistics, and the key of the droppable page cache
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)
COMPILE_REMEDY = "install a C++ compiler (and on CUDA triton), or leave --compile out"
WORTHWHILE_SPEEDUP = 1.5  # of bfloat16: below it the choice would change with the load of the machine
OUT_OF_MEMORY = (  # what RuntimeErrors say: torch has a type for this on GPUs alone
    *("can't allocate memory", "cannot allocate memory", "not enough memory", "out of memory", "std::bad_alloc"),
    *("status_alloc_failed", "could not create a memory", "could not create a primitive"),  # of CUDA's and CPUs' libraries
)


def choose_device(name: str) -> torch.device:
    """The named device, or the best one present for an empty name; UserError says what is missing and what there is."""
    present = [device for device in DEVICES if _is_present(device)]
    if not name:
        return torch.device(present[0])
    kind = name.split(":")[0]
    if kind not in DEVICES:
        raise UserError(f"--device {name}: not one of {', '.join(DEVICES)}")
    if kind not in present:
        hint = " (is a CUDA build of torch installed, and the driver?)" if kind == "cuda" else ""
        raise UserError(f"--device {name}: no {kind} device here{hint}; present: {', '.join(present)}")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise UserError(f"--device {name}: write {kind} or, for the second one, {kind}:1") from None
    if kind == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise UserError(f"--device {name}: there are {torch.cuda.device_count()} CUDA devices here, counted from 0")
    return device


def describe_device(device: torch.device) -> str:
    """A device in words, for a run's first line."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"cpu ({torch.get_num_threads()} threads)" if device.type == "cpu" else str(device)


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """``auto`` -> bfloat16 where the hardware multiplies it at least 1.5 times as fast as float32, else float32.

    A CPU's instruction sets do not tell: with AVX512_BF16 alone it gains a tenth to a third, with AMX several times. So it is
    measured, once per process.
    """
    if name == "auto":
        return torch.bfloat16 if _is_fast_at_bfloat16(device) else torch.float32
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[name]


@cache
def bfloat16_speedup(rounds: int = 3) -> float:
    """How many times as fast as in float32 this CPU convolves in bfloat16, measured in turns."""
    seconds: dict[torch.dtype, list[float]] = {torch.float32: [], torch.bfloat16: []}
    x, kernel = torch.ones(1, 64, 64, 64).to(memory_format=torch.channels_last), torch.ones(64, 64, 3, 3)
    operands = {precision: (x.to(precision), kernel.to(precision)) for precision in seconds}
    with torch.inference_mode():
        for turn in range(1 + rounds):  # the first one prepares the kernels
            for precision, measured in seconds.items():
                begin = time.perf_counter()
                F.conv2d(*operands[precision])
                measured.extend([time.perf_counter() - begin] if turn else [])
    return min(seconds[torch.float32]) / min(seconds[torch.bfloat16])


def name_of(precision: torch.dtype) -> str:
    """The value of ``--precision`` for a dtype."""
    return str(precision).removeprefix("torch.")


def autocast(precision: torch.dtype, device: torch.device) -> torch.autocast:
    """A context in which convolutions and matrix products compute in ``precision``."""
    lower = None if precision == torch.float32 else precision
    return torch.autocast(device.type, lower, enabled=lower is not None)


def to_device(tensor: Tensor, device: torch.device | str) -> Tensor:
    """Move a tensor to a device; copies to a CUDA device are asynchronous, through pinned memory."""
    device = torch.device(device)
    if device.type == "cuda" and tensor.device.type == "cpu":
        return tensor.contiguous().pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def free_memory(device: torch.device | str = "cpu") -> int:
    """Free memory in bytes: of the device on CUDA, else of the host, within the limit of its container.

    Read from the kernel's own files: psutil knows nothing of containers, so it would not make this shorter.
    """
    device = torch.device(device)
    if device.type == "cuda":  # torch's caching allocator keeps what was freed
        return torch.cuda.mem_get_info(device)[0] + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        return min(int(fields["MemAvailable"].split()[0]) * 1024, free_in_container())
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2  # macOS reports only the total


def free_in_container(folder: Path = Path("/sys/fs/cgroup")) -> int:
    """Free bytes below the memory limit of the control group, with droppable page cache; sys.maxsize without a limit."""
    try:
        limit, used, stat, droppable = next(names for names in CONTROL_GROUPS if (folder / names[0]).is_file())
        maximum = (folder / limit).read_text().strip()
        taken = int((folder / used).read_text())
        parts = dict(line.split() for line in (folder / stat).read_text().splitlines())
    except (OSError, ValueError, StopIteration):
        return sys.maxsize
    return sys.maxsize if maximum == "max" else max(0, int(maximum) - taken + int(parts.get(droppable, 0)))


def check_memory(
    size: Sequence[int], bytes_per_pixel: int, device: torch.device, flag: str, *, margin: int = 0, both: bool = False
) -> None:
    """TooLargeError, with the size that fits for ``flag``, where a picture of (height, width) needs more than is free.

    ``margin`` pixels are added on each side. The flag takes the long side, or with ``both`` WIDTHxHEIGHT.
    """
    height, width = size
    needed, free = (height + 2 * margin) * (width + 2 * margin) * bytes_per_pixel, free_memory(device)
    if needed > free:
        scale = (0.9 * free / needed) ** 0.5
        fitting = [max(1, int((side + 2 * margin) * scale) - 2 * margin) for side in (width, height)]
        gigabytes = f"about {needed / 2**30:.0f} GB of memory, {free / 2**30:.0f} are free"
        remedy = "x".join(map(str, fitting)) if both else max(fitting)
        raise TooLargeError(f"{width}x{height} pixels need {gigabytes}; use {flag} {remedy}")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, or what caused it, says that the memory of a GPU or of the host does not suffice."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, RuntimeError) and any(words in str(error).lower() for words in OUT_OF_MEMORY):
        return True
    return error.__cause__ is not None and is_out_of_memory(error.__cause__)


def _is_present(kind: str) -> bool:
    if kind == "cpu":
        return True
    module = getattr(torch, kind, None)
    return module is not None and bool(module.is_available())


def _is_fast_at_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "xpu" or (device.type == "cpu" and bfloat16_speedup() >= WORTHWHILE_SPEEDUP)


def require_compiler(device: torch.device) -> None:
    """UserError where nothing can be compiled for a device here."""
    torch.compiler.reset()  # there is a limit to what is kept, which an earlier training of this process may have used up
    try:
        torch.compile(torch.neg, dynamic=False)(torch.ones(2, device=device))
    except RuntimeError as error:  # of which all of torch.compile's own are a kind
        reason = str(error).strip().split("\n\n")[0]
        raise UserError(f"--compile: {reason}; {COMPILE_REMEDY}") from error


def compile_in_place(*modules: nn.Module, device: torch.device) -> None:
    """Compile each module's call, once for every size of picture that it meets; copies of a module are not compiled.

    Fewer and larger kernels, on CUDA with one launch for all. Names in state dicts stay, unlike those of
    ``torch.compile(module)``.
    """
    mode = "reduce-overhead" if device.type == "cuda" else None  # CUDA graphs
    torch._dynamo.config.optimize_ddp = False  # torchrun: it would cut the graphs, and older torch refuses our gradients there
    for module in modules:
        module.compile(mode=mode, dynamic=False)
