"""Live pictures: the size follows the time, the newest frame counts, the page is for this machine alone."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.video.helpers import pan, times_of, write_clip
from texnet.config import LiveConfig
from texnet.errors import UserError
from texnet.stylize import Stylizer
from texnet.video.capture import NewestFrame
from texnet.video.live import LiveSession, SizeControl, start
from texnet.video.server import build_server, own_hosts, parse_settings

pytest.importorskip("av", reason="needs PyAV: pip install 'texnet[video]'")


@pytest.fixture
def session(stylizer: Stylizer, tmp_path: Path) -> Iterator[LiveSession]:
    """A session of a short video, two styles, running."""
    clip = write_clip(tmp_path / "clip.mp4", pan(10))
    config = LiveConfig(max_size=128, fps=5, output=str(tmp_path / "recordings"))
    session = LiveSession([stylizer, stylizer], NewestFrame(str(clip)), config)
    thread = start(session)
    yield session
    session.stop()
    thread.join()


@pytest.fixture
def server(session: LiveSession) -> Iterator[ThreadingHTTPServer]:
    """Its page."""
    server = build_server(session, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask(server: ThreadingHTTPServer, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
    port = server.server_address[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    given = {name.replace("_", "-"): value.format(port=port) for name, value in headers.items()}
    connection.request(method, path, body.encode() or None, given)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_pictures_follow_one_another(session: LiveSession) -> None:
    first, jpeg = session.picture(0, timeout=60)
    second, _ = session.picture(first, timeout=60)
    assert second > first
    assert jpeg.startswith(b"\xff\xd8")
    assert (session.state.width, session.state.height) == (64, 48)


def test_what_is_set_counts(session: LiveSession) -> None:
    session.set(style=1, noise_factor=0.5)
    assert (session.state.style, session.state.noise_factor) == (1, 0.5)
    with pytest.raises(UserError, match="style 3: there are 2"):
        session.set(style=2)
    with pytest.raises(UserError, match="noise factor 9: this network goes from 0 to 2"):
        session.set(noise_factor=9.0)


def test_a_recording_is_a_video_at_the_times_of_its_pictures(session: LiveSession, tmp_path: Path) -> None:
    session.set(recording=True)
    number = 0
    for _ in range(4):
        number, _ = session.picture(number, timeout=60)
    session.set(recording=False)
    assert session.state.recording == ""
    (recorded,) = (tmp_path / "recordings").glob("mosaic-*.mp4")
    times = times_of(recorded)
    assert len(times) >= 2
    assert times == sorted(set(times))


def test_a_recording_that_fails_is_told_and_the_pictures_go_on(session: LiveSession, tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("in the way")
    session.set(recording=True)
    number = session.picture(0, timeout=60)[0]
    for _ in range(3):
        number = session.picture(number, timeout=60)[0]
    assert session.error is None
    assert session.state.recording == ""
    assert session.state.problem.startswith("recording: ")


def test_the_size_shrinks_when_pictures_are_slow_and_grows_when_there_is_time() -> None:
    control = SizeControl(fps=10, max_size=640)
    for _ in range(60):
        control.update(1e-6 * control.size**2)  # 316 pixels in a tenth of a second
    assert 256 <= control.size <= 352
    settled = [control.size for _ in range(40) if control.update(1e-6 * control.size**2) or True]
    assert len(set(settled)) == 1
    for _ in range(200):
        control.update(1e-8 * control.size**2)
    assert control.size == 640


def test_the_page_and_its_state_are_served(server: ThreadingHTTPServer) -> None:
    status, page = ask(server, "GET", "/")
    assert (status, b"Noise factor" in page) == (200, True)
    status, state = ask(server, "GET", "/state")
    assert json.loads(state)["styles"] == ["mosaic", "mosaic"]
    assert ask(server, "GET", "/other")[0] == 404


@pytest.mark.parametrize("host", ["evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}"])
def test_other_names_of_this_machine_are_refused(host: str, server: ThreadingHTTPServer) -> None:
    for path in ("/", "/state", "/pictures"):
        assert ask(server, "GET", path, Host=host)[0] == 403


def test_at_the_port_of_http_browsers_name_no_port() -> None:
    assert own_hosts(8080) == {"127.0.0.1:8080", "localhost:8080"}
    assert own_hosts(80) == {"127.0.0.1:80", "localhost:80", "127.0.0.1", "localhost"}


def test_only_the_page_sets_anything(server: ThreadingHTTPServer, session: LiveSession) -> None:
    body = json.dumps({"noise_factor": 0.25})
    assert ask(server, "POST", "/state", body, Content_Type="text/plain")[0] == 403
    assert ask(server, "POST", "/state", body, Content_Type="application/json", Origin="http://evil.example")[0] == 403
    assert ask(server, "POST", "/state", "x" * 5000, Content_Type="application/json")[0] == 400
    assert session.state.noise_factor == 1.0
    status, state = ask(server, "POST", "/state", body, Content_Type="application/json", Origin="http://127.0.0.1:{port}")
    assert (status, json.loads(state)["noise_factor"]) == (200, 0.25)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"x": 1}', b'{"style": true}', b'{"style": 1.5}', b'{"recording": 1}'])
def test_settings_of_another_kind_are_refused(body: bytes) -> None:
    with pytest.raises(UserError):
        parse_settings(body)


def test_a_port_that_is_taken_is_named(server: ThreadingHTTPServer, session: LiveSession) -> None:
    with pytest.raises(UserError, match=r"--port \d+: .*; take another"):
        build_server(session, server.server_address[1])


def test_a_video_in_the_cameras_place_is_played_over_and_over(tmp_path: Path) -> None:
    source = NewestFrame(str(write_clip(tmp_path / "clip.mp4", pan(2))))
    begin = time.monotonic()
    frames = [source.next() for _ in range(5)]
    source.stop()
    assert all(frame is not None and frame.shape == (1, 3, 48, 64) for frame in frames)
    assert time.monotonic() - begin < 60


@pytest.mark.parametrize(
    ("camera", "complaint"), [("97", "--camera 97: cannot be opened"), ("no.mp4", "no.mp4: no such video")]
)
def test_a_camera_that_is_not_there_is_named(camera: str, complaint: str) -> None:
    with pytest.raises((UserError, OSError), match=complaint):
        NewestFrame(camera)
