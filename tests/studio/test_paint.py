"""The studio paints what the commands paint, byte for byte."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
import torch
from PIL import Image

from tests.studio.helpers import StudioServer
from texnet.checkpoint import Checkpoint
from texnet.config import GeneratorConfig, StylizeConfig
from texnet.generators import build_generator
from texnet.images import load_image, to_bytes
from texnet.studio.helper import Helper
from texnet.studio.paint import _photo
from texnet.studio.paint_options import PaintOptions
from texnet.stylize import StrokeScaler, Stylizer, keep_colors
from texnet.stylize.masks import stylize_with_mask, stylize_with_masks

SIZE = 256


@pytest.fixture(scope="module")
def networks(studio_folder: Path) -> list[Path]:
    """Two small networks with random weights, in the folder of runs."""
    paths = []
    for number, name in enumerate(("first", "second")):
        torch.manual_seed(number)
        config = GeneratorConfig(width=4, num_blocks=1)
        path = studio_folder / "checkpoints" / name / "style.pt"
        Checkpoint(generator_config=config, weights=build_generator(config).state_dict(), styles=(name,)).save(path)
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def photo(studio_folder: Path) -> Path:
    return studio_folder / "photos" / "photo-1.png"


def paint(studio: StudioServer, photo: Path, network: Path, **options: object) -> np.ndarray:
    """An exact preview as the page gets it: uint8 (H, W, 3)."""
    query = urlencode({"photo": photo, "network": network, "size": SIZE, **options})
    status, data, headers = studio.ask("GET", f"/api/paint?{query}")
    assert status == 200, data
    assert headers["content-type"] == "image/png"
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))


def pixels(image: torch.Tensor) -> np.ndarray:
    return to_bytes(image[0]).permute(1, 2, 0).numpy()


def mask_of(studio: StudioServer, values: np.ndarray) -> str:
    buffer = BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    status, answer = studio.post("/api/masks", body=buffer.getvalue())
    assert status == 200, answer
    return str(answer["mask"])


@pytest.mark.parametrize("factor", [0, 0.3, 1, 2])
def test_a_preview_is_what_the_stylizer_gives(studio: StudioServer, networks: list[Path], photo: Path, factor: float) -> None:
    expected = Stylizer.load(networks[0])(load_image(photo), factor, 5)
    assert np.array_equal(paint(studio, photo, networks[0], factor=factor, seed=5), pixels(expected))


def test_colors_of_the_photo_are_kept(studio: StudioServer, networks: list[Path], photo: Path) -> None:
    image = load_image(photo)
    expected = keep_colors(Stylizer.load(networks[0])(image, 1.0, 0), image, 0.5)
    assert np.array_equal(paint(studio, photo, networks[0], factor=1, keep_colors=0.5), pixels(expected))


def test_strokes_are_scaled(studio: StudioServer, networks: list[Path], photo: Path) -> None:
    expected = StrokeScaler(Stylizer.load(networks[0]), 2.0)(load_image(photo), 1.0, 0)
    assert np.array_equal(paint(studio, photo, networks[0], factor=1, stroke_size=2), pixels(expected))


def test_a_mask_and_a_second_network_paint_as_the_command_does(studio: StudioServer, networks: list[Path], photo: Path) -> None:
    image = load_image(photo)
    values = np.zeros(image.shape[2:], np.uint8)
    values[:, :20] = 255
    values[:, 20:25] = 90
    mask = torch.from_numpy(values) / 255
    name = mask_of(studio, values)
    first, second = (Stylizer.load(path) for path in networks)

    alone = paint(studio, photo, networks[0], factor=1, mask=name)
    assert np.array_equal(alone, pixels(stylize_with_mask(first, image, mask)))
    both = paint(studio, photo, networks[0], factor=1, mask=name, other=networks[1])
    assert np.array_equal(both, pixels(stylize_with_masks([first, second], image, torch.stack([mask, 1 - mask]))))


@pytest.mark.slow
def test_a_result_has_the_photos_own_size_and_is_not_replaced(
    studio: StudioServer, networks: list[Path], photo: Path, studio_folder: Path
) -> None:
    options = {"photo": str(photo), "network": str(networks[0]), "factor": 0.7, "style": "first"}
    answers = [studio.post("/api/results", options) for _ in range(2)]
    assert [status for status, _ in answers] == [200, 200]
    names = [answer["name"] for _, answer in answers]
    assert names == ["photo-1_first.png", "photo-1_first-2.png"]
    status, data, headers = studio.ask("GET", f"/api/results/{names[0]}?download")
    assert "attachment" in headers["content-disposition"]
    assert status == 200
    expected = Stylizer.load(networks[0])(load_image(photo), 0.7)
    assert np.array_equal(np.asarray(Image.open(BytesIO(data)).convert("RGB")), pixels(expected))


@pytest.mark.slow
def test_a_result_that_cannot_be_painted_leaves_no_file(studio: StudioServer, networks: list[Path], photo: Path) -> None:
    before = studio.get("/api/progress/none")
    options = {"photo": str(photo), "network": str(networks[0]), "factor": 9, "style": "refused", "task": "none"}
    assert studio.post("/api/results", options)[0] == 422
    assert list((studio.folder / "studio" / "results").glob("*refused*")) == []
    assert studio.get("/api/progress/none") == before == {"share": 0.0}


@pytest.mark.slow
@pytest.mark.parametrize("more", [{}, {"stroke_size": 2.0}, {"stroke_size": 0.5, "keep_colors": 0.5}])
def test_a_result_tells_how_much_of_it_is_painted(
    networks: list[Path], photo: Path, tmp_path: Path, more: dict[str, float]
) -> None:
    shares: list[float] = []
    helper = Helper("paint", tmp_path / "log")
    options = PaintOptions(str(photo), [str(networks[0])], 0.7, **more)  # type: ignore[arg-type]
    facts, _ = helper.call("full", shares.append, options=asdict(options), target=str(tmp_path / "result.png"))
    helper.close()
    assert facts["seconds"] > 0
    assert len(shares) >= 5
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5
    assert shares[-1] == 1


def test_a_large_photo_is_read_once_for_a_size(networks: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (300, 200), "teal").save(path)
    first = _photo(str(path), 150)
    assert first.shape[2:] == (100, 150)
    assert _photo(str(path), 150) is first
    os.utime(path, (1, 1))
    assert _photo(str(path), 150) is not first


def test_every_network_is_listed_with_what_it_can_do(studio: StudioServer, networks: list[Path]) -> None:
    found = {network["name"]: network for network in studio.get("/api/networks")}
    assert {"first", "second"} <= found.keys()
    assert found["first"]["path"] == str(networks[0].resolve())
    assert found["first"]["max_noise_factor"] == StylizeConfig().noise_factor[0] * 2


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"factor": 9}, 422),
        ({"factor": "much"}, 400),
        ({"factor": "nan"}, 400),
        ({"size": 100_000}, 400),
        ({"seed": -1}, 400),
        ({"mask": "0" * 32}, 404),
        ({"mask": "../../x"}, 404),
        ({"network": "/etc/passwd"}, 403),
        ({"photo": "/etc/passwd"}, 403),
    ],
)
def test_an_option_out_of_range_is_refused(
    studio: StudioServer, networks: list[Path], photo: Path, options: dict[str, object], status: int
) -> None:
    query = urlencode({"photo": photo, "network": networks[0], "factor": 1, **options})
    found, body, _ = studio.ask("GET", f"/api/paint?{query}")
    assert found == status, body
    assert json.loads(body)["error"]


def test_a_batch_waits_in_the_queue_as_the_command_that_it_is(studio: StudioServer, networks: list[Path], photo: Path) -> None:
    studio.post("/api/queue", {"paused": True})
    options = {"pictures": [str(photo.parent)], "network": str(networks[0]), "factor": 0.5}
    status, job = studio.post("/api/batches", options)
    assert status == 200, job
    assert job["command"].startswith(f"texnet stylize --ckpt={networks[0].resolve()} --noise_factor=0.5")
    assert job["settings"]["total"] == 8
    studio.post(f"/api/jobs/{job['id']}/stop")
    studio.post("/api/queue", {"paused": False})
