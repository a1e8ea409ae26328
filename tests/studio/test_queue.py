"""Queue and history: they survive the server, however it ends, and jobs are never lost, doubled or mistaken for others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.studio.helpers import StudioServer, wait_for

SMALL = {
    "image_size": 32,
    "batch_size": 2,
    "num_val": 0,
    "width": 4,
    "num_blocks": 1,
    "features": "compact",
    "precision": "float32",
    "cache_fraction": 0,
    "preview_every": 0,
}


@pytest.fixture
def own_studio(studio_folder: Path, tmp_path: Path) -> Iterator[StudioServer]:
    """A studio that may be killed, in a folder of its own, with the shared photos."""
    (tmp_path / "photos").symlink_to(studio_folder / "photos")
    server = StudioServer(tmp_path, str(studio_folder))
    server.start()
    yield server
    for job in server.get("/api/jobs"):
        server.post(f"/api/jobs/{job['id']}/stop")
    wait_for(lambda: not server.get("/api/queue")["running"], "nothing runs")
    server.stop()


def train(server: StudioServer, studio_folder: Path, title: str, **settings: Any) -> Any:
    """Put a small training into the queue; its job."""
    chosen = {"data_dir": str(studio_folder / "photos"), "texture": str(studio_folder / "stripes.png"), **SMALL, **settings}
    status, job = server.post("/api/trainings", {"settings": chosen, "title": title})
    assert status == 200, job
    return job


@pytest.mark.slow
def test_a_training_goes_on_when_the_server_is_killed_and_is_found_again(own_studio: StudioServer, studio_folder: Path) -> None:
    running = train(own_studio, studio_folder, "first", max_minutes=10)
    waiting = train(own_studio, studio_folder, "second", max_steps=2)
    wait_for(lambda: own_studio.job(running["id"])["run"]["step"] > 0, "it trains")
    own_studio.kill()
    own_studio.start()

    found = own_studio.get("/api/queue")
    assert [job["id"] for job in found["running"]] == [running["id"]]
    assert [job["id"] for job in found["waiting"]] == [waiting["id"]]
    before = own_studio.job(running["id"])["run"]["step"]
    wait_for(lambda: own_studio.job(running["id"])["run"]["step"] > before, "it still trains")

    own_studio.post(f"/api/jobs/{running['id']}/stop")
    stopped = own_studio.wait_for_state(running["id"], "stopped")
    assert stopped["run"]["can_resume"]
    done = own_studio.wait_for_state(waiting["id"], "done")
    assert done["run"]["has_style"]
    assert done["exit_code"] == 0

    assert own_studio.post(f"/api/jobs/{running['id']}/resume")[0] == 200
    own_studio.wait_for_state(running["id"], "running")
    wait_for(lambda: own_studio.job(running["id"])["run"]["step"] > stopped["run"]["step"], "it continues")


@pytest.mark.slow
def test_a_paused_training_leaves_the_machine_to_others_and_goes_on_before_them(
    own_studio: StudioServer, studio_folder: Path
) -> None:
    first = train(own_studio, studio_folder, "first", max_minutes=10)
    second, third = (train(own_studio, studio_folder, title, max_minutes=10) for title in ("second", "third"))
    wait_for(lambda: own_studio.job(first["id"])["run"]["step"] > 0, "it trains")
    assert own_studio.post(f"/api/jobs/{second['id']}/pause")[0] == 409  # it does not run yet
    assert own_studio.post(f"/api/jobs/{first['id']}/pause")[0] == 200
    paused = own_studio.wait_for_state(first["id"], "paused")
    own_studio.wait_for_state(second["id"], "running")
    assert own_studio.post(f"/api/jobs/{first['id']}/resume")[0] == 200
    assert [job["id"] for job in own_studio.get("/api/queue")["waiting"]] == [first["id"], third["id"]]
    wait_for(lambda: own_studio.job(second["id"])["run"]["step"] > 0, "the second one trains")
    own_studio.post(f"/api/jobs/{second['id']}/stop")
    own_studio.wait_for_state(first["id"], "running")
    wait_for(lambda: own_studio.job(first["id"])["run"]["step"] > paused["run"]["step"], "it continues")


@pytest.mark.slow
def test_a_training_that_ends_while_no_server_runs_is_told_afterwards(own_studio: StudioServer, studio_folder: Path) -> None:
    job = train(own_studio, studio_folder, "alone", max_steps=2)
    own_studio.wait_for_state(job["id"], "running")
    own_studio.kill()
    style = Path(job["folder"]) / "style.pt"
    wait_for(style.is_file, "it is trained without a server")
    time.sleep(0.5)
    own_studio.start()
    assert own_studio.wait_for_state(job["id"], "done")["exit_code"] == 0

    status, page, headers = own_studio.ask("GET", f"/api/jobs/{job['id']}/report")
    assert status == 200
    assert "attachment" in headers["content-disposition"]
    assert b"data:image/jpeg;base64," in page
    assert b"<script" not in page
    assert str(studio_folder).encode() not in page


@pytest.mark.slow
def test_a_failed_command_tells_its_own_reason(own_studio: StudioServer, studio_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    status, job = own_studio.post(
        "/api/trainings",
        {"settings": {"data_dir": str(tmp_path / "empty"), "texture": str(studio_folder / "stripes.png"), "max_steps": 1}},
    )
    assert status == 200
    failed = own_studio.wait_for_state(job["id"], "failed")
    assert "no pictures found in it" in failed["message"]


@pytest.mark.slow
def test_a_paused_queue_starts_nothing_and_keeps_its_order(own_studio: StudioServer, studio_folder: Path) -> None:
    assert own_studio.post("/api/queue", {"paused": True})[1]["paused"]
    first, second = (train(own_studio, studio_folder, title, max_steps=1) for title in ("same", "same"))
    assert Path(first["folder"]).name == "same"
    assert Path(second["folder"]).name == "same-2"
    time.sleep(1)
    own_studio.kill()
    own_studio.start()
    found = own_studio.get("/api/queue")
    assert found["paused"]
    assert [job["id"] for job in found["waiting"]] == [first["id"], second["id"]]
    assert own_studio.post(f"/api/jobs/{first['id']}/stop")[1]["state"] == "stopped"
    own_studio.post(f"/api/jobs/{second['id']}/stop")


@pytest.mark.slow
def test_history_keeps_names_stars_and_the_bin(own_studio: StudioServer, studio_folder: Path, tmp_path: Path) -> None:
    own_studio.post("/api/queue", {"paused": True})
    job = train(own_studio, studio_folder, "kept", max_steps=1)
    own_studio.post(f"/api/jobs/{job['id']}/stop")
    own_studio.post(f"/api/jobs/{job['id']}", {"title": "<b>renamed</b>", "starred": True})
    assert own_studio.post("/api/jobs", {"action": "bin", "ids": [job["id"]]})[1] == {"done": 1}
    own_studio.kill()
    own_studio.start()
    found = own_studio.job(job["id"])
    assert (found["title"], found["starred"], found["binned"]) == ("<b>renamed</b>", True, True)
    assert own_studio.post("/api/jobs", {"action": "erase", "ids": [job["id"]]})[1] == {"done": 1}
    assert own_studio.ask("GET", f"/api/jobs/{job['id']}")[0] == 404


@pytest.mark.slow
def test_a_second_studio_in_the_same_folder_is_refused(own_studio: StudioServer, tmp_path: Path) -> None:
    import subprocess
    import sys

    from tests.helpers import REPOSITORY
    from tests.studio.helpers import free_port

    command = [sys.executable, str(REPOSITORY / "scripts" / "studio.py"), "--no-browser", "--port"]
    for port, complaint in ((free_port(), "another studio runs there"), (own_studio.port, "take another")):
        done = subprocess.run([*command, str(port)], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert complaint in done.stderr
