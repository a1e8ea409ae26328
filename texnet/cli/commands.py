"""The list of commands, and how each of them ends: its exit code, and one line for a user's mistake."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module

from texnet.caches import settle_home
from texnet.cli.stdio import lasting_streams
from texnet.errors import UserError

COMMANDS = {
    "train": "train a generator on photos and one style picture",
    "stylize": "stylize pictures and videos with a trained network, at any strength",
    "styles": "list the styles that come with texnet, and show them",
    "live": "paint what a camera sees, on a page of this machine",
    "synthesize": "generate a texture of any size with a network trained on one",
    "optimize": "stylize one photo by optimizing its pixels, without training",
    "export": "write a trained network as a file for other runtimes, browsers and phones",
    "sweep": "train with many settings and compare them, or search for the best",
    "calibrate": "measure the noise factor of trained networks again: 0.5 is half-way",
    "evaluate": "measure trained networks, texnet's and others', on the same photos",
    "card": "complete what a trained style says of itself, and make its file small",
    "studio": "train, watch and paint in the browser",
    "monitor": "show runs in the browser with Visdom",
    "benchmark": "time training, stylizing and start-up beside the recipe of pytorch/examples",
    "pretrain": "train the generator that trainings start from, on many styles",
    "distill": "train a small feature network to replace VGG-19",
    "textures": "draw the style pictures that come with texnet, from any seed",
    "demo": "train for a few minutes on pictures that need no download, and stylize some",
}
DEBUG = "TEXNET_DEBUG"  # an environment variable: also show the traceback of a user's mistake
MISTAKE, INTERRUPTED = 2, 130  # exit codes; the latter is the shell's own for Ctrl-C
HELP = """usage: texnet COMMAND [options]

Train a small generator on photos and one style picture, then stylize any picture at any strength.

commands:
{commands}

texnet COMMAND --help shows the options of a command.
{debug}=1 shows where an error came from."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command that the first argument names."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(HELP.format(commands="\n".join(f"  {name:12}{text}" for name, text in COMMANDS.items()), debug=DEBUG))
        sys.exit(0 if arguments else MISTAKE)
    if arguments[0] == "--version":
        import texnet

        print(f"texnet {texnet.__version__}")
        return
    if arguments[0] not in COMMANDS:
        sys.exit(fail(f"unknown command {arguments[0]}: use one of {', '.join(COMMANDS)}"))
    import_module(f"texnet.cli.{arguments[0]}").main(arguments[1:])


def run_command(command: Callable[[], int]) -> None:
    """Run a command and exit with its code. Output that nobody reads any more does not end it.

    UserError, OSError and a lack of memory become one line and code 2; other exceptions are texnet's own faults and keep
    their traceback.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")  # of odd metadata: what cannot be read is an error that is reported
    with lasting_streams():
        try:
            settle_home()
            code = command()
        except (UserError, OSError) as error:
            if os.environ.get(DEBUG):
                traceback.print_exc()
            code = fail(str(error))
        except KeyboardInterrupt:
            code = INTERRUPTED
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            code = fail("the memory does not suffice; give smaller pictures, crops or batches, or another --device")
        sys.stdout.flush()
    sys.exit(code)


def _is_out_of_memory(error: Exception) -> bool:
    from texnet.devices import is_out_of_memory

    return is_out_of_memory(error)


def fail(message: str) -> int:
    """Print a user's mistake as one line; the exit code for it."""
    print(f"texnet: {printable(message)}", file=sys.stderr)
    return MISTAKE


def printable(message: str) -> str:
    """A message as one line, which may quote a name or another's file: what a terminal would obey is escaped."""
    line = " ".join(message.split())
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in line)


def report_skipped(message: str) -> None:
    """Print which file was skipped, and why."""
    print(f"skipped {printable(message)}", file=sys.stderr)
