"""The page's own JavaScript, run by node: the same numbers as texnet's Python, tiles, levels, the test of an engine."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
import torch

from tests.export.conftest import CALIBRATION
from tests.helpers import REPOSITORY
from texnet.config import to_dict
from texnet.generators.calibration import Calibration
from texnet.generators.noise import draw_noise, plane_key

WEB = REPOSITORY / "texnet" / "web"


def run_node(module: str, expression: str) -> Any:
    """The value of an expression in JavaScript, in which ``m`` is one of the page's modules, by way of JSON."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here")
    program = f"import * as m from {json.dumps((WEB / module).as_uri())};\nconsole.log(JSON.stringify({expression}));"
    done = subprocess.run([node, "--input-type=module", "-e", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("seed", [0, 7, 2**40 + 3, 2**63 - 1])
def test_the_integers_of_noise_are_those_of_python(seed: int) -> None:
    words = [seed & 0xFFFFFFFF, seed >> 32, 0, 2]
    found = run_node("noise.js", f"(() => {{ const w = new Int32Array(4); m.pcg4d(...{words}, w); return [...w]; }})()")
    assert found == plane_key(seed, 0, 2).tolist()


@pytest.mark.parametrize("seed", [0, 7, 2**40 + 3, 2**63 - 1])
@pytest.mark.parametrize("origin", [(0, 0), (5, 7), (-3, -9)])
def test_noise_is_that_of_python_at_any_seed_and_place(seed: int, origin: tuple[int, int]) -> None:
    top, left = origin
    found = run_node("noise.js", f"[...m.drawNoise({seed}n, 3, 13, 17, {top}, {left})]")
    expected = draw_noise(seed, (1, 3, 13, 17), origin=origin)
    torch.testing.assert_close(torch.tensor(found).view_as(expected), expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("calibration", [Calibration(), CALIBRATION])
def test_the_calibration_is_that_of_python(calibration: Calibration) -> None:
    factors = [0.0, 0.1, 0.39, 0.4, 0.77, 1.0, 1.5, 2.0]
    found = run_node("calibration.js", f"{factors}.map((f) => m.uncalibrated({json.dumps(to_dict(calibration))}, f))")
    assert found == pytest.approx([calibration.uncalibrated(factor) for factor in factors], abs=1e-12)


@pytest.mark.parametrize(
    ("width", "height", "stride", "halo"), [(2000, 1500, 4, 52), (641, 639, 4, 60), (1283, 97, 32, 128), (30, 20, 4, 52)]
)
def test_tiles_cover_every_pixel_once_and_see_as_far_as_the_network(width: int, height: int, stride: int, halo: int) -> None:
    tiles = run_node("tiles.js", f"m.planTiles({width}, {height}, {{ stride: {stride}, halo: {halo} }})")
    covered = torch.zeros(height, width, dtype=torch.int)
    for tile in tiles:
        outer = tile["outer"]
        covered[tile["y"] : tile["y"] + tile["height"], tile["x"] : tile["x"] + tile["width"]] += 1
        assert (tile["x"] % stride, tile["y"] % stride, outer["x"] % stride, outer["y"] % stride) == (0, 0, 0, 0)
        for place, extent, full in (("x", "width", width), ("y", "height", height)):
            assert outer[extent] <= 640
            assert outer[place] == max(0, tile[place] - halo)
            assert outer[place] + outer[extent] == min(full, tile[place] + tile[extent] + halo)
    assert (covered == 1).all()


def test_a_reduced_size_keeps_proportions_and_its_limit() -> None:
    assert run_node("tiles.js", "m.sizeWithin(4000, 3000, 1e6)") == {"width": 1154, "height": 866}
    assert run_node("tiles.js", "m.sizeWithin(400, 300, 1e6)") == {"width": 400, "height": 300}
    assert run_node("tiles.js", "m.sizeAt(979, 734, 640)") == {"width": 640, "height": 480}


def test_between_painted_strengths_the_two_nearest_are_cross_faded() -> None:
    made = "const l = new m.Levels('photo', 2); l.add(1, 'one'); l.add(2, 'two');"
    shown = run_node("levels.js", f"(() => {{ {made} return [0, 0.25, 1.5, 2].map((f) => l.at(f)); }})()")
    assert shown[0] == {"under": "photo", "over": "photo", "share": 1, "exact": True}
    assert shown[1] == {"under": "photo", "over": "one", "share": 0.25, "exact": False}
    assert shown[2] == {"under": "one", "over": "two", "share": 0.5, "exact": False}
    assert shown[3] == {"under": "two", "over": "two", "share": 1, "exact": True}


def test_strengths_ahead_are_painted_from_the_nearest_on() -> None:
    steps = "let f; const l = new m.Levels('photo', 1.6); const o = []; while ((f = l.missing(1.1)) !== null)"
    order = run_node("levels.js", f"(() => {{ {steps} {{ o.push(f); l.add(f, f); }} return o; }})()")
    assert order[:2] == [1, 1.25]
    assert sorted(order) == [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.6]
    assert run_node("levels.js", "new m.Levels('photo', 2, 0.8).missing(0)") == 0.8


def test_few_strengths_between_are_kept_and_all_that_are_ahead() -> None:
    made = "const l = new m.Levels('photo', 2); for (let i = 1; i <= 8; i++) l.add(i / 4, i);"
    many = "for (let i = 1; i < 200; i++) l.add(i / 100 + 0.001, i);"
    kept, missing = run_node("levels.js", f"(() => {{ {made} {many} return [l.painted.size, l.missing(1)]; }})()")
    assert (kept, missing) == (32, None)


@pytest.mark.parametrize(("wrong", "found"), [(0, 0), (1, 1), (70, 70)])
def test_the_test_of_an_engine_finds_a_wrong_pixel(wrong: int, found: int) -> None:
    engines = f"""(async () => {{
        globalThis.ImageData = class {{ constructor(data, width) {{ this.data = data; this.width = width; }} }};
        const engine = (wrong) => ({{ paint: async (style, image, factor) => {{
            const pixels = image.data.slice();
            if (factor > 1) pixels[4001] = 100 + wrong;
            return {{ pixels }};
        }} }});
        return m.largestDifference(engine(0), engine({wrong}), {{ max_noise_factor: 2, fixed_noise_factor: 0 }});
    }})()"""
    assert run_node("engine.js", f"await {engines}") == found


@pytest.mark.parametrize(
    ("adapter", "wrong", "milliseconds", "options", "kind", "reason"),
    [
        ("null", 0, 1, "{}", "wasm", "no WebGPU here"),
        ("{ info: { isFallbackAdapter: true } }", 0, 1, "{}", "wasm", "WebGPU is only emulated here"),
        ("{ info: { isFallbackAdapter: true } }", 0, 90, "{ any: true }", "webgpu", "WebGPU, equal to wasm, 0.1 times as fast"),
        ("{ info: {} }", 0, 90, "{}", "wasm", "WebGPU is slower here"),
        ("{ info: {} }", 2, 1, "{}", "wasm", "WebGPU differs by 2/255 here"),
        ("{ info: {} }", 1, 2, "{}", "webgpu", "WebGPU, equal to wasm, 5.0 times as fast"),
        ("{ info: {} }", "null.x", 2, "{}", "wasm", "WebGPU failed: Cannot read properties of null (reading 'x')"),
    ],
)
def test_webgpu_is_taken_where_it_is_equal_and_faster(
    adapter: str, wrong: int | str, milliseconds: int, options: str, kind: str, reason: str
) -> None:
    chosen = f"""(async () => {{
        globalThis.ImageData = class {{ constructor(data, width) {{ this.data = data; this.width = width; }} }};
        Object.defineProperty(globalThis, "navigator", {{ value: {{ gpu: {{ requestAdapter: async () => ({adapter}) }} }} }});
        const engine = (kind, milliseconds, wrong) => ({{ kind, paint: async (style, image) => {{
            const pixels = image.data.slice();
            pixels[40] = 100 + wrong();
            return {{ pixels, milliseconds }};
        }} }});
        const start = () => engine("webgpu", {milliseconds}, () => {wrong});
        const style = {{ max_noise_factor: 2, fixed_noise_factor: 0 }};
        const found = await m.chooseEngine(engine("wasm", 10, () => 0), style, {{ start, ...{options} }});
        return [found.engine.kind, found.reason];
    }})()"""
    assert run_node("engine.js", f"await {chosen}") == [kind, reason]


def test_a_saved_file_says_what_it_is() -> None:
    style = "{ style: { name: 'mosaic' }, factor: %s, seed: '%s' }"
    assert run_node("save.js", f"m.fileName('dog', {style % (1, 0)}, 'png')") == "dog_mosaic.png"
    assert run_node("save.js", f"m.fileName('dog', {style % (0.7, 12)}, 'png')") == "dog_mosaic_0.7_seed-12.png"


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        ("NotAllowedError", "the camera was not allowed"),
        ("NotFoundError", "no camera was found"),
        ("NotReadableError", "another program uses the camera"),
        ("AbortError", "the camera could not be started: why"),
    ],
)
@pytest.mark.parametrize("refused_by", ["getUserMedia", "play"])
def test_a_camera_that_cannot_be_had_is_explained_and_let_go(refused_by: str, refusal: str, message: str) -> None:
    browser = f"""(async () => {{
      const refuse = async () => {{ throw new DOMException("why", "{refusal}"); }};
      let stopped = 0;
      const stream = {{ getTracks: () => [{{ stop: () => stopped++ }}] }};
      const asked = {{ getUserMedia: async () => stream, play: async () => null, ["{refused_by}"]: refuse }};
      globalThis.document = {{ createElement: () => asked }};
      Object.defineProperty(globalThis, "navigator", {{ value: {{ mediaDevices: asked }}, configurable: true }});
      const paused = [];
      const camera = new m.Camera({{}}, {{ pause: (on) => paused.push(on) }}, () => null);
      const said = await camera.start().then(() => "", (error) => error.message);
      return [said, camera.running, stopped, paused];
    }})()"""
    found = run_node("camera.js", f"await {browser}")
    assert found == [message, False, int(refused_by == "play"), [False]]
