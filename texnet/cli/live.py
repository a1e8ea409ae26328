"""texnet live: paint what a camera sees, on a page of this machine, as it happens."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from texnet.cli.allocator import tune_malloc
from texnet.cli.choose_style import all_styles, choose_styles
from texnet.cli.commands import run_command
from texnet.cli.launch import stop_on_signals
from texnet.cli.options import Parser, add_options, from_options
from texnet.config import LiveConfig, check_given, expand_home
from texnet.config.live import MOST_NETWORKS
from texnet.errors import UserError
from texnet.shipped import STYLE_MARK


def main(argv: Sequence[str] | None = None) -> None:
    """Parse, paint until Ctrl-C."""
    run_command(lambda: live(_parser().parse_args(argv)))


def live(arguments: argparse.Namespace) -> int:
    """The command itself: serve the page until Ctrl-C, or until the camera sends nothing more."""
    config = from_options(LiveConfig, vars(arguments))
    check_given(config)
    config = replace(config, ckpt=_networks_for_keys(config), style=())
    if Path(config.output).is_file():
        raise UserError(f"--output {config.output}: a file; name a folder")
    tune_malloc()
    import threading

    from texnet.devices import choose_device, choose_precision
    from texnet.stylize import Stylizer
    from texnet.video.capture import NewestFrame
    from texnet.video.live import LiveSession, start
    from texnet.video.server import build_server

    device = choose_device(config.device.name)
    precision = choose_precision(config.precision, device)
    networks = [Stylizer.load(path, device, precision) for path in config.ckpt]
    networks[0].check_noise_factor(config.noise_factor)
    session = LiveSession(networks, NewestFrame(expand_home(config.camera)), config)
    server = build_server(session, config.port)
    thread = start(session)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"live: http://127.0.0.1:{server.server_address[1]}  (Ctrl-C ends it)", flush=True)
    with stop_on_signals() as stop:
        while thread.is_alive() and not stop.is_set():
            thread.join(0.2)
        session.stop()
        thread.join()  # ends what is being recorded
    server.shutdown()
    server.server_close()
    if session.error:
        raise session.error
    if session.source.problem:
        raise UserError(session.source.problem)
    return 0


def _networks_for_keys(config: LiveConfig) -> tuple[str, ...]:
    """The networks and styles that the keys choose among; a line tells which are left out, if there are more than keys."""
    found = all_styles(choose_styles(config.ckpt, config.style))
    left = [address.rpartition(STYLE_MARK)[2] for address in found[MOST_NETWORKS:]]
    if left:
        print(f"the keys have the first {MOST_NETWORKS} styles; --ckpt FILE#STYLE names others: {', '.join(left)}")
    return found[:MOST_NETWORKS]


def _parser() -> Parser:
    parser = Parser(
        "live", "Paint what a camera sees, on a page for this machine alone.", example="--ckpt checkpoints/mosaic/style.pt"
    )
    add_options(parser, LiveConfig)
    return parser
