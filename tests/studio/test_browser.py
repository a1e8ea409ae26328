"""The way of a person through the studio, in a real browser and against the real server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from tests.monitoring.helpers import TrainedRun
from tests.studio.helpers import StudioServer, accessibility_problems, wait_for
from texnet.drawing import draw_scene, save_texture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
PATIENCE = 240_000  # milliseconds: a machine may be busy
# a hash of what a canvas shows, to see whether it changes
FINGERPRINT = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 97) sum = (sum * 31 + data[i]) % 1000000007;
  return sum;
}"""
# moves the slider, and tells whether the canvas has another picture before the browser does anything else
MOVE = """([slider, canvas, value]) => {
  const look = FINGERPRINT;
  const before = look(canvas), began = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  const after = look(canvas);
  return [before, after, performance.now() - began];
}""".replace("FINGERPRINT", FINGERPRINT)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioServer]:
    """A studio with drawn photos and a style picture, which may be killed."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "photos").mkdir()
    for number in range(24):
        draw_scene(128, seed=number).save(folder / "photos" / f"photo-{number:02d}.jpg")
    (folder / "photos" / "broken.jpg").write_bytes(b"no picture")
    save_texture("mosaic", folder, 256)
    (folder / "checkpoints" / "shown").mkdir(parents=True)
    shown = TrainedRun(folder / "checkpoints" / "shown")
    shown.log(1, 10, 20)
    shown.preview(20)
    server = StudioServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(browser: Any, server: StudioServer) -> Iterator[Any]:
    """A page that must ask nobody but the studio, and whose scripts must not fail."""
    context = browser.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: foreign(request.url, server, problems))
    yield page
    context.close()
    assert problems == []


def foreign(url: str, server: StudioServer, problems: list[str]) -> None:
    if not url.startswith((server.address, "blob:", "data:")):
        problems.append(f"asked {url}")


def test_from_photos_to_a_painted_picture(page: Any, server: StudioServer) -> None:
    page.goto(server.address)
    choose_photos_and_style(page, server)
    page.get_by_role("button", name="Start training").click()
    began = time.perf_counter()
    page.locator(".tiles canvas").first.wait_for()
    print(f"first picture: {time.perf_counter() - began:.1f} s")
    assert page.locator(".tiles canvas").count() == 4
    address = page.url

    page.reload()  # and the run is found again
    page.locator(".tiles canvas").first.wait_for()
    server.kill()
    page.wait_for_timeout(500)
    server.start()
    page.reload()
    page.locator(".pill.done").wait_for()
    assert page.url == address
    name = page.get_by_label("Name of the run")
    assert name.input_value() == "mosaic"

    page.get_by_role("link", name="Paint with it").click()
    page.get_by_role("button", name="Pick a picture, video or folder").click()
    field = page.get_by_role("dialog").get_by_role("combobox")
    field.fill(str(server.folder / "photos" / "photo-03.jpg"))
    field.press("Enter")
    exact_picture(page)
    slide_and_compare(page)
    brush_and_take_back(page)

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    with Image.open(waiting.value.path()) as saved:
        assert saved.size == (128, 128)
    assert waiting.value.suggested_filename == "photo-03_mosaic.png"


def choose_photos_and_style(page: Any, server: StudioServer) -> None:
    """The guide, by keyboard where a person would use it."""
    field = page.get_by_role("combobox", name="Folder of photos")
    field.fill(str(server.folder / "pho"))
    page.locator(".list li", has_text="photos/").wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    page.locator(".facts", has_text="25 photos").wait_for()
    page.get_by_text("1 of the 25 photos that were opened cannot be read").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator(".gallery button", has_text="Upload").click()
    chooser.value.set_files(str(server.folder / "mosaic.jpg"))
    page.locator('.gallery [aria-pressed="true"]').wait_for()
    page.locator(".look img").wait_for()  # the first look, before any training
    page.locator(".segments label", has_text="2 min").click()  # of the default network, at the default crops
    page.get_by_text("More: every setting").click()
    page.get_by_label("--num_val", exact=True).fill("3")
    page.get_by_label("--num_val", exact=True).press("Tab")
    page.get_by_label("Name", exact=True).fill("mosaic")
    page.get_by_text("The same on the command line").click()
    page.locator(".outcome .code", has_text="--num_val=3").wait_for()


def exact_picture(page: Any) -> None:
    """Wait until the exact picture is there."""
    page.locator('.stage[data-shown="exact"]').wait_for()


def slide_and_compare(page: Any) -> None:
    slider, canvas = page.get_by_label("Noise factor"), page.locator(".stage .sheet canvas").first
    wait_for(lambda: moved(page, slider, canvas, 0.31) != moved(page, slider, canvas, 0.77), "levels are painted ahead")
    before, after, milliseconds = page.evaluate(MOVE, [slider.element_handle(), canvas.element_handle(), 0.4])
    assert before != after, "the picture changes before the event has ended"
    print(f"slider to picture: {milliseconds:.1f} ms")
    exact_picture(page)
    page.get_by_role("button", name="Compare").click()
    divider = page.get_by_role("slider", name="Before and after")
    divider.press("ArrowRight")
    assert divider.get_attribute("aria-valuenow") == "52"
    page.get_by_role("button", name="Compare").click()


def moved(page: Any, slider: Any, canvas: Any, value: float) -> int:
    return int(page.evaluate(MOVE, [slider.element_handle(), canvas.element_handle(), value])[1])


def brush_and_take_back(page: Any) -> None:
    """Brush over the middle, undo, redo."""
    canvas = page.locator(".stage .sheet canvas").first
    page.get_by_role("button", name="Mask", exact=True).click()
    exact_picture(page)
    untouched = page.evaluate(FINGERPRINT, canvas.element_handle())
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 60, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=8)
    brushed = page.evaluate(FINGERPRINT, canvas.element_handle())
    page.mouse.up()
    assert brushed != untouched
    for name, expected in (("Undo", untouched), ("Redo", None)):
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_timeout(400)
        exact_picture(page)
        shown = page.evaluate(FINGERPRINT, canvas.element_handle())
        assert (shown == untouched) == (expected is not None)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 390])
def test_pages_are_for_everybody(browser: Any, server: StudioServer, axe: str, theme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme=theme, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    server.get("/api/jobs")
    runs = [job["id"] for job in server.get("/api/jobs")]
    found: dict[str, list[str]] = {}
    for name in ["/#/guide", "/#/runs", "/#/paint", "/#/sweep", "/#/share", *[f"/#/watch/{run}" for run in runs[:1]], "/login"]:
        page.goto("about:blank")
        page.goto(server.address + name)
        page.locator("h1").first.wait_for(state="attached")
        page.wait_for_timeout(1500)
        found[name] = accessibility_problems(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the screen"
    context.close()
    assert found == {name: [] for name in found}
