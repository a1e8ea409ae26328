"""Compile what a step spends its time in: fewer and larger kernels, and on CUDA one launch for all of them."""

from __future__ import annotations

import torch
from torch import nn

from texnet.errors import UserError

REMEDY = "install a C++ compiler (and on CUDA triton), or leave --compile out"


def compile_in_place(*modules: nn.Module, device: torch.device) -> None:
    """Compile each module's call, once for every size of picture that it meets; copies of a module are not compiled.

    Names in state dicts stay, unlike those of ``torch.compile(module)``. ValueError where nothing can be compiled here.
    """
    torch.compiler.reset()  # there is a limit to what is kept, which an earlier training of this context may have used up
    mode = "reduce-overhead" if device.type == "cuda" else None  # CUDA graphs
    try:
        torch.compile(torch.neg, dynamic=False)(torch.ones(2, device=device))
    except RuntimeError as error:  # of which all of torch.compile's own are a kind
        reason = str(error).strip().split("\n\n")[0]
        raise UserError(f"--compile: {reason}; {REMEDY}") from error
    torch._dynamo.config.optimize_ddp = False  # torchrun: it would cut the graphs, and older torch refuses our gradients there
    for module in modules:
        module.compile(mode=mode, dynamic=False)
