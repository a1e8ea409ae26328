"""The real scripts in processes of their own, as a person runs them."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from tests.helpers import REPOSITORY
from tests.processes import environment, flags, losses, script, start, wait_for
from texnet.checkpoint import Checkpoint
from texnet.config import TrainConfig
from texnet.images import load_picture

STEPS = 12


@pytest.fixture(scope="module")
def finished_run(shared_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing interrupts; not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    script("train", *flags(shared_config, epochs=0, max_steps=STEPS, run_name="whole"), cwd=folder)
    return Path(shared_config.run.checkpoint_dir) / "whole"


@pytest.fixture
def whole_run(finished_run: Path, tmp_path: Path) -> Path:
    """A copy of that run, in ``checkpoints`` of the test's own folder."""
    return Path(shutil.copytree(finished_run, tmp_path / "checkpoints" / "whole"))


def test_training_leaves_a_network_that_stylizes_a_photo_at_its_size(
    whole_run: Path, photo_folder: Path, tmp_path: Path
) -> None:
    script("stylize", "--ckpt", str(whole_run / "style.pt"), str(photo_folder / "photo-0.png"), cwd=tmp_path)
    painted = load_picture(tmp_path / "stylized" / "photo-0_stripes.png")
    assert painted.pixels.shape == load_picture(photo_folder / "photo-0.png").pixels.shape


def test_noise_factor_zero_gives_the_photo_back_byte_for_byte(whole_run: Path, photo_folder: Path, tmp_path: Path) -> None:
    ckpt = str(whole_run / "latest.pt")
    script("stylize", "--ckpt", ckpt, str(photo_folder), "--noise_factor", "0", "--output", "same", cwd=tmp_path)
    for source in photo_folder.iterdir():
        painted = load_picture(tmp_path / "same" / f"{source.stem}_stripes.png")
        assert torch.equal(painted.pixels, load_picture(source).pixels), source


@pytest.mark.slow
def test_resume_without_a_name_continues_the_newest_run_of_the_texture(
    whole_run: Path, style_path: Path, tmp_path: Path
) -> None:
    (whole_run.parent / "stripes").mkdir()
    shutil.copytree(whole_run, whole_run.parent / "stripes-2")
    done = script("train", "--texture", str(style_path), "--resume", "--max_steps", str(STEPS + 2), cwd=tmp_path)
    assert f"{STEPS + 2} steps" in done.stdout
    assert max(losses(whole_run.parent / "stripes-2")) == STEPS + 2


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_before_it_ends_a_training(number: signal.Signals, tiny_config: TrainConfig, tmp_path: Path) -> None:
    run = tmp_path / "checkpoints" / "stopped"
    words = flags(tiny_config, epochs=0, max_steps=100_000, run_name="stopped")
    training = start("train", *words, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    wait_for(lambda: (run / "metrics.jsonl").exists() and len(losses(run)) >= 3)
    training.send_signal(number)
    said, _ = training.communicate(timeout=60)
    assert training.returncode == 130
    step = Checkpoint.load(run / "latest.pt").training.steps
    assert f"stopped at step {step}, saved" in said
    assert max(losses(run)) == step


@pytest.mark.slow
def test_a_signal_that_a_training_was_started_to_ignore_stays_ignored(tiny_config: TrainConfig, tmp_path: Path) -> None:
    run = tmp_path / "checkpoints" / "detached"
    words = flags(tiny_config, epochs=0, max_steps=100_000, run_name="detached")
    command = ["nohup", sys.executable, str(REPOSITORY / "scripts/train.py"), *words]
    quiet = subprocess.DEVNULL
    training = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdin=quiet, stdout=quiet, stderr=quiet)
    wait_for(lambda: (run / "metrics.jsonl").exists() and len(losses(run)) >= 3)
    training.send_signal(signal.SIGHUP)
    step = max(losses(run))
    wait_for(lambda: max(losses(run)) >= step + 5)
    training.terminate()
    assert training.wait(60) == 130


