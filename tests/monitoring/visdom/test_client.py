"""A run in a real Visdom server, which may be absent, end, hang and come back."""

from __future__ import annotations

import base64
import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.monitoring.helpers import PANES, Server, TrainedRun, wait_for
from texnet.config import RunConfig
from texnet.monitoring import Monitors, build_run_monitors
from texnet.monitoring.curves import MAX_POINTS
from texnet.monitoring.jsonl import METRICS, JsonlMonitor
from texnet.monitoring.visdom.client import RunView, VisdomMonitor

ENV = "stripes"
StartMonitor = Callable[[], tuple[VisdomMonitor, list[str]]]


@pytest.fixture
def start_monitor(run: TrainedRun, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartMonitor]:
    """Starts to show the run, with short pauses and timeouts; gives the monitor and the list of its messages."""
    monkeypatch.setattr("texnet.monitoring.visdom.client.SHORTEST_PAUSE", 0.1)
    monkeypatch.setattr("texnet.monitoring.visdom.client.LONGEST_PAUSE", 0.1)
    monkeypatch.setattr("texnet.monitoring.visdom.client.LONGEST_RETRY", 0.1)
    monkeypatch.setattr("texnet.monitoring.visdom.client.ANSWER_TIMEOUT", 1.0)
    started: list[VisdomMonitor] = []

    def start() -> tuple[VisdomMonitor, list[str]]:
        messages: list[str] = []
        monitor = VisdomMonitor(run.folder, server="127.0.0.1", port=server.port, env=ENV, log=messages.append)
        started.append(monitor)
        return monitor, messages

    yield start
    server.kill()
    for monitor in started:
        monitor.close()


def view(run: TrainedRun, server: Server, env: str = ENV) -> Iterator[RunView]:
    view = RunView(run.folder, server="127.0.0.1", port=server.port, env=env)
    yield view
    view.disconnect()


@pytest.fixture
def shown(run: TrainedRun, server: Server) -> Iterator[RunView]:
    """The run's view in a running server, refreshed by hand."""
    server.start()
    yield from view(run, server)


def assert_whole_run(server: Server, run: TrainedRun) -> None:
    """Every pane is there, and every curve is that of metrics.jsonl."""
    assert set(server.panes(ENV)) == PANES
    lines = [json.loads(line) for line in (run.folder / METRICS).read_text().splitlines()]
    curves = {"loss": ("loss", ""), "tv": ("tv", ""), "style/relu2_1": ("style per layer", "relu2_1")}
    for name, (pane, trace) in curves.items():
        steps, values = server.curve(ENV, pane, trace)
        assert steps == [line["step"] for line in lines]
        assert values == pytest.approx([line[name] for line in lines], rel=1e-4)


def test_every_quantity_and_picture_of_a_run_gets_a_pane(shown: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1, 10, 20)
    run.preview(20)
    shown.refresh()
    assert_whole_run(server, run)


def test_panes_are_in_the_order_of_their_importance(shown: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    shown.refresh()
    names = sorted(PANES, key=lambda name: server.panes(ENV)[name]["i"])
    assert names[:5] == ["loss", "style", "content", "style per layer", "preview"]


def test_panes_are_replaced_and_not_added(shown: RunView, run: TrainedRun, server: Server) -> None:
    for step in (1, 10, 20, 30):
        run.log(step)
        run.preview(step)
        shown.refresh()
        assert_whole_run(server, run)
        assert "step-0000" + f"{step:02d}" in server.panes(ENV)["preview"]["title"]


def test_the_pictures_are_those_of_the_folder(shown: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    shown.refresh()
    source = server.panes(ENV)["texture"]["content"]["src"]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))), dtype=float)
    assert shown.shape == (24, 32, 3)
    drawn = np.asarray(Image.open(run.folder / "texture.png"), dtype=float)
    assert np.abs(shown.mean((0, 1)) - drawn.mean((0, 1))).max() < 8


