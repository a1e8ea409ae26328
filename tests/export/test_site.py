"""The folder of a page: what is in it, what it replaces, which policy it has, and its networks as files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from tests.export.conftest import CALIBRATION, tiny_checkpoint, tiny_generator
from tests.export.test_runtime import make_package
from tests.helpers import REPOSITORY
from texnet.config import ExportConfig, to_dict
from texnet.errors import UserError
from texnet.export.check import LIMIT
from texnet.export.runtime import find_runtime
from texnet.export.site import ExportedStyle, _new_folder, check_target, export_style, unique_names, write_site
from texnet.export.tiled import TiledGenerator, halo_of, largest_difference_of_tiles
from texnet.generators import GENERATORS
from texnet.generators.noise import draw_noise
from texnet.images import load_image

WEB = REPOSITORY / "texnet" / "web"
LARGEST_PAGE = 100_000  # bytes, without the networks and onnxruntime-web
STYLE = ExportedStyle({"name": "stripes", "license": "CC0"}, {"models/stripes.onnx": b"network"}, 0.0)


def write(folder: Path, package: Path, **options: Any) -> Path:
    """A page with a network that is none."""
    config = ExportConfig(output=str(folder / "site"), format="web", **options)
    write_site(check_target(config), [STYLE], find_runtime(str(package), webgpu=config.webgpu), config)
    return folder / "site"


def test_the_folder_has_all_that_a_page_needs(tmp_path: Path) -> None:
    site = write(tmp_path, make_package(tmp_path / "package"))
    files = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert {path.name for path in WEB.iterdir()} <= files
    assert {"styles.json", "example.webp", "models/stripes.onnx", "runtime/ort.wasm.js", "runtime/ort.webgpu.js"} <= files
    manifest = json.loads((site / "styles.json").read_text())
    assert (manifest["runtime"], manifest["webgpu"], manifest["styles"][0]["name"]) == ("9.8.7", True, "stripes")
    licenses = (site / "LICENSES.txt").read_text()
    assert "The texnet authors" in licenses
    assert "Microsoft Corporation" in licenses
    assert licenses.endswith("stripes: CC0\n")
    assert {path.name for path in tmp_path.iterdir()} == {"package", "site"}
    assert (
        sum((site / name).stat().st_size for name in files if name.partition("/")[0] not in ("runtime", "models"))
        <= LARGEST_PAGE
    )


def test_without_webgpu_its_files_are_left_out(tmp_path: Path) -> None:
    site = write(tmp_path, make_package(tmp_path / "package"), webgpu=False)
    assert sorted(path.name for path in (site / "runtime").iterdir()) == ["ort-wasm.js", "ort-wasm.wasm", "ort.wasm.js"]
    assert json.loads((site / "styles.json").read_text())["webgpu"] is False


def test_a_photo_to_open_with_is_reduced(tmp_path: Path) -> None:
    Image.new("RGB", (1500, 600), "teal").save(tmp_path / "teal.png")
    site = write(tmp_path, make_package(tmp_path / "package"), example=str(tmp_path / "teal.png"))
    assert load_image(site / "example.webp").shape[2:] == (205, 512)


def test_only_a_page_is_replaced_and_only_if_asked(tmp_path: Path) -> None:
    package = make_package(tmp_path / "package")
    site = write(tmp_path, package)
    (site / "models" / "old.onnx").touch()
    with pytest.raises(FileExistsError, match="exists already: give --overwrite"):
        write(tmp_path, package)
    write(tmp_path, package, overwrite=True)
    assert not (site / "models" / "old.onnx").exists()
    (site / "styles.json").unlink()
    with pytest.raises(UserError, match="not a page of texnet export, so it is not replaced"):
        write(tmp_path, package, overwrite=True)
    assert (site / "index.html").is_file()
    with pytest.raises(UserError, match="writes a folder, and this is a file"):
        check_target(ExportConfig(output=str(site / "index.html"), format="web"))


@pytest.mark.parametrize("name", [".git", "CNAME", "notes.txt"])
def test_a_page_with_files_of_its_owner_is_not_replaced(tmp_path: Path, name: str) -> None:
    package = make_package(tmp_path / "package")
    site = write(tmp_path, package)
    (site / name).write_text("mine")
    with pytest.raises(UserError, match=f"would delete {re.escape(name)}, not of the page; move that away"):
        write(tmp_path, package, overwrite=True)
    assert (site / name).read_text() == "mine"


def test_an_older_page_is_put_back_where_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    site = write(tmp_path, make_package(tmp_path / "package"))
    before = sorted(path.name for path in site.iterdir())
    with pytest.raises(FileNotFoundError), _new_folder(site) as fresh:
        fresh.rmdir()  # so it cannot be renamed
    assert sorted(path.name for path in site.iterdir()) == before


def test_styles_of_one_name_get_numbers() -> None:
    checkpoints = [replace(tiny_checkpoint("light"), styles=(name,)) for name in ("a", "b", "a", "a")]
    assert unique_names(checkpoints) == ["a", "b", "a-2", "a-3"]


def test_the_page_allows_nothing_inline_and_no_other_origin() -> None:
    page = (WEB / "index.html").read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    directives = {words.split()[0]: words.split()[1:] for words in policy[1].split(";")}
    assert directives.pop("default-src") == ["'none'"]
    assert directives.pop("script-src") == ["'self'", "'wasm-unsafe-eval'"]
    assert {source for sources in directives.values() for source in sources} <= {"'self'", "'none'", "blob:"}
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", page) == []
    texts = [path.read_text() for path in WEB.iterdir() if path.suffix in (".html", ".js", ".css")]
    assert [url for text in texts for url in re.findall(r"(?:https?:)?//[\w-]+\.[\w.-]+", text)] == []


def test_modules_import_what_exists_and_name_parts_of_the_page() -> None:
    page = (WEB / "index.html").read_text()
    ids = set(re.findall(r'\bid="([\w-]+)"', page))
    for path in WEB.glob("*.js"):
        code = path.read_text()
        assert {name for name in re.findall(r'from "\./([\w.]+)"', code) if not (WEB / name).is_file()} == set()
        assert set(re.findall(r'\bpart\("([\w-]+)"\)', code)) - ids == set()
    assert set(re.findall(r'\b(?:for|aria-labelledby|aria-describedby)="([\w-]+)"', page)) <= ids
    assert set(re.findall(r'<use href="#([\w-]+)"', page)) <= ids


@pytest.mark.parametrize("path", sorted(WEB.glob("*.js")), ids=lambda path: path.name)
def test_a_module_of_the_page_is_short_and_says_what_it_is(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 260
    assert lines[0].startswith("// ")


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_tiles_with_shared_statistics_are_the_whole_picture(name: str) -> None:
    generator = tiny_generator(name)
    tiled = TiledGenerator(generator)
    assert halo_of(generator) % generator.stride == 0
    assert halo_of(generator) >= generator.receptive_radius
    assert largest_difference_of_tiles(tiled, generator, tiled.num_statistics) <= 1e-5


def test_a_tile_of_the_wrong_place_is_found() -> None:
    generator = tiny_generator("light")
    tiled = TiledGenerator(generator)

    def too_bright(*inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        output, statistics = tiled(*inputs)
        return output + 0.1 * inputs[-1], statistics

    assert largest_difference_of_tiles(too_bright, generator, tiled.num_statistics) == pytest.approx(0.1, abs=1e-4)


@pytest.mark.slow
def test_a_network_and_its_tiles_share_one_set_of_weights(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX files need the extra export")
    pytest.importorskip("onnxscript", reason="ONNX files need the extra export")
    checkpoint = tiny_checkpoint("light")
    style = export_style(checkpoint, ExportConfig(format="web", half=True), "stripes")
    assert style.difference <= LIMIT
    assert style.entry["calibration"] == to_dict(CALIBRATION)
    for name, data in style.files.items():
        (tmp_path / Path(name).name).write_bytes(data)
    whole, tiled = (onnxruntime.InferenceSession(tmp_path / f"stripes{kind}.onnx") for kind in ("", ".tiles"))
    size = style.entry["num_statistics"]
    inputs = {
        "content": torch.rand(1, 3, 37, 45).numpy(),
        "noise": draw_noise(1, (1, 3, 37, 45)).numpy(),
        "uncalibrated_factor": torch.tensor([0.7]).numpy(),
    }
    (expected,) = whole.run(None, inputs)
    shared = {"statistics": torch.zeros(size).numpy(), "given": torch.zeros(1).numpy()}
    output, measured = tiled.run(None, inputs | shared)
    assert abs(output - expected).max() <= 1e-5
    assert measured.shape == (size,)
    model = pytest.importorskip("onnx").load(tmp_path / "stripes.tiles.onnx", load_external_data=False)
    outside = [tensor for tensor in model.graph.initializer if tensor.data_location]
    assert len(outside) >= 10
    assert max(len(tensor.raw_data) for tensor in model.graph.initializer) < 256
