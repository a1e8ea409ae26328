"""Videos in the studio: frames as photos, painting in the queue, parts for the player."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image

from tests.studio.helpers import StudioServer, wait_for
from tests.video.helpers import packets, pan, times_of, write_clip
from texnet.images import to_bytes
from texnet.studio.store import Job
from texnet.studio.videos import progress_of
from texnet.stylize import Stylizer
from texnet.video.reading import VideoReader

pytest.importorskip("av", reason="needs PyAV: pip install 'texnet[video]'")
SIZE = 256


@pytest.fixture(scope="module")
def long_clip(clip: Path) -> Path:
    """A video that takes a while to be painted."""
    return write_clip(clip.with_name("long.mp4"), pan(6, size=(288, 352)) * 60)


def order(studio: StudioServer, clip: Path, path: Path, **more: Any) -> tuple[int, Any]:
    return studio.post("/api/videos", {"video": str(clip), "network": str(path), "style": "waves", **more})


def test_a_frame_of_a_video_is_painted_like_a_photo(studio: StudioServer, clip: Path, network: Path) -> None:
    frames = [frame.image for frame in VideoReader(clip)]
    for at, frame in (("", frames[0]), (0.5, frames[12]), (99, frames[-1])):
        options = {"photo": clip, "network": network, "size": SIZE, "factor": 1, "seed": 3, "at": at or 0}
        status, data, _ = studio.ask("GET", f"/api/paint?{urlencode(options)}")
        assert status == 200, data
        expected = to_bytes(Stylizer.load(network)(frame, 1.0, 3)[0]).permute(1, 2, 0).numpy()
        assert np.array_equal(np.asarray(Image.open(BytesIO(data)).convert("RGB")), expected)
    status, data, headers = studio.ask("GET", f"/api/thumbnail?path={clip}&size=96")
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    assert Image.open(BytesIO(data)).size == (64, 48)


def test_videos_are_found_where_they_are_asked_for(studio: StudioServer, clip: Path) -> None:
    typed = f"{clip.parent}/cl"
    assert studio.get(f"/api/complete?path={typed}") == []
    assert [entry["path"] for entry in studio.get(f"/api/complete?videos&path={typed}")] == [str(clip)]
    assert str(clip) in [one["path"] for one in studio.get(f"/api/pictures?path={clip.parent}")["pictures"]]


def test_an_original_is_played_in_parts(studio: StudioServer, clip: Path) -> None:
    assert_parts(studio, f"/api/videos/original?path={clip}", clip.read_bytes())


@pytest.mark.slow
def test_a_video_is_painted_by_the_command_and_played_in_parts(studio: StudioServer, clip: Path, network: Path) -> None:
    status, job = order(studio, clip, network, timed=[[0, 0], [0.5, 1.5]], keep_colors=0.5, seed=7)
    assert status == 200, job
    words = f"texnet stylize --ckpt={network.resolve()} --noise_factor 0:0 0.5:1.5 --keep_colors=0.5 --seed=7"
    assert job["command"].startswith(words)
    done = studio.wait_for_state(job["id"], "done", "failed")
    assert done["state"] == "done", done
    assert (done["run"]["done"], done["run"]["total"], done["run"]["share"]) == (25, 25, 1.0)
    assert done["run"]["fps"] > 0
    assert done["run"]["problems"] == []
    painted = Path(job["folder"]) / "clip_waves.mp4"
    assert times_of(painted) == times_of(clip)
    assert packets(painted) == packets(clip)
    assert studio.get(f"/api/videos?path={clip}")["jobs"][0]["id"] == job["id"]
    assert_parts(studio, f"/api/videos/{job['id']}/result", painted.read_bytes())
    headers = studio.ask("GET", f"/api/videos/{job['id']}/result?download")[2]
    assert "clip_waves.mp4" in headers["content-disposition"]


def assert_parts(studio: StudioServer, address: str, data: bytes) -> None:
    """Whole, in parts, from the end, beyond it; always with the studio's own headers."""
    size = len(data)
    wanted = {
        "": (200, data),
        "bytes=0-9": (206, data[:10]),
        f"bytes={size - 5}-": (206, data[-5:]),
        "bytes=-7": (206, data[-7:]),
    }
    for part, expected in wanted.items():
        status, body, headers = studio.ask("GET", address, **({"Range": part} if part else {}))
        assert (status, body) == expected
        assert headers["content-type"] == "video/mp4"
        assert headers["accept-ranges"] == "bytes"
        assert headers["x-content-type-options"] == "nosniff"
    assert studio.ask("GET", address, Range=f"bytes={size + 5}-")[0] == 416
    status, body, headers = studio.ask("HEAD", address)
    assert (status, body, headers["content-length"]) == (200, b"", str(size))
    assert studio.ask("GET", address, Origin="http://evil.example")[0] == 403


