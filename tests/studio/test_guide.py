"""What the guide asks: folders, data sets, style pictures, the command line, sweeps; and what a run's folder tells."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from pathlib import Path

import pytest

from tests.studio.helpers import StudioServer
from texnet.checkpoint import SETTINGS
from texnet.cli.train import _parser
from texnet.errors import UserError
from texnet.monitoring.jsonl import METRICS
from texnet.shipped import STYLE_FILE
from texnet.studio import flags, runs
from texnet.studio.endpoints import attachment
from texnet.studio.error_responses import Refusal
from texnet.studio.flags import as_flags, described_options
from texnet.studio.folders import Folders
from texnet.training.previews import FACTORS
from texnet.training.run_folder import LATEST, LOCK, locked


def test_a_path_completes_below_the_folders_alone(studio: StudioServer, studio_folder: Path) -> None:
    found = studio.get(f"/api/complete?path={studio_folder}/ph")
    assert [entry["path"] for entry in found] == [f"{studio_folder}/photos/"]
    inside = studio.get(f"/api/complete?path={studio_folder}/photos/")
    assert len(inside) == 8
    assert studio.get("/api/complete?path=/etc/") == []
    assert str(studio_folder.resolve()) in [entry["path"].rstrip("/") for entry in studio.get("/api/complete?path=")]


def test_a_folder_of_photos_is_described(studio: StudioServer, studio_folder: Path) -> None:
    broken = studio_folder / "photos" / "broken.jpg"
    broken.write_bytes(b"no picture")
    try:
        status, facts = studio.post("/api/photos", {"data_dir": str(studio_folder / "photos")})
    finally:
        broken.unlink()
    assert status == 200, facts
    assert facts["count"] == 9
    assert not facts["coco"]
    assert len(facts["unreadable"]) == 1
    assert "broken.jpg" in facts["unreadable"][0]


def test_a_coco_folder_offers_its_parts_and_categories(studio: StudioServer, studio_folder: Path, coco_root: Path) -> None:
    import shutil

    root = studio_folder / "coco"
    shutil.copytree(coco_root, root)
    try:
        facts = studio.post("/api/photos", {"data_dir": str(root)})[1]
        chosen = studio.post("/api/photos", {"data_dir": str(root), "split": "val", "categories": ["dog"]})[1]
    finally:
        shutil.rmtree(root)
    assert facts["splits"] == ["train", "val"]
    assert facts["categories"] == {"person": 2, "dog": 2}
    assert (facts["count"], chosen["count"]) == (4, 2)


def test_the_gallery_has_the_drawn_style_pictures(studio: StudioServer) -> None:
    drawn = studio.get("/api/textures")["drawn"]
    assert {Path(path).stem for path in drawn} >= {"mosaic", "batik", "stained_glass"}
    status, picture, headers = studio.ask("GET", f"/api/thumbnail?path={drawn[0]}&size=96")
    assert (status, headers["content-type"], picture[:2]) == (200, "image/jpeg", b"\xff\xd8")


def test_settings_become_the_command_that_does_the_same(studio: StudioServer, studio_folder: Path) -> None:
    settings = {
        "data_dir": str(studio_folder / "photos"),
        "texture": str(studio_folder / "stripes.png"),
        "max_minutes": 2,
        "style_weight": 12,
        "progressive_crops": False,
        "style_layers": ["relu1_1=2", "hues"],
    }
    status, answer = studio.post("/api/trainings/check", {"settings": settings})
    assert status == 200, answer
    words = shlex.split(answer["command"])
    assert words[:2] == ["texnet", "train"]
    given = vars(_parser().parse_args(words[2:]))
    assert {name: given[name] for name in settings if name not in ("data_dir", "texture")} == {
        "max_minutes": 2.0,
        "style_weight": 12.0,
        "progressive_crops": False,
        "style_layers": ["relu1_1=2", "hues"],
    }


def test_a_sweep_waits_as_the_command_that_it_is(studio: StudioServer, studio_folder: Path) -> None:
    studio.post("/api/queue", {"paused": True})
    settings = {"data_dir": str(studio_folder / "photos"), "texture": str(studio_folder / "stripes.png"), "max_minutes": 1}
    status, job = studio.post("/api/sweeps", {"settings": settings, "axes": {"style_weight": [4, 8], "width": [8, 16, 24]}})
    assert status == 200, job
    assert job["command"].endswith("--style_weight 4 8 --width 8 16 24")
    assert job["settings"]["total"] == 6
    grid = studio.get(f"/api/sweeps/{job['id']}")
    assert (grid["runs"], grid["total"]) == ([], 6)
    studio.post(f"/api/jobs/{job['id']}/stop")
    studio.post("/api/queue", {"paused": False})


@pytest.mark.parametrize("axes", [{}, {"style_weight": [4]}, {"checkpoint_dir": ["a", "b"]}, {"width": [4, "--resume"]}])
def test_a_sweep_over_nothing_is_refused(studio: StudioServer, studio_folder: Path, axes: dict[str, object]) -> None:
    settings = {"data_dir": str(studio_folder / "photos"), "texture": str(studio_folder / "stripes.png")}
    assert studio.post("/api/sweeps", {"settings": settings, "axes": axes})[0] in (400, 422)


def test_every_offered_option_becomes_a_flag() -> None:
    examples = {"switch": True, "integer": 3, "number": 0.5, "list": ["a"], "path": "x", "text": "y"}
    for option in described_options():
        value = option["choices"][0] if option["choices"] else examples[option["kind"]]
        words = as_flags({option["name"]: value}, Path)
        assert words[0].split("=")[0].replace("--no-", "--") == f"--{option['name']}"


def test_folders_keep_to_themselves(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "link").symlink_to(tmp_path)
    folders = Folders([tmp_path / "own"])
    assert folders.resolve(str(tmp_path / "own" / "x" / ".." / "y")) == (tmp_path / "own" / "y").resolve()
    for words in (str(tmp_path), str(tmp_path / "own" / ".." / "other"), str(tmp_path / "own" / "link" / "x"), "relative"):
        with pytest.raises(UserError, match="not below"):
            folders.resolve(words)


def test_a_run_tells_how_far_it_is(tmp_path: Path) -> None:
    (tmp_path / runs.SETTINGS).write_text(json.dumps({"optim": {"max_steps": 40, "max_minutes": 1.0}}))
    lines = [{"step": step, "seconds": step * 1.0, "epoch": 0, "loss": 1 / step} for step in (1, 10)]
    (tmp_path / runs.METRICS).write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"step": 2')
    found = runs.summary(tmp_path)
    assert (found["step"], found["share"], found["left"]) == (10, 0.25, 30.0)
    assert runs.curves(tmp_path, after=1) == {"step": [10], "loss": [0.1]}
    assert not runs.is_locked(tmp_path)
    with locked(tmp_path):
        assert runs.is_locked(tmp_path)


def test_the_names_of_a_runs_files_are_those_of_training() -> None:
    assert (runs.METRICS, runs.SETTINGS, runs.STYLE, runs.LATEST, runs.LOCK) == (METRICS, SETTINGS, STYLE_FILE, LATEST, LOCK)
    assert tuple(runs._factors({})) == FACTORS


def test_names_of_files_that_are_no_text_break_no_page(studio: StudioServer, studio_folder: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(studio_folder) + b"/odd"))
    odd.mkdir()
    name = Path(os.fsdecode(os.fsencode(odd) + b"/caf\xe9.png"))
    name.write_bytes((studio_folder / "photos" / "photo-1.png").read_bytes())
    try:
        assert [Path(one["path"]).name for one in studio.get(f"/api/complete?path={odd}/")] == [name.name]
        assert studio.get(f"/api/pictures?path={odd}")["count"] == 1
        status, facts = studio.post("/api/photos", {"data_dir": str(odd)})
        assert (status, facts["count"]) == (200, 1)
    finally:
        shutil.rmtree(odd)


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("run.html", "run.html", "run.html"),
        ('Größe "é".html', "Gr__e ___.html", "Gr%C3%B6%C3%9Fe%20%22%C3%A9%22.html"),
        ("波.html", "_.html", "%E6%B3%A2.html"),
        ("caf\udce9\n.html", "caf__.html", "caf%3F%0A.html"),
    ],
)
def test_an_answer_is_saved_under_a_name_of_any_letters(name: str, plain: str, whole: str) -> None:
    header = attachment(name)
    assert header == f"attachment; filename=\"{plain}\"; filename*=utf-8''{whole}"
    header.encode("latin-1")


def test_a_check_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flags, "SECONDS", 0.01)
    with pytest.raises(Refusal, match="this machine is busy") as refused:
        flags.dry_run([])
    assert refused.value.status == 503


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, ""),
        ({"viz": False, "viz_server": "localhost"}, ""),
        ({"viz": True, "viz_server": "localhost", "viz_port": None, "viz_env": ""}, "http://localhost:8097/env/mosaic_2"),
        ({"viz": True, "viz_server": "https://host/visdom", "viz_env": "a/b"}, "https://host:443/visdom/env/a_b"),
        ({"viz": True, "viz_server": "javascript:alert(1)"}, ""),
    ],
)
def test_a_run_that_streams_to_visdom_names_its_page(tmp_path: Path, settings: dict[str, object], address: str) -> None:
    folder = tmp_path / "mosaic 2"
    folder.mkdir()
    (folder / SETTINGS).write_text(json.dumps({"run": settings}))
    assert runs.summary(folder)["visdom"] == address
