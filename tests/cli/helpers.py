"""How the tests call a command: command lines with places in braces, exit codes, complaints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

Main = Callable[[Sequence[str]], None]
TRAINING = """--data_dir {photos} --texture {style} --vgg_weights {vgg} --device cpu --precision float32 --image_size 32
    --batch_size 2 --max_steps 1 --warmup_steps 0 --style_layers relu1_1 --content_layers relu1_1 --style_size 0
    --width 4 --num_blocks 1 --verbose"""
STYLIZING = "--ckpt {ckpt} --output {tmp}/out --device cpu"
# of a single training, or of one for several styles: a sweep has no such flags
NOT_SWEPT = dict.fromkeys(("checkpoint_dir", "run_name", "fixed_noise_factor", "style_rank", "append_to"), "")
SYNTHESIZING = "--ckpt {texture_ckpt} --output {tmp}/out --size 40x30 --device cpu"


def fill(words: str, places: dict[str, str]) -> list[str]:
    """A command line with its places filled in."""
    return [word.format(**places) for word in words.split()]


def exit_code(main: Main, argv: Sequence[object]) -> object:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in argv])
    return stopped.value.code


def complaints(text: str) -> list[str]:
    """The lines in which a command says what the user's mistake is."""
    return [line for line in text.splitlines() if line.startswith("texnet: ")]
