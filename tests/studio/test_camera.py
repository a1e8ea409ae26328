"""A browser's camera: its pictures come back painted, with strokes that hold still."""

from __future__ import annotations

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
import torch
from PIL import Image

from tests.studio.helpers import StudioServer
from tests.video.helpers import pan
from texnet.images import to_bytes
from texnet.studio import camera
from texnet.studio.paint_options import PaintOptions
from texnet.stylize import Stylizer, keep_colors
from texnet.video import CameraTracker, SteadyStylizer

pytest.importorskip("av", reason="needs PyAV: pip install 'texnet[video]'")


def frame(studio: StudioServer, path: Path, picture: torch.Tensor, **more: object) -> tuple[int, bytes]:
    """A camera's picture, (1, 3, H, W), painted: status and body."""
    height, width = picture.shape[2:]
    query = urlencode({"network": path, "width": width, "height": height, "factor": 1, "session": "a", **more})
    status, body, _ = studio.ask("POST", f"/api/camera?{query}", as_bytes(picture), **studio.own())
    return status, body


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"), np.float32)


def as_bytes(picture: torch.Tensor) -> bytes:
    """A picture, (1, 3, H, W), as the RGBA bytes that a page reads from a canvas."""
    opaque = torch.full((1, *picture.shape[2:]), 255, dtype=torch.uint8)
    return torch.cat([to_bytes(picture[0]), opaque]).permute(1, 2, 0).contiguous().numpy().tobytes()


def test_pictures_are_those_of_a_steady_stylizer(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever other sizes, cameras and networks are painted in between."""
    shown: list[torch.Tensor] = []
    monkeypatch.setattr(camera, "jpeg", lambda picture, quality: shown.append(picture) or b"")
    options = PaintOptions("", [str(network)], 0.8, seed=3, keep_colors=0.5)
    tracker, steady = CameraTracker(), SteadyStylizer(camera.stylizer_of(str(network)), is_constant=False)
    expected = []
    for picture in pan(4, step=(1, 3), size=(96, 128)):
        camera.camera(options, b64encode(as_bytes(picture)).decode(), 128, 96, "mine")
        small = picture[..., :64, :64]
        camera.camera(options, b64encode(as_bytes(small)).decode(), 64, 64, "mine")
        camera.camera(options, b64encode(as_bytes(small)).decode(), 64, 64, "another")
        steady.look(picture, tracker.follow(picture))
        expected.append(keep_colors(steady(picture, 0.8, 3), picture, 0.5)[0])
    for picture, wanted in zip(shown[::3], expected, strict=True):
        assert torch.allclose(picture, wanted, atol=1e-4)


def test_the_camera_is_painted(studio: StudioServer, network: Path, fixed: Path) -> None:
    """At noise factors that each network has, or is brought to."""
    picture = pan(1, size=(96, 128))[0]
    for path, factor, painted_at in ((network, 0, 0.0), (fixed, 0, 0.0), (network, 0.5, 0.5), (fixed, 0.5, 1.0)):
        status, data = frame(studio, path, picture, factor=factor, session="soft")
        assert status == 200, data
        expected, buffer = to_bytes(Stylizer.load(path)(picture, painted_at)[0]), BytesIO()
        Image.fromarray(expected.permute(1, 2, 0).numpy()).save(buffer, "JPEG", quality=camera.QUALITY)
        assert np.abs(pixels(data) - pixels(buffer.getvalue())).mean() < 3


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"width": 63}, 422),
        ({"width": 65}, 422),
        ({"width": 5000}, 400),
        ({"height": "x"}, 400),
        ({"network": "/etc/passwd"}, 403),
        ({"factor": -1}, 400),
    ],
)
def test_a_cameras_picture_that_is_none_is_refused(
    studio: StudioServer, network: Path, more: dict[str, object], status: int
) -> None:
    found, body = frame(studio, network, pan(1, size=(64, 64))[0], **more)
    assert found == (413 if more == {"width": 63} else status), body
    assert json.loads(body)["error"]


def test_the_camera_needs_origin_and_token(studio: StudioServer, network: Path) -> None:
    query = urlencode({"network": network, "width": 32, "height": 32})
    assert studio.ask("POST", f"/api/camera?{query}", bytes(4096))[0] == 403
    assert studio.ask("POST", f"/api/camera?{query}", bytes(4096), Origin=studio.address)[0] == 403


def test_pages_may_use_the_camera_and_nothing_else(studio: StudioServer) -> None:
    headers = studio.ask("GET", "/")[2]
    permissions = dict(words.split("=") for words in headers["permissions-policy"].split(", "))
    assert permissions.pop("camera") == "(self)"
    assert set(permissions.values()) == {"()"}
    assert {"microphone", "geolocation", "display-capture", "usb"} <= set(permissions)
    assert "media-src 'self';" in headers["content-security-policy"]