def test_a_preview_takes_the_place_of_its_placeholder(shown: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    shown.refresh()
    before = server.panes(ENV)["preview"]
    run.preview(10)
    shown.refresh()
    after = server.panes(ENV)["preview"]
    assert (before["type"], after["type"]) == ("text", "image")
    assert (before["i"], before["width"], before["height"]) == (after["i"], after["width"], after["height"])


def test_the_settings_are_escaped_in_html(shown: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    shown.refresh()
    text = server.panes(ENV)["settings"]["content"]
    assert "&lt;b&gt;&amp;.jpg" in text and "<b>&" not in text
    assert ">a b</td>" in text


def test_a_long_run_is_shown_from_first_to_last_step_in_about_a_thousand_points(
    shown: RunView, run: TrainedRun, server: Server
) -> None:
    run.log(*range(1, 2502))
    shown.refresh()
    steps, _ = server.curve(ENV, "loss")
    assert MAX_POINTS / 2 <= len(steps) <= MAX_POINTS + 1
    assert (steps[0], steps[-1]) == (1, 2501)


def test_values_that_are_not_finite_are_gaps(shown: RunView, run: TrainedRun, server: Server) -> None:
    lines = [{"step": step, "loss": value} for step, value in enumerate((1.0, float("nan"), float("inf"), 2.0))]
    (run.folder / METRICS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    shown.refresh()
    assert server.curve(ENV, "loss") == ([0, 1, 2, 3], [1.0, None, None, 2.0])


def test_a_run_that_continues_from_an_earlier_step_loses_the_rest_of_its_curves(
    shown: RunView, run: TrainedRun, server: Server
) -> None:
    run.log(1, 10, 20)
    shown.refresh()
    run.monitor.close()
    run.monitor = JsonlMonitor(run.folder, first_step=10)
    run.log(15)
    shown.refresh()
    assert server.curve(ENV, "loss")[0] == [1, 10, 15]


def test_only_what_changed_is_sent(shown: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    shown.refresh()
    before = {name: pane["contentID"] for name, pane in server.panes(ENV).items()}
    shown.refresh()
    assert {name: pane["contentID"] for name, pane in server.panes(ENV).items()} == before
    run.log(10)
    shown.refresh()
    changed = {name for name, pane in server.panes(ENV).items() if pane["contentID"] != before[name]}
    assert changed == PANES - {"texture", "photos", "preview", "settings"}


def test_a_pane_that_the_user_closed_stays_closed_until_it_changes(shown: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    shown.refresh()
    shown._client.close("texture", env=ENV)
    shown.refresh()
    assert set(server.panes(ENV)) == PANES - {"texture"}


def test_characters_with_a_meaning_in_addresses_are_replaced(run: TrainedRun, server: Server) -> None:
    server.start()
    run.log(1)
    for found in view(run, server, env="a/b+c d"):
        found.refresh()
        assert found.url.endswith("/env/a_b_c_d")
    assert set(server.panes("a_b_c_d")) == PANES


def test_a_server_restarted_between_two_refreshes_gets_the_whole_run(shown: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1, 10)
    shown.refresh()
    server.kill()
    server.start()
    shown.refresh()
    assert_whole_run(server, run)


def test_a_proxy_is_not_used(shown: RunView, run: TrainedRun, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    run.log(1)
    shown.refresh()
    monkeypatch.delenv("http_proxy")
    assert_whole_run(server, run)


def test_an_absent_server_is_reported_once_and_gets_the_whole_run_when_it_comes(
    start_monitor: StartMonitor, run: TrainedRun, server: Server
) -> None:
    _, messages = start_monitor()
    wait_for(lambda: bool(messages), "the absence is reported")
    run.log(*range(1, 20))
    run.preview(10)
    server.start()
    wait_for(lambda: len(messages) == 2, "the return is reported")
    wait_for(lambda: set(server.panes(ENV)) == PANES, "all is shown")
    assert_whole_run(server, run)
    assert "does not answer" in messages[0] and f"texnet monitor --port {server.port}" in messages[0]
    assert "is back" in messages[1]


def test_a_server_that_ends_and_returns_is_reported_and_gets_the_whole_run(
    start_monitor: StartMonitor, run: TrainedRun, server: Server
) -> None:
    server.start()
    run.log(1, 10)
    _, messages = start_monitor()
    wait_for(lambda: server.curve(ENV, "images_per_second")[0] == [1, 10], "the run is shown")
    server.kill()
    run.log(20, 30)
    wait_for(lambda: len(messages) == 2, "the loss is reported")
    run.log(40)
    server.start()
    wait_for(lambda: server.curve(ENV, "images_per_second")[0] == [1, 10, 20, 30, 40], "the whole run is shown")
    wait_for(lambda: len(messages) == 3, "the return is reported")
    assert_whole_run(server, run)
    assert [text.split(":")[0].split(" at ")[0] for text in messages] == [
        "Visdom shows the run",
        "Visdom does not answer",
        "Visdom is back, with the whole run",
    ]


def test_a_server_that_hangs_is_reported_once_and_gets_what_it_missed(
    start_monitor: StartMonitor, run: TrainedRun, server: Server
) -> None:
    server.start()
    run.log(1, 10)
    _, messages = start_monitor()
    wait_for(lambda: server.curve(ENV, "images_per_second")[0] == [1, 10], "the run is shown")
    server.freeze()
    run.log(20)
    wait_for(lambda: len(messages) == 2, "the silence is reported")
    assert "ReadTimeout" in messages[1]
    server.thaw()
    wait_for(lambda: server.curve(ENV, "images_per_second")[0] == [1, 10, 20], "the whole run is shown")
    wait_for(lambda: len(messages) == 3, "the return is reported")
    assert_whole_run(server, run)


def test_nothing_is_printed_when_a_server_ends(
    start_monitor: StartMonitor, run: TrainedRun, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    server.start()
    run.log(1)
    monitor, messages = start_monitor()
    wait_for(lambda: bool(messages), "the run is shown")
    server.kill()
    wait_for(lambda: len(messages) == 2, "the loss is reported")
    monitor.close()
    assert capfd.readouterr() == ("", "")


def test_the_end_of_training_sends_the_last_metrics(run: TrainedRun, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.start()
    run.log(1)
    messages: list[str] = []
    monkeypatch.setattr("texnet.monitoring.visdom.client.SHORTEST_PAUSE", 1000.0)
    monkeypatch.setattr("texnet.monitoring.visdom.client.LONGEST_PAUSE", 1000.0)
    monitor = VisdomMonitor(run.folder, server="127.0.0.1", port=server.port, env=ENV, log=messages.append)
    wait_for(lambda: bool(messages), "the run is shown")
    run.log(10, 20)
    run.preview(20)
    monitor.close()
    assert_whole_run(server, run)


@pytest.mark.parametrize("failure", ["absent", "frozen"])
def test_the_end_of_training_does_not_wait_for_an_absent_server(
    failure: str, start_monitor: StartMonitor, run: TrainedRun, server: Server
) -> None:
    server.start()
    run.log(1)
    monitor, messages = start_monitor()
    wait_for(lambda: bool(messages), "the run is shown")
    server.freeze() if failure == "frozen" else server.kill()
    run.log(10)
    monitor.close()  # a wait for this server would never end


def test_a_damaged_line_is_reported_and_does_not_stop_the_training(
    start_monitor: StartMonitor, run: TrainedRun, server: Server
) -> None:
    server.start()
    run.log(1)
    whole = (run.folder / METRICS).read_bytes()
    (run.folder / METRICS).write_bytes(whole + b"{broken}\n")
    _, messages = start_monitor()
    wait_for(lambda: bool(messages), "the damage is reported")
    assert "cannot show the run, training goes on" in messages[0] and METRICS in messages[0]
    (run.folder / METRICS).write_bytes(whole)
    wait_for(lambda: len(messages) == 2, "the run is shown")
    assert server.curve(ENV, "loss")[0] == [1]


def test_the_flags_of_a_training_name_server_and_environment(run: TrainedRun, server: Server) -> None:
    server.start()
    run.log(1)
    config = RunConfig(viz=True, viz_port=server.port, viz_env="other")
    Monitors(build_run_monitors(config, run.folder, 1, print)).close()
    assert set(server.panes("other")) == PANES
    assert "visdom" not in {thread.name for thread in threading.enumerate()}, "its thread has ended"


def test_without_visdom_the_flag_names_the_command_that_installs_it(
    run: TrainedRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "visdom", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ValueError, match=r"--viz: Visdom is not installed.*pip install .*visdom"):
        VisdomMonitor(run.folder, server="127.0.0.1", port=1, env=ENV, log=print)
