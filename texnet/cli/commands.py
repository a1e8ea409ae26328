"""The commands. ``texnet COMMAND`` and ``python scripts/COMMAND.py`` are the same."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module

from texnet.errors import UserError

COMMANDS = {
    "train": "train a texture network on photos and a style picture",
    "stylize": "repaint pictures with a trained network",
    "synthesize": "make as much of a texture as is wanted, with a network trained on one",
    "optimize": "repaint one photo by optimizing its pixels, without training",
    "sweep": "train at many settings, compare them, search for the best",
    "calibrate": "make the noise factor of trained networks even: 0.5 is half-way",
    "evaluate": "measure trained networks, ours and others', by one yardstick",
    "monitor": "watch runs in the browser with Visdom",
    "benchmark": "time training, stylizing and start-up beside the recipe of pytorch/examples",
    "pretrain": "learn the weights that trainings begin from, out of many styles",
    "distill": "teach a small network to see what VGG-19 sees",
    "textures": "draw the style pictures that come with texnet, from any seed",
    "demo": "train for a few minutes on pictures that are at hand, and repaint some",
}
USER_ERRORS = (UserError, OSError)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command that the first argument names."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print("usage: texnet COMMAND ...\n\n" + "\n".join(f"  {name:10} {text}" for name, text in COMMANDS.items()))
        print("\ntexnet COMMAND --help tells more")
        sys.exit(0 if arguments else 2)
    if arguments[0] == "--version":
        import texnet

        print(f"texnet {texnet.__version__}")
        return
    if arguments[0] not in COMMANDS:
        sys.exit(fail(f"unknown command {arguments[0]}: use one of {', '.join(COMMANDS)}"))
    import_module(f"texnet.cli.{arguments[0]}").main(arguments[1:])


def run_command(command: Callable[[], int]) -> None:
    """Run a command and leave with its exit code; a user's mistake is one line and exit code 2."""
    warnings.filterwarnings("ignore", module=r"PIL\.")  # of odd metadata: what cannot be read is an error that is reported
    try:
        code = command()
    except USER_ERRORS as error:
        code = fail(str(error))
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def fail(message: str) -> int:
    """Print a mistake in one line; the exit code for it."""
    print(f"texnet: {' '.join(message.split())}", file=sys.stderr)
    return 2


def report_skipped(message: str) -> None:
    """Say which file was passed over, and why."""
    print(f"skipped {message}", file=sys.stderr)
