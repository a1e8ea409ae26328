"""Seeded noise, anchored in the picture."""

from __future__ import annotations

import json
import math
import shutil
import subprocess

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from texnet.generators.noise import box_muller, draw_noise, noise_at, pcg4d, plane_key

places = st.integers(-70, 70)
sides = st.integers(1, 60)
LARGE_SEED = 0x6123456789ABCDEF  # 63 bits
GOLDEN_WORDS = [[908250390, 251852841], [4044648920, 760645481], [3775961919, 850445371], [45698095, 3542436074]]
GOLDEN_NOISE = [1.1696298, 0.0346913, -0.0127464, -0.5245056, 0.0228219, -0.4214973, 2.8785362, -1.8855551]


def test_the_same_seed_draws_the_same_noise_whatever_was_drawn_before() -> None:
    first = draw_noise(7, (1, 3, 8, 9))
    torch.rand(10)
    assert torch.equal(draw_noise(7, (1, 3, 8, 9)), first)


def test_another_seed_draws_other_noise() -> None:
    assert not torch.equal(draw_noise(7, (1, 3, 8, 9)), draw_noise(8, (1, 3, 8, 9)))


@settings(deadline=None, max_examples=25)
@given(top=places, left=places, height=sides, width=sides, down=st.integers(0, 90), right=st.integers(0, 90))
def test_a_crop_gets_the_crop_of_the_noise(top: int, left: int, height: int, width: int, down: int, right: int) -> None:
    whole = draw_noise(3, (1, 2, height + down, width + right), origin=(top, left))
    crop = draw_noise(3, (1, 2, height, width), origin=(top + down, left + right))
    assert torch.equal(crop, whole[..., down:, right:])


def test_pictures_of_any_size_share_their_corner() -> None:
    small, large = draw_noise(0, (1, 3, 40, 60)), draw_noise(0, (1, 3, 158, 257))
    assert torch.equal(large[..., :40, :60], small)


def test_a_channel_does_not_depend_on_how_many_there_are() -> None:
    assert torch.equal(draw_noise(0, (1, 4, 20, 20))[:, :2], draw_noise(0, (1, 2, 20, 20)))


def test_without_channels_there_is_nothing_to_draw() -> None:
    assert draw_noise(0, (2, 0, 20, 24)).shape == (2, 0, 20, 24)


@pytest.mark.parametrize("shape", [(2, 1, 8, 8), (1, 2, 8, 8)])
def test_pictures_and_channels_get_noise_of_their_own(shape: tuple[int, ...]) -> None:
    first, second = draw_noise(0, shape).flatten(0, 1)
    assert not torch.equal(first, second)


def test_drawing_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    draw_noise(7, (1, 3, 8, 9))
    assert torch.equal(torch.get_rng_state(), before)


def test_it_is_standard_normal() -> None:
    noise = draw_noise(0, (1, 3, 200, 200))
    assert abs(noise.mean().item()) < 0.02
    assert abs(noise.std().item() - 1) < 0.02
    assert abs(noise.pow(4).mean().item() - 3) < 0.15


def plane(seed: int, top: int, left: int, height: int, width: int) -> Tensor:
    return noise_at(seed, 3, torch.arange(top, top + height), torch.arange(left, left + width))


def test_the_noise_of_the_plane_at_a_place_does_not_depend_on_what_else_is_asked_for() -> None:
    whole = plane(5, -20, -30, 60, 70)
    assert whole.shape == (1, 3, 60, 70)
    assert torch.equal(plane(5, 3, -7, 8, 9), whole[..., 23:31, 23:32])


