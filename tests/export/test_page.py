"""The exported page in headless Chromium, with no other server than that of its folder."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.export.conftest import tiny_checkpoint
from tests.helpers import find_chromium
from texnet.checkpoint import Checkpoint
from texnet.config import ExportConfig
from texnet.drawing import draw_scene
from texnet.export.runtime import cached_runtime, find_runtime
from texnet.export.site import export_style, write_site
from texnet.images import load_image, to_bytes
from texnet.stylize import Stylizer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

SECONDS = 120
ENOUGH = 2  # of 255
SETTLED = "document.querySelector('#canvas').dataset.exact === 'true'"
SHOWN = """() => { const c = document.querySelector('#canvas');
    return [c.width, c.height, [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]]; }"""
MOVED = """(factor) => { const slider = document.querySelector('#strength');
    slider.value = factor; slider.dispatchEvent(new Event('input')); }"""
FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def checkpoints() -> list[Checkpoint]:
    return [tiny_checkpoint("light", "stripes"), tiny_checkpoint("residual", "waves")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, checkpoints: list[Checkpoint]) -> Path:
    """The folder of a page with two tiny networks."""
    pytest.importorskip("onnxscript", reason="ONNX files need the extra export")
    if not (cached_runtime() / "dist").is_dir():
        pytest.skip("onnxruntime-web is not in the user's caches: make web-runtime brings it there")
    config = ExportConfig(output=str(tmp_path_factory.mktemp("page") / "site"), format="web")
    styles = [export_style(checkpoint, config, checkpoint.styles[0]) for checkpoint in checkpoints]
    write_site(Path(config.output), styles, find_runtime("", webgpu=True), config)
    return Path(config.output)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of 131x97 pixels."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    draw_scene(160, seed=3).crop((7, 20, 138, 117)).save(path)
    return path


class Quiet(SimpleHTTPRequestHandler):
    """Python's own server of a folder, without its lines."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve a folder, as python -m http.server does; its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(folder: Path) -> str:
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any, serve: Callable[[Path], str]) -> Iterator[Callable[..., Any]]:
    """Open a folder's page, and wait for its first picture; at the end, nothing went wrong and nothing left its origin."""
    contexts, addresses, mistakes, requests = [], [], [], []

    def start(folder: Path, query: str = "?engine=wasm", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        addresses.append(serve(folder))
        context.on("request", lambda request: requests.append(request.url))
        context.on("console", lambda line: mistakes.append(line.text) if line.type == "error" else None)
        context.on("weberror", lambda error: mistakes.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(1000 * SECONDS)
        page.goto(f"{addresses[-1]}/{query}")
        wait(page, SETTLED)
        return page

    yield start
    for context in contexts:
        context.close()
    assert mistakes == []
    assert len(requests) > 20
    assert [url for url in requests if not url.startswith((*addresses, "blob:"))] == []


def wait(page: Any, condition: str) -> None:
    """Wait until an expression is true; the page's policy allows Playwright's own way, by eval, as little as others'."""
    for _ in range(SECONDS * 10):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not within {SECONDS} s: {condition}")


def give(page: Any, photo: Path) -> None:
    """Open a photo that is smaller than the preview, and wait for its painting."""
    width = load_image(photo).shape[3]
    page.set_input_files("#file", str(photo))
    wait(page, f"document.querySelector('#canvas').width === {width} && {SETTLED}")


def set_strength(page: Any, factor: float) -> None:
    page.evaluate(f"({MOVED})({factor})")


def set_seed(page: Any, seed: int) -> None:
    page.fill("#seed", str(seed))
    page.press("#seed", "Tab")


def saved(page: Any, button: str, folder: Path) -> tuple[str, Tensor]:
    """What a button saves: the file's name, and the picture as bytes, (1, 3, H, W)."""
    with page.expect_download() as waiting:
        page.click(button)
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.name, to_bytes(load_image(path))


def shown(page: Any) -> Tensor:
    """The canvas as bytes, (1, 3, H, W)."""
    width, height, values = page.evaluate(SHOWN)
    return torch.tensor(values, dtype=torch.uint8).view(1, height, width, 4)[..., :3].permute(0, 3, 1, 2)


def difference(a: Tensor, b: Tensor) -> int:
    return int((a.int() - b.int()).abs().max())


def test_it_paints_the_pictures_of_texnet_in_every_style_strength_and_seed(
    site: Path, photo: Path, checkpoints: list[Checkpoint], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    page = open_page(site)
    give(page, photo)
    for key, checkpoint in enumerate(checkpoints, 1):
        page.keyboard.press(str(key))
        for factor, seed in ((1.0, 0), (0.37, 5), (2.0, 2**40)):
            set_seed(page, seed)
            set_strength(page, factor)
            name, picture = saved(page, "#save", tmp_path)
            expected = to_bytes(Stylizer.of(checkpoint)(load_image(photo), factor, seed))
            assert difference(picture, expected) <= ENOUGH
            marks = ("" if factor == 1 else f"_{factor:g}") + (f"_seed-{seed}" if seed else "")
            assert name == f"photo_{checkpoint.styles[0]}{marks}.png"
    set_strength(page, 0)
    assert difference(saved(page, "#save", tmp_path)[1], to_bytes(load_image(photo))) == 0


def test_the_slider_repaints_within_its_own_event_and_rests_on_the_exact_picture(
    site: Path, photo: Path, checkpoints: list[Checkpoint], open_page: Callable[..., Any]
) -> None:
    page = open_page(site)
    give(page, photo)
    wait(page, "document.querySelectorAll('#marks i').length === document.querySelectorAll('#marks i.painted').length")
    stylizer, image = Stylizer.of(checkpoints[0]), load_image(photo)
    set_strength(page, 0.6)  # a call without a break: what is shown next was drawn in the event
    faded = page.evaluate(
        f"(() => {{ ({MOVED})(0.62); return [document.querySelector('#canvas').dataset.exact, ({SHOWN})()]; }})()"
    )
    exact, (width, height, values) = faded
    assert exact == "false"
    picture = torch.tensor(values, dtype=torch.uint8).view(1, height, width, 4)[..., :3].permute(0, 3, 1, 2)
    low, high = (to_bytes(stylizer(image, factor)).float() for factor in (0.5, 0.75))
    assert difference(picture, low + (0.62 - 0.5) / 0.25 * (high - low)) <= 2 * ENOUGH
    wait(page, SETTLED)
    assert difference(shown(page), to_bytes(stylizer(image, 0.62))) <= ENOUGH


def test_a_large_picture_is_saved_in_tiles_without_seams(
    site: Path, checkpoints: list[Checkpoint], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    small = shutil.copytree(site, tmp_path / "site")
    manifest = json.loads((small / "styles.json").read_text())
    for style in manifest["styles"]:
        style["bytes_per_pixel"] = 2**30 / (900 * 700 / 2)  # memory for a copy of half as many pixels
    (small / "styles.json").write_text(json.dumps(manifest))
    draw_scene(900, seed=5).crop((0, 0, 900, 700)).save(tmp_path / "large.png")
    page = open_page(small)
    page.set_input_files("#file", str(tmp_path / "large.png"))
    wait(page, f"document.querySelector('#canvas').width === 640 && {SETTLED}")
    assert "in tiles without seams" in page.inner_text("#note")
    name, picture = saved(page, "#save-full", tmp_path)
    assert (name, picture.shape[2:]) == ("large_full_stripes.png", (700, 900))
    whole = to_bytes(Stylizer.of(checkpoints[0])(load_image(tmp_path / "large.png")))
    error = (picture.float() - whole.float())[0]
    assert error.square().mean().sqrt() < 12  # the statistics are those of a copy
    steps = error.diff(dim=2).abs().mean((0, 1))  # (899,): between columns; a seam would stand out
    assert steps.max() < 4 * steps.mean()


def test_pictures_are_pasted_and_dropped(site: Path, photo: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(site)
    made = """async ([kind, bytes, name]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
        const options = { bubbles: true, cancelable: true };
        dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, { clipboardData: transfer, ...options })
            : new DragEvent(kind, { dataTransfer: transfer, ...options })); }"""
    for kind, side in (("paste", 70), ("drop", 90)):
        path = photo.parent / f"{kind}.png"
        draw_scene(side).save(path)
        page.evaluate(made, [kind, list(path.read_bytes()), path.name])
        wait(page, f"document.querySelector('#canvas').width === {side} && {SETTLED}")
    page.evaluate(made, ["drop", [1, 2, 3], "notes.png"])
    wait(page, "!document.querySelector('#message').hidden")
    assert page.inner_text("#message").startswith("notes.png is no picture that this browser reads")
    assert page.evaluate("document.querySelector('#canvas').width") == 90


def test_the_camera_is_painted_as_it_moves_and_its_picture_taken(site: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(site, permissions=["camera"])
    page.keyboard.press("c")
    wait(page, "document.querySelector('#canvas').width === 320")
    before = shown(page)
    for _ in range(100):
        page.wait_for_timeout(100)
        if difference(shown(page), before) > 20:
            break
    else:
        raise AssertionError("the picture does not move")
    page.keyboard.press("Enter")
    wait(page, f"document.querySelector('#canvas').width === 640 && {SETTLED}")
    assert page.is_hidden("#live")
    assert page.is_visible("#save-full")  # the camera's picture is larger than the preview


def test_it_is_used_by_keys_alone(
    site: Path, photo: Path, checkpoints: list[Checkpoint], open_page: Callable[..., Any]
) -> None:
    page = open_page(site)
    give(page, photo)
    image = to_bytes(load_image(photo))
    painted = shown(page)
    page.keyboard.down("b")
    assert difference(shown(page), image) == 0
    page.keyboard.up("b")
    assert difference(shown(page), painted) == 0
    page.keyboard.press("x")
    beside = shown(page)
    assert difference(beside[..., :60], image[..., :60]) == 0
    assert difference(beside[..., 70:], painted[..., 70:]) == 0
    page.keyboard.press("Home")  # the handle has the focus
    assert difference(shown(page), painted) == 0
    page.keyboard.press("x")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#strength-number") == "0.95"
    page.keyboard.press("2")
    assert page.evaluate("document.querySelector('#styles input:checked').value") == "waves"
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.name"))
    assert {"open", "camera", "compare", "help", "strength", "style", "seed", "dice", "detail", "save"} <= reached
    page.keyboard.press("Shift+?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    assert page.is_hidden("#keys")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(site: Path, photo: Path, scheme: str, open_page: Callable[..., Any]) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "color_scheme": scheme}
    page = open_page(site, **phone)
    give(page, photo)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for part in ("#canvas", "#open", "#camera", "#compare", "#strength"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= 844
        assert box["height"] >= 40
    page.tap("#compare")
    assert page.is_visible("#wipe")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(", "))) > 384) == (scheme == "light")
