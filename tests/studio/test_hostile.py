"""What a server on a desk meets: foreign pages, rebinding, traversal, bombs. Each is refused with a clear status."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.studio.helpers import StudioServer, wait_for

SECRET = "a word that no page may read"


def png(width: int, height: int) -> bytes:
    """A picture's file of one color."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, "PNG")
    return buffer.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims to be of a size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def outside(studio_folder: Path) -> Path:
    """A file beside the studio's folder, and links and hidden files in it that lead out."""
    secret = studio_folder.parent / "secret.png"
    secret.write_bytes(png(20, 20))
    hidden = studio_folder / ".hidden"
    hidden.mkdir(exist_ok=True)
    (hidden / "photo.png").write_bytes(png(20, 20))
    (studio_folder / "notes.txt").write_text(SECRET)
    for name, target in (("link.png", secret), ("linked", studio_folder.parent)):
        if not (studio_folder / name).is_symlink():
            (studio_folder / name).symlink_to(target)
    return secret


HOSTS = [
    ("evil.example", 421),
    ("evil.example:{port}", 421),
    ("127.0.0.1", 421),
    ("127.0.0.1:1", 421),
    ("127.0.0.1:{port}.evil.example", 421),
    ("127.0.0.1.evil.example:{port}", 421),
    ("localhost:{port}@evil.example", 421),
    ("0.0.0.0:{port}", 421),
    ("[::]:{port}", 421),
    ("", 421),
    ("127.0.0.1:{port}\r\nHost: evil.example", 400),
]


@pytest.mark.parametrize(("host", "status"), HOSTS)
def test_a_foreign_host_is_refused(studio: StudioServer, host: str, status: int) -> None:
    line = f"GET / HTTP/1.1\r\nHost: {host.format(port=studio.port)}\r\n\r\n"
    assert studio.raw(line.encode()) == status
    assert studio.answers()


@pytest.mark.parametrize(
    "line", ["GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"]
)
def test_a_request_without_a_host_is_refused(studio: StudioServer, line: str) -> None:
    assert studio.raw(line.encode()) == 400
    assert studio.answers()


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost:{port}"},  # another name than the one that was asked
    {"Origin": "file://"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_page_is_refused(studio: StudioServer, method: str, headers: dict[str, str]) -> None:
    own = studio.own() if method == "POST" else {}
    given = {**own, **{name: value.format(port=studio.port) for name, value in headers.items()}}
    status, body, answered = studio.ask(method, "/api/queue", b'{"paused": true}' if method == "POST" else None, **given)
    assert status == 403, body
    assert "access-control-allow-origin" not in answered
    assert not studio.get("/api/queue")["paused"]


@pytest.mark.parametrize(
    ("left_out", "replaced"),
    [("Origin", None), ("X-Texnet-Studio", None), ("X-Texnet-Studio", ""), ("X-Texnet-Studio", "guess")],
)
def test_a_change_needs_origin_and_token(studio: StudioServer, left_out: str, replaced: str | None) -> None:
    headers = studio.own()
    if replaced is None:
        del headers[left_out]
    else:
        headers[left_out] = replaced
    assert studio.ask("POST", "/api/queue", b'{"paused": true}', **headers)[0] == 403
    assert not studio.get("/api/queue")["paused"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "OPTIONS", "CONNECT", "FOO"])
def test_other_methods_do_nothing(studio: StudioServer, method: str) -> None:
    assert studio.ask(method, "/api/queue")[0] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2f..%2fserver.py",
        "/static/%2e%2e%2f%2e%2e%2fconfig/studio.py",
        "/static/..%5cserver.py",
        "/static//etc/passwd",
        "/static/css/%00",
        "/api/results/..%2f..%2fnotes.txt",
        "/api/results/%2e%2e%2fstudio.sqlite",
        "/api/jobs/..%2f..%2fnotes.txt",
        "/api/jobs/0000/preview/1",
    ],
)
def test_no_address_leads_out(studio: StudioServer, path: str) -> None:
    status, body, _ = studio.ask("GET", path)
    assert status in (400, 404), body
    assert b"root:" not in body


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("{folder}/../secret.png", 403),
        ("{folder}/link.png", 403),
        ("{folder}/linked/secret.png", 403),
        ("{folder}/.hidden/photo.png", 403),
        ("{folder}-sibling/photo.png", 403),
        ("/etc/passwd", 403),
        ("/proc/self/environ", 403),
        ("~/.ssh/id_rsa", 403),
        ("photo%00.png", 400),
        ("", 400),
        ("{folder}/" + "a" * 5000, 400),
        ("{folder}/missing.png", 404),
        ("{folder}/notes.txt", 415),
    ],
)
def test_no_path_leads_out_of_the_folders(
    studio: StudioServer, studio_folder: Path, outside: Path, path: str, status: int
) -> None:
    for endpoint in ("thumbnail", "networks/picture"):
        found, body, _ = studio.ask("GET", f"/api/{endpoint}?path={path.format(folder=studio_folder)}")
        assert found == (422 if (status, endpoint) == (415, "networks/picture") else status), body
        assert SECRET.encode() not in body