def test_the_noise_of_the_plane_is_standard_normal_and_white() -> None:
    noise = plane(0, 10**6, -(10**6), 400, 400)
    assert abs(noise.mean().item()) < 0.01
    assert abs(noise.std().item() - 1) < 0.01
    assert noise.abs().max() < 7
    assert (noise.abs() < 0.6745).float().mean().item() == pytest.approx(0.5, abs=0.01)
    for shifted in (noise.roll(1, 3), noise.roll(1, 2), noise.roll((1, 1), (2, 3)), noise.roll(32, 3), noise.roll(1, 1)):
        assert abs((noise * shifted).mean().item()) < 0.01


def test_another_seed_is_another_plane() -> None:
    assert abs((plane(1, 0, 0, 200, 200) * plane(2, 0, 0, 200, 200)).mean().item()) < 0.02


def test_every_bit_of_a_large_seed_counts() -> None:
    pictures = [draw_noise(LARGE_SEED ^ (1 << bit), (1, 1, 8, 8)).flatten() for bit in range(63)]
    correlations = torch.corrcoef(torch.stack([*pictures, draw_noise(LARGE_SEED, (1, 1, 8, 8)).flatten()]))
    assert (correlations - torch.eye(64)).abs().max() < 0.7


def test_rows_and_columns_may_come_in_any_order() -> None:
    rows, columns = torch.tensor([7, -3, 7, 0]), torch.tensor([5, 5, -9])
    whole = draw_noise(1, (1, 2, 12, 16), origin=(-4, -10))
    assert torch.equal(noise_at(1, 2, rows, columns), whole[:, :, rows + 4][..., columns + 10])


def numpy_words(x: np.ndarray, y: np.ndarray, z: np.ndarray, w: np.ndarray) -> list[np.ndarray]:
    """pcg4d on uint32 arrays, as Jarzynski & Olano 2020 write it."""
    with np.errstate(over="ignore"):
        x, y, z, w = (v * np.uint32(1664525) + np.uint32(1013904223) for v in (x, y, z, w))
        for last in (False, True):
            x = x + y * w
            y = y + z * x
            z = z + x * y
            w = w + y * z
            if not last:
                x, y, z, w = (v ^ (v >> np.uint32(16)) for v in (x, y, z, w))
    return [x, y, z, w]


def numpy_block(seed: int, picture: int, channel: int, y: int, x: int) -> tuple[list[int], list[float]]:
    """Words and normals of the four pixels of the block that (y, x) is in."""
    words = [np.array([n & 0xFFFFFFFF], np.uint32) for n in (seed, seed >> 32, picture, channel)]
    key = numpy_words(*words)
    column, row = (np.array([n & 0xFFFFFFFF], np.uint32) for n in (x, y >> 2))
    words = numpy_words(column + key[0], row + key[1], key[2], key[3])
    normals: list[float] = []
    for a, b in (words[:2], words[2:]):
        first, second = (int(word.view(np.int32)[0]) >> 8 for word in (a, b))
        radius = math.sqrt(-2 * math.log((first + 2**23 + 1) / 2**24))
        angle = float(np.float32(second) * np.float32(math.pi / 2**23))
        normals += [radius * math.cos(angle), radius * math.sin(angle)]
    return [int(word[0]) for word in words], normals


JAVASCRIPT = """
function pcg4d([x, y, z, w]) {
  [x, y, z, w] = [x, y, z, w].map((v) => (Math.imul(v, 1664525) + 1013904223) | 0);
  for (const last of [false, true]) {
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
    w = (w + Math.imul(y, z)) | 0;
    if (!last) [x, y, z, w] = [x, y, z, w].map((v) => v ^ (v >>> 16));
  }
  return [x, y, z, w];
}
function boxMuller(a, b) {
  const radius = Math.sqrt(-2 * Math.log(((a >> 8) + 2 ** 23 + 1) / 2 ** 24));
  const angle = Math.fround((b >> 8) * Math.fround(Math.PI / 2 ** 23));
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
function block(low, high, picture, channel, y, x) {
  const key = pcg4d([low | 0, high | 0, picture, channel]);
  const words = pcg4d([(x + key[0]) | 0, ((y >> 2) + key[1]) | 0, key[2], key[3]]);
  return [words.map((v) => v >>> 0), [...boxMuller(words[0], words[1]), ...boxMuller(words[2], words[3])]];
}
const blocks = JSON.parse(require("fs").readFileSync(0)).map((arguments_) => block(...arguments_));
process.stdout.write(JSON.stringify(blocks));
"""


