"""A run in a real Visdom server, which may be absent, die, hang and come back."""

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

from tests.monitoring.helpers import WINDOWS, Server, TrainedRun, wait_for
from texnet.config import RunConfig
from texnet.monitoring import Monitors, build_run_monitors
from texnet.monitoring.curves import MAX_POINTS
from texnet.monitoring.jsonl import METRICS, JsonlMonitor
from texnet.monitoring.visdom.client import RunView, VisdomMonitor

ENV = "stripes"
Callback = Callable[[], tuple[VisdomMonitor, list[str]]]


@pytest.fixture
def watch(run: TrainedRun, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callback]:
    """Begin to show the run, impatiently; gives the monitor and the list of what it tells."""
    monkeypatch.setattr("texnet.monitoring.visdom.client.SHORTEST_PAUSE", 0.1)
    monkeypatch.setattr("texnet.monitoring.visdom.client.LONGEST_PAUSE", 0.1)
    monkeypatch.setattr("texnet.monitoring.visdom.client.LONGEST_RETRY", 0.1)
    monkeypatch.setattr("texnet.monitoring.visdom.client.ANSWER_TIMEOUT", 1.0)
    begun: list[VisdomMonitor] = []

    def begin() -> tuple[VisdomMonitor, list[str]]:
        told: list[str] = []
        monitor = VisdomMonitor(run.folder, server="127.0.0.1", port=server.port, env=ENV, log=told.append)
        begun.append(monitor)
        return monitor, told

    yield begin
    server.kill()
    for monitor in begun:
        monitor.close()


def view(run: TrainedRun, server: Server, env: str = ENV) -> Iterator[RunView]:
    view = RunView(run.folder, server="127.0.0.1", port=server.port, env=env)
    yield view
    view.disconnect()


@pytest.fixture
def seen(run: TrainedRun, server: Server) -> Iterator[RunView]:
    """The run's view in a server that runs, refreshed by hand."""
    server.start()
    yield from view(run, server)


def assert_whole_run(server: Server, run: TrainedRun) -> None:
    """Every window is there once, and every curve is what metrics.jsonl says."""
    assert set(server.windows(ENV)) == WINDOWS
    lines = [json.loads(line) for line in (run.folder / METRICS).read_text().splitlines()]
    curves = {"loss": ("loss", ""), "tv": ("tv", ""), "style/relu2_1": ("style per layer", "relu2_1")}
    for name, (window, trace) in curves.items():
        steps, values = server.curve(ENV, window, trace)
        assert steps == [line["step"] for line in lines]
        assert values == pytest.approx([line[name] for line in lines], rel=1e-4)


def test_every_quantity_and_picture_of_a_run_gets_a_window(seen: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1, 10, 20)
    run.preview(20)
    seen.refresh()
    assert_whole_run(server, run)


def test_windows_come_in_the_order_of_their_importance(seen: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    seen.refresh()
    names = sorted(WINDOWS, key=lambda name: server.windows(ENV)[name]["i"])
    assert names[:5] == ["loss", "style", "content", "style per layer", "preview"]


def test_windows_are_replaced_and_never_pile_up(seen: RunView, run: TrainedRun, server: Server) -> None:
    for step in (1, 10, 20, 30):
        run.log(step)
        run.preview(step)
        seen.refresh()
        assert_whole_run(server, run)
        assert "step-0000" + f"{step:02d}" in server.windows(ENV)["preview"]["title"]


def test_the_pictures_are_those_of_the_folder(seen: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    seen.refresh()
    source = server.windows(ENV)["texture"]["content"]["src"]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))), dtype=float)
    assert shown.shape == (24, 32, 3)
    drawn = np.asarray(Image.open(run.folder / "texture.png"), dtype=float)
    assert np.abs(shown.mean((0, 1)) - drawn.mean((0, 1))).max() < 8