@pytest.mark.slow
def test_training_goes_on_when_nobody_reads_its_log(tiny_config: TrainConfig, tmp_path: Path) -> None:
    words = flags(tiny_config, epochs=0, max_steps=20, run_name="unheard", verbose=True)
    training = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "scripts/train.py"), *words],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert training.stdout is not None
    training.stdout.readline()
    training.stdout.close()
    assert training.wait(120) == 0
    assert max(losses(tmp_path / "checkpoints" / "unheard")) == 20
    assert (tmp_path / "checkpoints" / "unheard" / "style.pt").is_file()


@pytest.mark.slow
def test_training_survives_broken_pictures_and_names_each_once(
    tiny_config: TrainConfig, photo_folder: Path, tmp_path: Path
) -> None:
    mixed = tmp_path / "mixed" / "deep"
    mixed.mkdir(parents=True)
    for number in range(4):
        (mixed / f"broken-{number}.jpg").write_bytes(b"\xff\xd8 not really")
        Image.open(photo_folder / f"photo-{number}.png").save(mixed / f"good-{number}.png")
    done = script("train", *flags(tiny_config, data_dir=str(mixed.parent), epochs=3), cwd=tmp_path, check=False)
    assert done.returncode == 1
    named = re.findall(r"skipped .*?(broken-\d)\.jpg", done.stderr)
    assert sorted(named) == [f"broken-{number}" for number in range(4)]
    assert "4 pictures could not be read" in done.stderr


@pytest.mark.slow
def test_nothing_but_photos_and_a_style_picture_is_needed(photo_folder: Path, style_path: Path, tmp_path: Path) -> None:
    """No weights of VGG are at hand and nothing is downloaded: the compact network and the base are part of texnet."""
    picture = ["--data_dir", str(photo_folder), "--texture", str(style_path)]
    small = ["--max_steps", "2", "--image_size", "32", "--batch_size", "2", "--device", "cpu"]
    done = script("train", *picture, *small, cwd=tmp_path)
    assert "features: compact" in done.stderr + done.stdout
    assert "from the shipped pretrained generator" in done.stderr + done.stdout
    config = json.loads((tmp_path / "checkpoints" / "stripes" / "config.json").read_text())
    assert config["loss"]["features"] == "compact"


@pytest.mark.slow
def test_a_texture_is_learned_from_noise_alone_and_made_at_any_size_for_any_seed(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    words = flags(tiny_config, data_dir="", epochs=0, max_steps=4, generator="pyramid", no_content=True, run_name="stripes")
    script("train", *words, cwd=tmp_path)
    ckpt = str(tmp_path / "checkpoints" / "stripes" / "style.pt")
    for seed in ("3", "4"):
        script("synthesize", "--ckpt", ckpt, "--size", "70x50", "--seed", seed, "--tileable", cwd=tmp_path)
    made = [load_picture(tmp_path / "synthesized" / f"stripes_70x50_seed-{seed}_tileable.png").pixels for seed in (3, 4)]
    assert made[0].shape == (3, 50, 70)
    assert not torch.equal(*made)
    refused = script("stylize", "--ckpt", ckpt, "--device", "cpu", cwd=tmp_path, check=False)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1 and "use it with texnet synthesize" in refused.stderr


@pytest.mark.slow
def test_the_categories_of_a_coco_root_choose_the_photos(tiny_config: TrainConfig, coco_root: Path, tmp_path: Path) -> None:
    words = flags(tiny_config, data_dir=str(coco_root), categories=["dog"], epochs=1)
    assert "2 photos" in script("train", *words, cwd=tmp_path).stderr


def test_the_doors_in_scripts_and_the_command_are_the_same() -> None:
    for name in ("train", "stylize", "synthesize", "monitor"):
        by_script = subprocess.run(
            [sys.executable, REPOSITORY / f"scripts/{name}.py", "--help"], capture_output=True, text=True
        )
        by_name = subprocess.run(
            [sys.executable, "-m", "texnet", name, "--help"], capture_output=True, text=True, cwd=REPOSITORY
        )
        assert by_script.stdout == by_name.stdout != ""