UPLOADS = [
    ("photo.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
    ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
    ("photo.html", b"<script>alert(1)</script>", 415),
    ("photo.png.exe", b"MZ", 415),
    ("photo", png(20, 20), 415),
    ("photo.png", b"", 400),
    ("photo.png", b"no picture at all", 415),
    ("photo.png", png(500, 500)[:-200], 415),
    ("photo.jpg", png(20, 20)[:40], 415),
    ("photo.png", bytes(2**20 + 1), 413),
    ("photo.png", bomb(60_000, 60_000), 415),
    ("photo.png", bomb(12_000, 12_000), 415),
    ("../../photo.txt", b"climbs", 415),
]


@pytest.mark.parametrize(("name", "data", "status"), UPLOADS, ids=lambda value: str(value)[:24])
def test_an_upload_that_is_no_picture_is_refused_and_not_kept(
    studio: StudioServer, studio_folder: Path, name: str, data: bytes, status: int
) -> None:
    before = set((studio_folder / "studio" / "uploads").iterdir())
    found, answer = studio.post(f"/api/uploads?kind=picture&name={name}", body=data)
    assert found == status, answer
    assert answer["error"]
    assert set((studio_folder / "studio" / "uploads").iterdir()) == before


def test_an_upload_without_a_length_is_counted_while_it_streams(studio: StudioServer, studio_folder: Path) -> None:
    head = "POST /api/uploads?kind=picture&name=photo.png HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
    own = {"Host": studio.host, **studio.own()}
    lines = head + "".join(f"{name}: {value}\r\n" for name, value in own.items()) + "\r\n"
    chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    assert studio.raw(lines.encode() + 17 * chunk + b"0\r\n\r\n") == 413
    assert list((studio_folder / "studio" / "uploads").iterdir()) == []


def test_an_upload_that_breaks_off_leaves_nothing(studio: StudioServer, studio_folder: Path) -> None:
    head = f"POST /api/uploads?kind=picture&name=photo.png HTTP/1.1\r\nContent-Length: 5000\r\nHost: {studio.host}\r\n"
    lines = head + "".join(f"{name}: {value}\r\n" for name, value in studio.own().items()) + "\r\n"
    studio.raw(lines.encode() + png(30, 30))
    uploads = studio_folder / "studio" / "uploads"
    wait_for(lambda: not list(uploads.iterdir()), "the file is gone")  # a moment after the connection


def test_a_climbing_name_is_kept_below_the_uploads(studio: StudioServer, studio_folder: Path) -> None:
    status, answer = studio.post("/api/uploads?kind=picture&name=..%2F..%2Fphoto.png", body=png(30, 20))
    assert status == 200
    assert Path(answer["path"]).parent == (studio_folder / "studio" / "uploads").resolve()
    assert (answer["width"], answer["height"]) == (30, 20)
    Path(answer["path"]).unlink()


def test_a_network_is_read_without_running_what_is_in_it(studio: StudioServer) -> None:
    evil = b"cos\nsystem\n(S'touch ran'\ntR."  # a pickle that runs a command
    status, answer = studio.post("/api/uploads?kind=network&name=style.pt", body=evil)
    assert status == 422, answer


@pytest.mark.parametrize("body", [b"[", b"[]", b"7", b"[" * 100_000, b"\xff\xfe", b" " * (2**20 + 1)])
def test_a_message_that_is_no_object_is_refused(studio: StudioServer, body: bytes) -> None:
    assert studio.post("/api/queue", body=body)[0] in (400, 413)


@pytest.mark.parametrize(
    "settings",
    [
        {"checkpoint_dir": "/tmp"},
        {"run_name": "../../x"},
        {"resume": "/etc"},
        {"data_dir": "/etc"},
        {"texture": "/etc/passwd"},
        {"init": "/etc/passwd"},
        {"vgg_weights": "/etc/passwd"},
        {"categories": ["person", "--resume"]},
        {"style_weight": "8 --run_name x"},
        {"style_weight": [1, 2]},
        {"max_minutes": {"a": 1}},
    ],
)
def test_no_setting_becomes_another_flag(studio: StudioServer, settings: dict[str, object]) -> None:
    status, answer = studio.post("/api/trainings/check", {"settings": settings})
    assert status in (400, 403, 422), answer


def test_every_answer_restricts_the_page(studio: StudioServer) -> None:
    for path in ("/", "/login", "/api/queue", "/nothing", "/static/css/base.css"):
        headers = studio.ask("GET", path)[2]
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
