"""Videos that a page sends: described, or refused with a clear line, whatever they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.studio.helpers import StudioServer
from tests.video.helpers import pan, write_clip

pytest.importorskip("av", reason="needs PyAV: pip install 'texnet[video]'")


def send(studio: StudioServer, data: bytes, name: str = "clip.mp4") -> tuple[int, Any]:
    return studio.post(f"/api/uploads?kind=video&name={quote(name)}", body=data)


def test_an_uploaded_video_is_described(studio: StudioServer, clip: Path) -> None:
    status, answer = send(studio, clip.read_bytes(), "../my clip.MP4")
    assert status == 200, answer
    assert Path(answer["path"]).parent == (studio.folder / "studio" / "uploads").resolve()
    assert (answer["name"], answer["width"], answer["height"]) == ("my_clip.mp4", 64, 48)
    assert (answer["num_frames"], answer["seconds"], answer["sound"], answer["suffix"]) == (25, 1.0, ["aac"], ".mp4")
    assert answer["problem"] == ""
    Path(answer["path"]).unlink()


def playlist(name: str) -> bytes:
    return f"ffconcat version 1.0\nfile '{name}'\n".encode()


HOSTILE = {
    "no video": (b"no video at all", "clip.mp4", 422, "cannot be read as a video"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "clip.mp4", 422, "cannot be read as a video"),
    "a page": (b"<script>alert(1)</script>", "clip.html", 415, "not a video"),
    "a playlist": (playlist("clip.mp4"), "list.mp4", 422, "cannot be read as a video"),
    "a playlist of the net": (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n", "a.ts", 422, "cannot be read as a video"),
    "nothing": (b"", "clip.mp4", 400, "empty"),
    "no ending": (b"x", "clip", 415, "a name without ending"),
    "a picture's ending": (b"x", "clip.png", 415, "not a video"),
}


@pytest.mark.parametrize(("data", "name", "status", "complaint"), HOSTILE.values(), ids=list(HOSTILE))
def test_an_upload_that_is_no_video_is_refused_and_not_kept(
    studio: StudioServer, clip: Path, data: bytes, name: str, status: int, complaint: str
) -> None:
    assert_refused(studio, data, name, status, complaint)


def test_a_video_cut_off_before_its_index_is_refused(studio: StudioServer, clip: Path) -> None:
    assert_refused(studio, clip.read_bytes()[:9000], "clip.mp4", 422, "cut off")
    assert_refused(studio, clip.read_bytes()[:-2000], "clip.mp4", 422, "no video in it")


def test_a_video_of_sound_alone_is_refused(studio: StudioServer, clip: Path, tmp_path: Path) -> None:
    import av

    with av.open(str(clip)) as source, av.open(str(tmp_path / "sound.mp4"), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    assert_refused(studio, (tmp_path / "sound.mp4").read_bytes(), "sound.mp4", 422, "no video in it")


def test_hdr_is_refused(studio: StudioServer, tmp_path: Path) -> None:
    hdr = write_clip(tmp_path / "hdr.mp4", pan(2), tags=(9, 1, 9, 16))
    assert_refused(studio, hdr.read_bytes(), "hdr.mp4", 422, "convert it to SDR first")


def assert_refused(studio: StudioServer, data: bytes, name: str, status: int, complaint: str) -> None:
    uploads = studio.folder / "studio" / "uploads"
    before = set(uploads.iterdir())
    found, answer = send(studio, data, name)
    assert found == status, answer
    assert complaint in answer["error"]
    assert str(studio.folder) not in answer["error"]
    assert set(uploads.iterdir()) == before


def test_a_video_that_is_cut_off_later_is_taken_with_a_word_about_it(studio: StudioServer, tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", pan(40)).read_bytes()
    status, answer = send(studio, whole[: 2 * len(whole) // 3], "cut.mkv")
    assert status == 200, answer
    assert 0 < answer["num_frames"] < 40
    Path(answer["path"]).unlink()


def test_a_video_larger_than_allowed_is_refused_by_its_length_and_while_it_streams(studio: StudioServer) -> None:
    own = {"Host": studio.host, **studio.own()}
    head = "POST /api/uploads?kind=video&name=clip.mp4 HTTP/1.1\r\n"
    lines = "".join(f"{name}: {value}\r\n" for name, value in own.items()) + "\r\n"
    assert studio.raw(f"{head}Content-Length: {2**21 + 1}\r\n{lines}".encode()) == 413
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    assert studio.raw(f"{head}Transfer-Encoding: chunked\r\n{lines}".encode() + 33 * chunk + b"0\r\n\r\n") == 413
    assert studio.raw(f"{head}Content-Length: {2**60}\r\n{lines}".encode()) in (413, 507)
    assert not list((studio.folder / "studio" / "uploads").glob("clip*"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/etc/passwd", 403),
        ("{folder}/../secret.mp4", 403),
        ("{folder}/missing.mp4", 404),
        ("{folder}/stripes.png", 415),
        ("", 400),
    ],
)
def test_no_path_of_a_video_leads_out(studio: StudioServer, path: str, status: int) -> None:
    for endpoint in ("videos", "videos/original"):
        found, body, _ = studio.ask("GET", f"/api/{endpoint}?path={path.format(folder=studio.folder)}")
        assert found == status, body
    assert studio.post("/api/videos", {"video": path.format(folder=studio.folder), "network": "x"})[0] == status
