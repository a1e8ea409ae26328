"""What answers at the address of a Visdom server: Visdom, another program, or Visdom that shows another run."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.monitoring.helpers import PANES, Server, TrainedRun, wait_for
from texnet.config.address import Address, env_name
from texnet.monitoring.visdom.client import RunView, VisdomMonitor
from texnet.monitoring.visdom.connection import NotVisdomError, connect

Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def other_program(answer: Answer) -> Iterator[int]:
    """The port of a server that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = answer
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def refresh_at(port: int, run: TrainedRun) -> None:
    view = RunView(run.folder, server="127.0.0.1", port=port, env="stripes")
    try:
        view.refresh()
    finally:
        view.disconnect()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}, b"<html"), "<html"),
        ((200, {}, b""), "''"),
        ((200, {}, b"true"), "true"),
        ((200, {}, b"[]"), "keep"),
        ((200, {}, b'["main"]'), "keep"),
        ((200, {}, b"[1, 2]"), "1, 2"),
        ((200, {}, b"\xff\xfe"), "answers"),
        ((404, {}, b"no"), "404"),
        ((400, {}, b""), "login"),
        ((301, {"Location": "https://there/"}, b""), "https://there/"),
    ],
)
def test_another_program_is_not_taken_for_visdom(answer: Answer, said: str, run: TrainedRun) -> None:
    pytest.importorskip("visdom")
    run.log(1)
    with other_program(answer) as port, pytest.raises(NotVisdomError, match=said):
        refresh_at(port, run)


def test_what_speaks_no_http_is_not_visdom(run: TrainedRun) -> None:
    pytest.importorskip("visdom")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as there:
                there.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
                there.recv(2**16)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(NotVisdomError, match="HTTP"):
            refresh_at(listener.getsockname()[1], run)


def test_an_answer_without_end_is_cut_off(run: TrainedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("visdom")
    monkeypatch.setattr("texnet.monitoring.visdom.connection.LONGEST_ANSWER", 2**17)
    with other_program((200, {}, b"x" * 2**19)) as port, pytest.raises(NotVisdomError, match="does not end"):
        refresh_at(port, run)


def test_another_program_is_reported_once_in_a_line_that_says_what_answers(
    run: TrainedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("visdom")
    monkeypatch.setattr("texnet.monitoring.visdom.client.SHORTEST_PAUSE", 0.05)
    run.log(1)
    messages: list[str] = []
    with other_program((200, {}, b"<html")) as port:
        monitor = VisdomMonitor(run.folder, server="127.0.0.1", port=port, env="stripes", log=messages.append)
        wait_for(lambda: bool(messages), "it is reported")
        monitor.close()
    assert len(messages) == 1
    assert f"http://127.0.0.1:{port} is not Visdom, training goes on: it answers '<html'" in messages[0]


OpenView = Callable[[Path, str], RunView]


@pytest.fixture
def open_view(server: Server) -> Iterator[OpenView]:
    """Opens views of runs in one server."""
    server.start()
    views: list[RunView] = []

    def open_view(folder: Path, env: str) -> RunView:
        views.append(RunView(folder, server=f"http://localhost:{server.port}/", env=env))
        return views[-1]

    yield open_view
    for view in views:
        view.disconnect()


@pytest.fixture
def other_run(tmp_path: Path) -> Iterator[TrainedRun]:
    """A run of the same name in another folder."""
    folder = tmp_path / "elsewhere" / "stripes"
    folder.mkdir(parents=True)
    run = TrainedRun(folder)
    yield run
    run.monitor.close()


def test_runs_of_one_name_get_a_page_each(open_view: OpenView, run: TrainedRun, other_run: TrainedRun, server: Server) -> None:
    run.log(1, 10)
    other_run.log(2, 20)
    first, second = open_view(run.folder, "stripes"), open_view(other_run.folder, "stripes")
    for view in (first, second, first, second):
        view.refresh()
    assert (first.env, first.remark) == ("stripes", "")
    assert (second.env, second.remark) == ("stripes-2", "  (stripes shows another run)")
    assert server.curve("stripes", "loss")[0] == [1, 10]
    assert server.curve("stripes-2", "loss")[0] == [2, 20]


def test_a_run_that_is_shown_again_keeps_its_page(open_view: OpenView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    open_view(run.folder, "stripes").refresh()
    run.log(10)
    again = open_view(run.folder, "stripes")
    again.refresh()
    assert again.env == "stripes"
    assert server.curve("stripes", "loss")[0] == [1, 10]


def test_of_two_runs_that_begin_at_once_one_moves_to_a_page_of_its_own(
    open_view: OpenView, run: TrainedRun, other_run: TrainedRun, server: Server
) -> None:
    first, second = open_view(run.folder, "stripes"), open_view(other_run.folder, "stripes")
    first.refresh()
    second.refresh()
    run.log(1)
    other_run.log(2)
    for view in (first, second):
        view.refresh()
    assert {first.env, second.env} == {"stripes", "stripes-2"}
    assert set(server.panes("stripes-2")) == PANES


def test_a_pane_of_another_program_is_not_replaced(open_view: OpenView, run: TrainedRun, server: Server) -> None:
    foreign = connect(Address("http", "localhost", server.port), (2.0, 4.0))
    foreign.env = "main"
    foreign.text("mine", win="loss")
    run.log(1)
    view = open_view(run.folder, "main")
    view.refresh()
    assert view.env == "main-2"
    assert server.panes("main")["loss"]["content"] == "mine"


def test_a_name_that_is_not_ascii_is_a_page(open_view: OpenView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    view = open_view(run.folder, "Gema\u0308lde 画")
    view.refresh()
    assert view.env == "Gemälde_画"
    assert view.url.isascii()
    assert set(server.panes("Gemälde_画")) == PANES


@pytest.mark.parametrize("text", ["", ".", "..", "a" * 5000, "a\nb", "?#%&", "\udcff", "é" * 300])
def test_any_text_becomes_a_name_that_an_address_can_hold(text: str) -> None:
    name = env_name(text)
    assert 1 <= len(name) <= 100
    assert not set(name) & set("/+?#%& \n\udcff")
    assert name.strip(".")


def test_a_damaged_file_of_a_run_is_named_once_and_the_rest_is_shown(run: TrainedRun, server: Server, tmp_path: Path) -> None:
    server.start()
    run.log(1)
    (run.folder / "config.json").write_text("[]")
    (run.folder / "photos.png").write_bytes(b"no picture")
    messages: list[str] = []
    view = RunView(run.folder, server="127.0.0.1", port=server.port, env="stripes", log=messages.append)
    for _ in range(3):
        view.refresh()
    view.disconnect()
    assert set(server.panes("stripes")) == PANES - {"settings", "photos"}
    assert len(messages) == 2
    assert "photos.png" in messages[0] and "config.json" in messages[1]
