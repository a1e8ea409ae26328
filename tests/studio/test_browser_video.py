"""The way of a person with a video and with the camera through the page Paint, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.studio.helpers import StudioServer, accessibility_problems, wait_for
from tests.video.helpers import frames_of, pan, times_of, write_clip

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
PATIENCE = 170_000  # milliseconds: a machine may be busy
PLAYING = "() => [...document.querySelectorAll('video')].map((one) => [one.currentTime, one.paused, one.readyState])"
PLAYS_H264 = "() => document.createElement('video').canPlayType('video/mp4; codecs=\"avc1.64001f\"') !== ''"
PIXELS = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.reduce((sum, value, index) => (sum * 31 + value * (index % 7)) % 1000000007, 0);
}"""


@pytest.fixture(params=[(1360, "light"), (390, "dark")], ids=["desk", "phone"])
def page(browser: Any, studio: StudioServer, network: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page Paint with a network chosen, whose scripts must not fail, and which asks nobody but the studio."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme=theme, accept_downloads=True)
    context.grant_permissions(["camera"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if is_problem(line) else None)
    page.on("request", lambda asked: None if asked.url.startswith((studio.address, "blob:")) else problems.append(asked.url))
    uploads = studio.folder / "studio" / "uploads"
    before = set(uploads.iterdir())
    page.goto(f"{studio.address}/#/paint?network={network.resolve()}")
    page.locator('.networks [aria-pressed="true"]').wait_for()
    yield page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    for sent in set(uploads.iterdir()) - before:
        sent.unlink()
    assert problems == []


def is_problem(line: Any) -> bool:
    """Such as what a policy forbids; that a file is refused is none."""
    return bool(line.type == "error" and not line.text.startswith("Failed to load resource"))


def exact(page: Any) -> None:
    page.locator('.stage[data-shown="exact"]').wait_for()


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def shown(page: Any) -> int:
    return int(page.locator(".stage .sheet canvas").first.evaluate(PIXELS))


def test_a_video_is_sent_painted_over_time_stopped_continued_and_played(
    page: Any, studio: StudioServer, axe: str, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / f"walk{page.viewport_size['width']}.mp4", pan(6, size=(240, 320)) * 25, sound=True)
    with page.expect_file_chooser() as chooser:
        press(page, "Add a picture or video from this device")
    chooser.value.set_files(str(clip))
    card = page.get_by_role("region", name="Video", exact=True)
    card.get_by_text("pixels, 6.0 s, 150 frames").wait_for()
    exact(page)
    first = shown(page)

    page.get_by_role("button", name="Over time").click()
    press(page, "Add a point")
    point = page.get_by_role("slider", name="Point 2 of 3")
    for key in ("PageUp", "ArrowUp", "ArrowRight"):
        point.press(key)
    assert point.get_attribute("aria-valuetext") == "noise factor 0.80 at 3.10 seconds"
    page.locator('.stage:not([data-shown="exact"])').wait_for()
    exact(page)
    assert shown(page) != first  # the frame of that time
    page.get_by_role("slider", name="Point 3 of 3").press("Delete")
    page.get_by_role("slider", name="Noise factor").fill("1.5")
    assert page.get_by_role("spinbutton", name="Factor").input_value() == "1.5"
    assert accessibility_problems(page, axe) == []

    press(page, "Paint the video")
    wait_for(lambda: "a second" in card.inner_text(), "it tells how fast it is")
    card.get_by_role("button", name="Stop").click()
    card.get_by_text("stopped", exact=True).wait_for()
    card.get_by_role("button", name="Go on").click()
    card.get_by_text("150 frames are painted.").wait_for()
    assert_played(page)
    assert accessibility_problems(page, axe) == []
    with page.expect_download() as saving:
        page.get_by_role("link", name=f"Save {clip.stem}_waves.mp4").click()
    saving.value.save_as(tmp_path / "saved.mp4")
    assert times_of(tmp_path / "saved.mp4") == times_of(clip)
    assert (frames_of(tmp_path / "saved.mp4")[0].width, saving.value.suggested_filename) == (320, f"{clip.stem}_waves.mp4")

    card.get_by_role("link", name="Details").click()
    page.get_by_role("region", name="The painted video", exact=True).wait_for()
    assert "--noise_factor 0:0 3.1:1.5" in studio.get("/api/jobs")[0]["command"]


def assert_played(page: Any) -> None:
    """Sought in, and played in step with the original."""
    page.get_by_role("region", name="The painted video", exact=True).wait_for()
    if not page.evaluate(PLAYS_H264):
        page.get_by_text("This browser does not play it.").wait_for()
        return
    wait_for(lambda: all(ready >= 2 for _, _, ready in page.evaluate(PLAYING)), "both can be played")
    painted = page.get_by_label("The painted video", exact=True).and_(page.locator("video"))
    painted.evaluate("video => { video.currentTime = 4; }")
    wait_for(lambda: all(abs(at - 4) < 0.2 for at, _, _ in page.evaluate(PLAYING)), "both are there")
    page.get_by_text("4.0 s, noise factor 1.50").wait_for()
    painted.evaluate("video => video.play()")
    wait_for(lambda: all(at > 4.2 for at, _, _ in page.evaluate(PLAYING)), "both are played")
    painted.evaluate("video => video.pause()")
    wait_for(lambda: all(paused for _, paused, _ in page.evaluate(PLAYING)), "both are paused")


def test_a_file_that_is_no_video_is_refused_in_words(page: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video at all")
    (tmp_path / "large.mp4").write_bytes(bytes(2**21 + 1))
    page.locator('.shelf ~ input[type="file"]').set_input_files([tmp_path / "broken.mp4", tmp_path / "large.mp4"])
    page.locator(".toast", has_text="broken.mp4: cannot be read as a video").wait_for()
    page.locator(".toast", has_text="large.mp4 is larger than 2 MB, see --max_video.").wait_for()
    page.evaluate("() => new Promise((resolve) => { setTimeout(resolve, 100); })")
    assert page.locator(".shelf img").count() == 0


def test_the_camera_is_painted_and_a_picture_taken(page: Any, studio: StudioServer, axe: str) -> None:
    press(page, "Camera")
    page.locator('.stage[data-shown="live"]').wait_for()
    before = shown(page)
    wait_for(lambda: shown(page) != before, "it moves")
    page.get_by_text("pictures a second").wait_for()
    page.keyboard.press("2")  # a style, not a page
    page.locator('.networks button:nth-child(2)[aria-pressed="true"]').wait_for()
    assert "#/paint" in page.url
    assert accessibility_problems(page, axe) == []
    page.keyboard.press("p")
    exact(page)
    assert page.get_by_role("button", name="Download").is_visible()
    assert page.locator('.shelf [aria-label^="camera-"]').count() == 1
    page.keyboard.press("2")  # a page again
    page.get_by_role("heading", name="Runs", exact=True).wait_for()
    page.locator("video").first.wait_for(state="detached")
