"""Small real objects that the tests share: drawn photos, a style, a tiny COCO root, random VGG weights, tiny configs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.helpers import CONTENT_LAYERS, REPOSITORY, SHARED, STYLE_LAYERS, with_options
from tests.odd_pictures import OddPicture, draw_odd_pictures
from texnet.config import DataConfig, DeviceConfig, GeneratorConfig, LossConfig, OptimConfig, RunConfig, TrainConfig
from texnet.drawing import draw_scene
from texnet.losses.features import Features


def files_of_repository() -> set[str]:
    """What lies at the top of the repository, hidden files of tools left out."""
    return {path.name for path in REPOSITORY.iterdir() if not path.name.startswith(".")}


FILES_BEFORE = pytest.StashKey[set[str]]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember which files the repository has before the tests."""
    session.config.stash[FILES_BEFORE] = files_of_repository()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail when the tests left files in the repository; once all are done, for parallel workers share it."""
    new_files = files_of_repository() - session.config.stash[FILES_BEFORE]
    if new_files and not hasattr(session.config, "workerinput"):
        print(f"\nthe tests left {sorted(new_files)} in the repository")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No variable of the person who runs the tests changes what they see."""
    for variable in ("TEXNET_VGG_WEIGHTS", "TEXNET_VGG16_WEIGHTS", "TEXNET_DEBUG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path_factory.getbasetemp() / "torch_home"))
    torch.default_generator.manual_seed(0)  # torch.manual_seed would note the call for each kind of GPU, in milliseconds


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight drawn photos of 56x40 and 40x56 pixels, as PNG."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(8):
        scene = draw_scene(56, seed=number)
        scene.crop((0, 0, 56, 40) if number % 2 else (0, 0, 40, 56)).save(folder / f"photo-{number}.png")
    return folder


@pytest.fixture(scope="session")
def style_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A style picture of 64x48 pixels: red and white stripes, a statistic that can be seen."""
    stripes = np.full((48, 64, 3), 255, np.uint8)
    stripes[:, (np.arange(64) // 4) % 2 == 0] = (200, 20, 30)
    path = tmp_path_factory.mktemp("style") / "stripes.png"
    Image.fromarray(stripes).save(path)
    return path


@pytest.fixture(scope="session")
def odd_pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, OddPicture]:
    """Malformed and odd picture files in one folder, by name, each with what reading it should give."""
    return draw_odd_pictures(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="session")
def vgg_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VGG-19 up to relu2_1 with Kaiming weights, which keep the activations' size, and no bias."""
    torch.manual_seed(0)
    features = Features("vgg19", ("relu2_1",))
    for parameter in features.parameters():
        torch.nn.init.kaiming_normal_(parameter) if parameter.ndim > 1 else torch.nn.init.zeros_(parameter)
    path = tmp_path_factory.mktemp("vgg") / "vgg19-random.pth"
    torch.save(features.state_dict(), path)
    return path


@pytest.fixture(scope="session")
def coco_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A COCO root: three photos of a person, a dog, and both; the fourth shows nothing that is annotated."""
    root = tmp_path_factory.mktemp("coco")
    (root / "annotations").mkdir()
    shown = {1: [1], 2: [18], 3: [1, 18], 4: []}
    for split in ("train2017", "val2017"):
        (root / split).mkdir()
        images, annotations = [], []
        for image_id, categories in shown.items():
            name = f"{image_id:012d}.jpg"
            draw_scene(48, seed=image_id).save(root / split / name)
            images.append({"id": image_id, "file_name": name, "width": 48, "height": 48})
            for category in categories:
                annotations.append({"id": len(annotations) + 1, "image_id": image_id, "category_id": category, "iscrowd": 0})
        content = {
            "images": images,
            "annotations": annotations,
            "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}],
        }
        (root / "annotations" / f"instances_{split}.json").write_text(json.dumps(content))
    return root


@pytest.fixture
def tiny_config(shared_config: TrainConfig, tmp_path: Path) -> TrainConfig:
    """A whole training that takes a second, in a folder of the test's own."""
    return with_options(shared_config, "run", checkpoint_dir=str(tmp_path / "checkpoints"))


@pytest.fixture(scope="session")
def shared_config(
    photo_folder: Path, style_path: Path, vgg_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> TrainConfig:
    """8 photos, crops of 32 pixels, a generator of width 4, two epochs."""
    return TrainConfig(
        data=DataConfig(data_dir=str(photo_folder), image_size=32, batch_size=2, num_workers=1, num_val=0),
        generator=GeneratorConfig(width=4, num_blocks=1),
        loss=LossConfig(
            texture=str(style_path),
            style_size=0,
            features="vgg19",
            vgg_weights=str(vgg_path),
            style_layers=STYLE_LAYERS,
            content_layers=CONTENT_LAYERS,
        ),
        optim=OptimConfig(epochs=2, warmup_steps=2, progressive_crops=False, precision="float32"),
        run=RunConfig(
            device=DeviceConfig("cpu"), checkpoint_dir=str(tmp_path_factory.mktemp("runs")), log_every=1, preview_every=0
        ),
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pictures and weights; the test is skipped where it is missing."""
    if not (SHARED / "weights").is_dir():
        pytest.skip(f"no real pictures and weights at {SHARED}")
    return SHARED
