"""The page Paint while answers are under way: what a person chose last is painted, whatever arrives after it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from tests.studio.helpers import StudioServer
from texnet.drawing import draw_scene

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EXACT = '.stage[data-shown="exact"]'
CHOSEN = '[aria-pressed="true"]'


class Held:
    """Requests that are stopped until they are let go."""

    def __init__(self, page: Any, pattern: str, concerns: Callable[[str], bool] = lambda url: True) -> None:
        self._page = page
        self._routes: list[Any] = []
        page.route(pattern, lambda route: self._routes.append(route) if concerns(route.request.url) else route.continue_())

    def wait(self) -> None:
        """Wait until one is under way."""
        for _ in range(600):
            if self._routes:
                return
            self._page.wait_for_timeout(100)
        raise AssertionError("nothing was asked")

    def let_go(self) -> None:
        for route in self._routes:
            route.continue_()
        self._routes.clear()


@pytest.fixture
def photos(studio_folder: Path) -> Iterator[Path]:
    """A folder whose first photo cannot be read, and two of different shapes."""
    folder = studio_folder / "chosen"
    folder.mkdir()
    (folder / "a-broken.jpg").write_bytes(b"no picture")
    draw_scene(64, seed=1).save(folder / "b.png")
    draw_scene(64, seed=2).crop((0, 0, 64, 32)).save(folder / "c.png")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def page(browser: Any, photos: Path) -> Iterator[Any]:
    """A browser in which the guide has chosen these photos."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    context.set_default_timeout(120_000)
    draft = json.dumps(json.dumps({"settings": {"data_dir": str(photos)}, "title": ""}))
    context.add_init_script(f"localStorage.setItem('draft', {draft})")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def chosen_photo(page: Any) -> str:
    return str(page.locator(f".shelf {CHOSEN}").get_attribute("aria-label"))


def pick(page: Any, photo: Path) -> None:
    """Pick a picture on the studio's machine."""
    page.get_by_role("button", name="Pick a picture, video or folder").click()
    field = page.get_by_role("dialog").get_by_role("combobox")
    field.fill(str(photo))
    field.press("Enter")
    page.locator(f".shelf {CHOSEN}[aria-label='{photo.name}']").wait_for()


def value(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


@pytest.mark.slow
def test_a_photo_and_a_style_that_are_picked_early_are_kept(page: Any, studio: StudioServer, photos: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/paint?" in request.url else None)
    folder = Held(page, "**/api/pictures?*", lambda url: value(url, "path") == str(photos))
    page.goto(f"{studio.address}/#/paint")
    folder.wait()
    pick(page, photos / "c.png")
    style = page.locator(".networks button").nth(2)
    style.click()
    folder.let_go()
    page.locator(".shelf [aria-label='b.png']").wait_for()
    page.locator(EXACT).wait_for()
    assert chosen_photo(page) == "c.png"
    assert style.get_attribute("aria-pressed") == "true"
    labels = [one.get_attribute("aria-label") for one in page.locator(".shelf button:not(.add)").all()]
    assert labels[0] == "c.png"
    assert {value(url, "photo") for url in asked} == {str(photos / "c.png")}
    assert len({value(url, "network") for url in asked}) == 1


def test_the_first_photo_that_can_be_read_is_suggested(page: Any, studio: StudioServer) -> None:
    page.goto(f"{studio.address}/#/paint")
    page.locator(EXACT).wait_for()
    assert chosen_photo(page) == "b.png"


def test_a_photo_that_is_picked_during_an_upload_stays(page: Any, studio: StudioServer, photos: Path, tmp_path: Path) -> None:
    Image.new("RGB", (40, 40), "teal").save(tmp_path / "sent.png")
    uploads = Held(page, "**/api/uploads?*")
    page.goto(f"{studio.address}/#/paint")
    page.locator(EXACT).wait_for()
    page.set_input_files(".shelf + input", str(tmp_path / "sent.png"))
    uploads.wait()
    page.locator(".shelf [aria-label='c.png']").click()
    uploads.let_go()
    page.locator(".shelf [aria-label^='sent']").wait_for()
    assert chosen_photo(page) == "c.png"
    for path in (studio.folder / "studio" / "uploads").glob("sent*"):
        path.unlink()


def test_a_style_that_is_picked_while_a_photo_is_fetched_paints_that_photo(page: Any, studio: StudioServer) -> None:
    page.goto(f"{studio.address}/#/paint")
    page.locator(EXACT).wait_for()
    photo = Held(page, "**/api/paint?*", lambda url: value(url, "photo").endswith("c.png") and value(url, "factor") == "0")
    page.locator(".shelf [aria-label='c.png']").click()
    photo.wait()
    page.locator(".networks button").nth(1).click()
    page.wait_for_timeout(300)
    assert page.locator(EXACT).count() == 0
    photo.let_go()
    page.unroute("**/api/paint?*")
    page.locator(EXACT).wait_for()
    assert page.evaluate("(({ width, height }) => [width, height])(document.querySelector('.sheet canvas'))") == [64, 32]