def test_a_preview_takes_the_place_that_was_kept_for_it(seen: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    seen.refresh()
    before = server.windows(ENV)["preview"]
    run.preview(10)
    seen.refresh()
    after = server.windows(ENV)["preview"]
    assert (before["type"], after["type"]) == ("text", "image")
    assert (before["i"], before["width"], before["height"]) == (after["i"], after["width"], after["height"])


def test_the_settings_are_text_with_nothing_in_it_taken_for_html(seen: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    seen.refresh()
    text = server.windows(ENV)["settings"]["content"]
    assert "&lt;b&gt;&amp;.jpg" in text and "<b>&" not in text
    assert ">a b</td>" in text


def test_a_long_run_is_shown_from_its_first_to_its_last_step_in_about_a_thousand_points(
    seen: RunView, run: TrainedRun, server: Server
) -> None:
    run.log(*range(1, 2502))
    seen.refresh()
    steps, _ = server.curve(ENV, "loss")
    assert MAX_POINTS / 2 <= len(steps) <= MAX_POINTS + 1
    assert (steps[0], steps[-1]) == (1, 2501)


def test_values_that_are_not_finite_are_gaps(seen: RunView, run: TrainedRun, server: Server) -> None:
    lines = [{"step": step, "loss": value} for step, value in enumerate((1.0, float("nan"), float("inf"), 2.0))]
    (run.folder / METRICS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    seen.refresh()
    assert server.curve(ENV, "loss") == ([0, 1, 2, 3], [1.0, None, None, 2.0])


def test_a_run_that_was_continued_earlier_loses_the_rest_of_its_curves(seen: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1, 10, 20)
    seen.refresh()
    run.monitor.close()
    run.monitor = JsonlMonitor(run.folder, first_step=10)
    run.log(15)
    seen.refresh()
    assert server.curve(ENV, "loss")[0] == [1, 10, 15]


def test_only_what_changed_is_sent(seen: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    seen.refresh()
    before = {name: window["contentID"] for name, window in server.windows(ENV).items()}
    seen.refresh()
    assert {name: window["contentID"] for name, window in server.windows(ENV).items()} == before
    run.log(10)
    seen.refresh()
    changed = {name for name, window in server.windows(ENV).items() if window["contentID"] != before[name]}
    assert changed == WINDOWS - {"texture", "photos", "preview", "settings"}


def test_a_window_that_a_person_closed_stays_closed_until_it_has_news(seen: RunView, run: TrainedRun, server: Server) -> None:
    run.log(1)
    seen.refresh()
    seen._client.close("texture", env=ENV)
    seen.refresh()
    assert set(server.windows(ENV)) == WINDOWS - {"texture"}


def test_names_that_mean_something_else_in_an_address_are_changed(run: TrainedRun, server: Server) -> None:
    server.start()
    run.log(1)
    for found in view(run, server, env="a/b+c d"):
        found.refresh()
        assert found.url.endswith("/env/a_b_c_d")
    assert set(server.windows("a_b_c_d")) == WINDOWS


def test_a_server_that_was_restarted_between_two_looks_gets_the_whole_run(
    seen: RunView, run: TrainedRun, server: Server
) -> None:
    run.log(1, 10)
    seen.refresh()
    server.kill()
    server.start()
    seen.refresh()
    assert_whole_run(server, run)


def test_a_proxy_for_the_web_does_not_get_in_the_way(
    seen: RunView, run: TrainedRun, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    run.log(1)
    seen.refresh()
    monkeypatch.delenv("http_proxy")
    assert_whole_run(server, run)


def test_an_absent_server_is_told_once_and_gets_the_whole_run_when_it_comes(
    watch: Callback, run: TrainedRun, server: Server
) -> None:
    _, told = watch()
    wait_for(lambda: bool(told), "the absence is told")
    run.log(*range(1, 20))
    run.preview(10)
    server.start()
    wait_for(lambda: len(told) == 2, "the return is told")
    wait_for(lambda: set(server.windows(ENV)) == WINDOWS, "all is shown")
    assert_whole_run(server, run)
    assert "does not answer" in told[0] and f"texnet monitor --port {server.port}" in told[0]
    assert "is back" in told[1]


def test_a_server_that_dies_and_returns_is_told_and_gets_the_whole_run(
    watch: Callback, run: TrainedRun, server: Server
) -> None:
    server.start()
    run.log(1, 10)
    _, told = watch()
    wait_for(lambda: server.curve(ENV, "images_per_second")[0] == [1, 10], "the run is shown")
    server.kill()
    run.log(20, 30)
    wait_for(lambda: len(told) == 2, "the loss is told")
    run.log(40)
    server.start()
    wait_for(lambda: server.curve(ENV, "images_per_second")[0] == [1, 10, 20, 30, 40], "the whole run is shown")
    wait_for(lambda: len(told) == 3, "the return is told")
    assert_whole_run(server, run)
    assert [text.split(":")[0].split(" at ")[0] for text in told] == [
        "Visdom shows the run",
        "Visdom does not answer",
        "Visdom is back, with the whole run",
    ]


def test_a_server_that_hangs_is_told_once_and_gets_what_it_missed(watch: Callback, run: TrainedRun, server: Server) -> None:
    server.start()
    run.log(1, 10)
    _, told = watch()
    wait_for(lambda: server.curve(ENV, "images_per_second")[0] == [1, 10], "the run is shown")
    server.freeze()
    run.log(20)
    wait_for(lambda: len(told) == 2, "the silence is told")
    assert "ReadTimeout" in told[1]
    server.thaw()
    wait_for(lambda: server.curve(ENV, "images_per_second")[0] == [1, 10, 20], "the whole run is shown")
    wait_for(lambda: len(told) == 3, "the return is told")
    assert_whole_run(server, run)


def test_nothing_is_printed_when_a_server_dies(
    watch: Callback, run: TrainedRun, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    server.start()
    run.log(1)
    monitor, told = watch()
    wait_for(lambda: bool(told), "the run is shown")
    server.kill()
    wait_for(lambda: len(told) == 2, "the loss is told")
    monitor.close()
    assert capfd.readouterr() == ("", "")


def test_the_end_of_a_training_sends_what_was_logged_last(
    run: TrainedRun, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.start()
    run.log(1)
    told: list[str] = []
    monkeypatch.setattr("texnet.monitoring.visdom.client.SHORTEST_PAUSE", 1000.0)
    monkeypatch.setattr("texnet.monitoring.visdom.client.LONGEST_PAUSE", 1000.0)
    monitor = VisdomMonitor(run.folder, server="127.0.0.1", port=server.port, env=ENV, log=told.append)
    wait_for(lambda: bool(told), "the run is shown")
    run.log(10, 20)
    run.preview(20)
    monitor.close()
    assert_whole_run(server, run)


@pytest.mark.parametrize("trouble", ["absent", "frozen"])
def test_the_end_of_a_training_does_not_wait_for_a_server_that_is_away(
    trouble: str, watch: Callback, run: TrainedRun, server: Server
) -> None:
    server.start()
    run.log(1)
    monitor, told = watch()
    wait_for(lambda: bool(told), "the run is shown")
    server.freeze() if trouble == "frozen" else server.kill()
    run.log(10)
    monitor.close()  # a wait for this server would never end


def test_a_damaged_line_is_told_and_does_not_reach_the_training(watch: Callback, run: TrainedRun, server: Server) -> None:
    server.start()
    run.log(1)
    whole = (run.folder / METRICS).read_bytes()
    (run.folder / METRICS).write_bytes(whole + b"{broken}\n")
    _, told = watch()
    wait_for(lambda: bool(told), "the damage is told")
    assert "cannot show the run, training goes on" in told[0] and METRICS in told[0]
    (run.folder / METRICS).write_bytes(whole)
    wait_for(lambda: len(told) == 2, "the run is shown")
    assert server.curve(ENV, "loss")[0] == [1]


def test_the_flags_of_a_training_name_server_and_environment(run: TrainedRun, server: Server) -> None:
    server.start()
    run.log(1)
    config = RunConfig(viz=True, viz_port=server.port, viz_env="other")
    Monitors(build_run_monitors(config, run.folder, 1, print)).close()
    assert set(server.windows("other")) == WINDOWS
    assert "visdom" not in {thread.name for thread in threading.enumerate()}, "its thread has ended"


def test_without_visdom_the_flag_names_the_command_that_installs_it(
    run: TrainedRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "visdom", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ValueError, match=r"--viz: Visdom is not installed.*pip install .*visdom"):
        VisdomMonitor(run.folder, server="127.0.0.1", port=1, env=ENV, log=print)