def torch_block(seed: int, picture: int, channel: int, y: int, x: int) -> tuple[list[int], list[float]]:
    key = plane_key(seed, picture, channel)
    words = pcg4d(*(torch.tensor([x, y >> 2, 0, 0], dtype=torch.int32) + key))
    noise = noise_at(seed, channel + 1, torch.arange(y // 4 * 4, y // 4 * 4 + 4), torch.tensor([x]), picture)
    return [int(word) & 0xFFFFFFFF for word in words], noise[0, channel, :, 0].tolist()


SEEDS, PLACES = (0, 1, 2**32, LARGE_SEED), (-(10**6), -5, 0, 3, 123_457)
BLOCKS = [(seed, n, n + 1, y, x) for seed in SEEDS for n in (0, 2) for y in PLACES for x in PLACES]


def assert_same_blocks(found: list[tuple[list[int], list[float]]]) -> None:
    """Blocks are those that torch gives: equal integers, and normals that differ by 1e-6 at most."""
    expected = [torch_block(*block) for block in BLOCKS]
    assert [words for words, _ in found] == [words for words, _ in expected]
    normals, wanted = ([x for _, normals in blocks for x in normals] for blocks in (found, expected))
    assert max(abs(a - b) for a, b in zip(normals, wanted, strict=True)) < 1e-6


def test_numpy_gives_the_same_noise() -> None:
    assert_same_blocks([numpy_block(*block) for block in BLOCKS])


@pytest.mark.skipif(shutil.which("node") is None, reason="no node to run JavaScript")
def test_javascript_gives_the_same_noise() -> None:
    blocks = [[seed & 0xFFFFFFFF, seed >> 32, *others] for seed, *others in BLOCKS]
    command = ["node", "-e", JAVASCRIPT]
    done = subprocess.run(command, input=json.dumps(blocks), capture_output=True, text=True, timeout=60, check=True)
    assert_same_blocks([(words, normals) for words, normals in json.loads(done.stdout)])


def test_the_normals_of_every_word_are_within_a_millionth_of_the_exact_ones() -> None:
    extremes = torch.tensor([0, 255, 256, 2**31 - 1, -(2**31), -(2**31) + 256, -1, -256, 2**30, -(2**30)], dtype=torch.int32)
    steps = torch.arange(-(2**31), 2**31, 2_147_483, dtype=torch.int64).to(torch.int32)
    first, second = torch.cartesian_prod(torch.cat([extremes, steps[::50]]), torch.cat([extremes, steps[::2]])).unbind(1)
    radius = (-2 * (((first >> 8) + 2**23 + 1).double() / 2**24).log()).sqrt()
    angle = ((second >> 8).float() * (math.pi / 2**23)).double()
    normals = torch.empty(len(first), 2, 1)
    box_muller(first[:, None], second[:, None], out=normals)
    expected = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
    assert (normals[..., 0].double() - expected).abs().max() < 1e-6


def test_the_hash_is_that_of_the_paper_and_stays_so() -> None:
    words = pcg4d(*torch.tensor([[1, 0], [2, 0], [3, 0], [4, 0]], dtype=torch.int32))
    assert [[int(n) & 0xFFFFFFFF for n in word] for word in words] == GOLDEN_WORDS


def test_the_noise_stays_the_same_across_versions_and_machines() -> None:
    noise = draw_noise(LARGE_SEED, (1, 2, 2, 2), origin=(-1, 5))
    torch.testing.assert_close(noise.flatten(), torch.tensor(GOLDEN_NOISE), rtol=0, atol=1e-6)
