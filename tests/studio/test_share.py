"""Sharing: networks become files and pages, and a page may ask for nothing but its own files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.export.conftest import tiny_checkpoint
from tests.export.test_runtime import make_package
from tests.studio.helpers import StudioServer, wait_for
from texnet.config import ExportConfig
from texnet.export.runtime import cached_runtime, find_runtime
from texnet.export.site import ExportedStyle, write_site

NO_RUNTIME = "onnxruntime-web is not in the user's caches: make web-runtime brings it there"


@pytest.fixture
def network(studio: StudioServer) -> Path:
    """A tiny network in the folder of runs."""
    path = studio.folder / "checkpoints" / "shared" / "style.pt"
    tiny_checkpoint("light", "waves").save(path)
    return path


@pytest.fixture
def page_folder(studio: StudioServer, tmp_path: Path) -> Path:
    """A page without a network that runs, where the studio keeps pages."""
    config = ExportConfig(output=str(studio.folder / "studio" / "pages" / "größe"), format="web", overwrite=True)
    style = ExportedStyle({"name": "waves", "license": ""}, {"models/waves.onnx": b"network"}, 0.0)
    write_site(Path(config.output), [style], find_runtime(str(make_package(tmp_path / "package")), webgpu=True), config)
    return Path(config.output)


def test_a_page_is_served_below_its_own_path_and_restricted_to_it(studio: StudioServer, page_folder: Path) -> None:
    entry = next(one for one in studio.get("/api/exports") if one["name"] == page_folder.name)
    assert (entry["format"], entry["address"]) == ("web", "/pages/gr%C3%B6%C3%9Fe/")
    status, body, headers = studio.ask("GET", entry["address"])
    assert (status, body) == (200, (page_folder / "index.html").read_bytes())
    policy = dict(words.split(" ", 1) for words in headers["content-security-policy"].split("; "))
    own = f"{studio.host}{entry['address']}"
    assert policy["connect-src"] == policy["style-src"] == policy["worker-src"] == own
    assert policy["script-src"] == f"{own} 'wasm-unsafe-eval'"
    assert policy["default-src"] == policy["form-action"] == "'none'"


@pytest.mark.parametrize("path", ["/pages/../studio.sqlite", "/pages/%2e%2e/studio.sqlite", "/pages//etc/passwd", "/pages/"])
def test_nothing_but_pages_is_served_there(studio: StudioServer, page_folder: Path, path: str) -> None:
    assert studio.ask("GET", path)[0] in (400, 404)


def test_pages_are_behind_the_same_walls(studio: StudioServer, page_folder: Path) -> None:
    assert studio.ask("GET", "/pages/gr%C3%B6%C3%9Fe/", Host="evil.example")[0] == 421
    assert studio.ask("GET", "/pages/gr%C3%B6%C3%9Fe/", Origin="http://evil.example")[0] == 403


@pytest.mark.parametrize(
    ("data", "status"),
    [({"format": "exe"}, 400), ({"network": "/etc/passwd"}, 403), ({"network": "missing.pt"}, 404), ({"network": ""}, 400)],
)
def test_what_cannot_be_exported_is_refused(studio: StudioServer, network: Path, data: dict[str, str], status: int) -> None:
    found, answer = studio.post("/api/exports", {"network": str(network), "format": "onnx", **data})
    assert found == status, answer


@pytest.mark.slow
def test_a_broken_network_is_refused_with_the_commands_own_words(studio: StudioServer, network: Path) -> None:
    network.write_bytes(b"no network")
    status, answer = studio.post("/api/exports", {"network": str(network), "format": "onnx", "name": "broken"})
    assert status == 422
    assert "style.pt" in answer["error"]
    assert all(entry["name"] != "broken.onnx" for entry in studio.get("/api/exports"))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_file_is_made_and_saved(studio: StudioServer, network: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="ONNX files need the extra export")
    pytest.importorskip("onnxscript", reason="ONNX files need the extra export")
    for name in ("waves.onnx", "waves-2.onnx"):
        status, entry = studio.post("/api/exports", {"network": str(network), "format": "onnx", "half": True})
        assert status == 200, entry
        assert entry["name"] == name
    status, data, headers = studio.ask("GET", entry["address"])
    assert status == 200
    assert "waves-2.onnx" in headers["content-disposition"]
    assert {item.key: item.value for item in onnx.load_from_string(data).metadata_props}["style"] == "waves"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    context.set_default_timeout(170_000)
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_page_is_made_opened_and_paints_but_reaches_nothing_else(page: Any, studio: StudioServer, network: Path) -> None:
    pytest.importorskip("onnxscript", reason="ONNX files need the extra export")
    if not (cached_runtime() / "dist").is_dir():
        pytest.skip(NO_RUNTIME)
    page.goto(f"{studio.address}/#/share?network={network}")
    page.locator('.networks [aria-pressed="true"]').wait_for()
    page.get_by_role("button", name="Make the page").click()
    with page.context.expect_page() as opening:
        page.locator(".made.fresh").get_by_role("link", name="Open the page").click()
    opened = opening.value
    problems: list[str] = []
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    opened.reload()
    assert opened.url.startswith(f"{studio.address}/pages/")
    wait_for(lambda: bool(opened.evaluate("document.querySelector('#canvas').dataset.exact === 'true'")), "it paints", 120)
    assert problems == []
    assert [url for url in asked if not url.startswith((opened.url, "blob:"))] == []
    reached = opened.evaluate("fetch('/api/start').then((answer) => answer.status, (error) => error.name)")
    assert reached == "TypeError"  # the page's policy
    assert opened.evaluate("opener") is None
    styles = json.loads(studio.ask("GET", f"{opened.url.removeprefix(studio.address)}styles.json")[1])
    assert [style["name"] for style in styles["styles"]] == ["waves"]