@pytest.mark.slow
def test_a_video_that_is_stopped_can_be_played_and_goes_on(studio: StudioServer, long_clip: Path, network: Path) -> None:
    status, job = order(studio, long_clip, network)
    assert status == 200, job
    wait_for(lambda: studio.job(job["id"])["run"]["done"] >= 3, "some frames are painted")
    running = studio.job(job["id"])
    assert 0 < running["run"]["share"] < 1
    assert running["run"]["left"] > 0
    studio.post(f"/api/jobs/{job['id']}/stop")
    stopped = studio.wait_for_state(job["id"], "stopped")
    assert stopped["run"]["result"]
    status, data, _ = studio.ask("GET", f"/api/videos/{job['id']}/result")
    assert status == 200
    part = studio.folder / "part.mp4"
    part.write_bytes(data)
    some = len(times_of(part))
    assert 3 <= some < 360
    assert studio.post(f"/api/jobs/{job['id']}/resume")[0] == 200
    done = studio.wait_for_state(job["id"], "done", "failed")
    assert (done["state"], done["run"]["share"]) == ("done", 1.0)
    assert len(times_of(Path(job["folder"]) / "long_waves.mp4")) == 360
    assert studio.post("/api/jobs", {"action": "erase", "ids": [job["id"]]})[1] == {"done": 1}
    assert not Path(job["folder"]).exists()
    assert long_clip.is_file()


def test_a_mask_is_kept_with_the_job(studio: StudioServer, clip: Path, network: Path) -> None:
    values = np.zeros((48, 64), np.uint8)
    values[:, :20] = 255
    buffer = BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    mask = studio.post("/api/masks", body=buffer.getvalue())[1]["mask"]
    studio.post("/api/queue", {"paused": True})
    status, job = order(studio, clip, network, mask=mask, other=str(network))
    studio.post(f"/api/jobs/{job['id']}/stop")
    studio.post("/api/queue", {"paused": False})
    assert status == 200, job
    kept = Path(job["folder"]) / "mask.png"
    assert np.array_equal(np.asarray(Image.open(kept)), values)
    assert f"--ckpt {network.resolve()} {network.resolve()} --noise_factor=1 --mask {kept} rest" in job["command"]


OPTIONS = {
    "no pairs": ({"timed": [1, 2]}, 400, "pairs"),
    "no list": ({"timed": "0:1"}, 400, "list"),
    "too many": ({"timed": [[n, 1] for n in range(101)]}, 400, "at most"),
    "no number": ({"timed": [[0, "--output=/x"]]}, 400, "not a number"),
    "not finite": ({"timed": [[0, "nan"]]}, 400, "between"),
    "before the begin": ({"timed": [[-1, 1]]}, 400, "between"),
    "twice the same second": ({"timed": [[1, 0], [1, 1]]}, 422, "two factors at the same second"),
    "too strong": ({"timed": [[0, 0], [1, 9]]}, 422, "this network goes from 0 to 2"),
    "too strong throughout": ({"factor": 9}, 422, "this network goes from 0 to 2"),
    "large strokes": ({"stroke_size": 2}, 422, "strokes"),
    "a size": ({"max_size": -1}, 400, "max_size"),
    "a mask that is gone": ({"mask": "0" * 32}, 404, "gone"),
    "no style": ({"network": "/etc/passwd"}, 403, "not below"),
}


@pytest.mark.parametrize(("options", "status", "complaint"), OPTIONS.values(), ids=list(OPTIONS))
def test_a_video_that_could_not_be_painted_does_not_wait_in_the_queue(
    studio: StudioServer, clip: Path, network: Path, options: dict[str, Any], status: int, complaint: str
) -> None:
    before = len(studio.get("/api/jobs"))
    found, answer = order(studio, clip, network, **options)
    assert found == status, answer
    assert complaint in answer["error"]
    assert len(studio.get("/api/jobs")) == before


def test_a_network_of_one_strength_paints_at_that_alone(studio: StudioServer, clip: Path, fixed: Path) -> None:
    status, answer = order(studio, clip, fixed, timed=[[0, 0], [1, 1]])
    assert status == 422
    assert "paints at 1 alone" in answer["error"]


def test_an_untrained_style_is_not_mixed_in_a_video(studio: StudioServer, clip: Path, network: Path) -> None:
    buffer = BytesIO()
    Image.new("L", (64, 48), 255).save(buffer, "PNG")
    mask = studio.post("/api/masks", body=buffer.getvalue())[1]["mask"]
    other = f"untrained:{studio.folder / 'stripes.png'}"
    status, answer = order(studio, clip, network, mask=mask, other=other)
    assert (status, answer["error"]) == (422, "in videos two networks paint only where both are trained")


BARS = {
    "\rclip.mp4:   0%|          | 0/50 [00:00<?, ?frame/s]": (0, 0.0),
    "\rclip.mp4:  40%|####      | 20/50 [00:05<00:07,  4.00frame/s]": (20, 4.0),
    "\rclip.mp4:  40%|####      | 20/50 [01:20<02:00,  4.00s/frame]": (20, 0.25),
    "\rclip.mp4: 12frame [00:05, 11.50frame/s]": (12, 11.5),
    "\r1/2 [x] 9/9.mp4:  40%|####      | 20/50 [00:05<00:07,  4.00frame/s]": (20, 4.0),
}


@pytest.mark.parametrize(("bar", "expected"), BARS.items())
def test_a_bar_is_read(tmp_path: Path, bar: str, expected: tuple[int, float]) -> None:
    log = tmp_path / "log.txt"
    log.write_text(f"$ texnet stylize\n\rclip.mp4:  1%|#  | 1/50 [00:05<00:07,  9.00frame/s]\n$ texnet stylize\n{bar}")
    settings = {"total": 50, "result": "clip.mp4"}
    found = progress_of(Job("1", "video", "", "running", [], settings, str(tmp_path), 0.0), log)
    assert (found["done"], found["fps"]) == expected
    assert found["share"] == expected[0] / 50
    assert found["left"] == ((50 - expected[0]) / expected[1] if expected[1] else None)
    assert found["result"] is None
