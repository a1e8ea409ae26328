"""A stylizer for the frames of a video, whose strokes stay on what they paint.

Four things make a network flicker, see docs/video.md: its grid of strides, its noise, its norms' statistics, and the camera's
noise. Here grid and noise move with the camera, by fractions of a pixel, too, and the statistics are those of the scene's first
frame; where a scene passes into another without a cut, they do so, too. The scenery takes the camera's noise and changes of the
exposure out of the frames; the exposure is put back after the network.
"""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor
from torch.nn import functional as F

from texnet.devices import autocast, check_memory
from texnet.generators.conditioning import fix_statistics
from texnet.generators.noise import draw_noise
from texnet.stylize.stylizer import Stylizer, as_noise_factor
from texnet.video.camera import MOST_GAIN, View
from texnet.video.motion import move
from texnet.video.scenery import Scene, Scenery

SPACING = 0.125  # of the noise factors at which statistics are measured, where the factor changes
MARGIN = 64  # pixels of noise around a frame, drawn ahead

Statistics = list[tuple[Tensor, Tensor]]  # variance and mean, (C,) each, of every norm


class SteadyStylizer:
    """A stylizer of the frames of one video, used like the :class:`Stylizer` that it is put around.

    :meth:`look` at each frame before it is painted, in order; or let several have one ``scenery``, which then looks for all.
    ``is_constant``: the noise factors stay what they are for the whole video, and statistics are measured at each; otherwise
    they are interpolated between a few.
    """

    def __init__(self, stylizer: Stylizer, *, is_constant: bool = True, scenery: Scenery | None = None) -> None:
        self.stylizer = stylizer
        self.is_constant = is_constant
        self.generator = copy.deepcopy(stylizer.generator)  # its norms keep statistics
        self.scenery = scenery or Scenery(stylizer.device)
        self._noise = _Noise(self.generator.noise_channels, stylizer.device)
        self._measured: dict[Scene, dict[tuple[float, int], Statistics]] = {}  # by noise factor and seed

    def look(self, frame: Tensor, view: View) -> None:
        """Take a frame, (1, 3, H, W) in [0, 1], and what the camera does at it."""
        self.scenery.look(frame, view)

    @torch.no_grad()
    def __call__(self, image: Tensor, noise_factor: float = 1.0, seed: int = 0) -> Tensor:
        """Stylize the frame that was looked at last, which is ``image``, (1, 3, H, W) in [0, 1]; as :meth:`Stylizer.__call__`.

        ValueError where no frame was looked at, or one of another size.
        """
        noise_factor = as_noise_factor(noise_factor)
        self.stylizer.check_noise_factor(noise_factor)
        frame, gain = self.scenery.frame, self.scenery.gain
        if image.shape != frame.shape:
            raise ValueError("look at a frame before it is painted")
        if noise_factor == 0:
            return image.clone().cpu()
        check_memory(image.shape[2:], self.stylizer.bytes_per_pixel, self.stylizer.device, "--max_size")
        self._set_statistics(self._statistics(noise_factor, seed))
        output = self._paint(frame, self.scenery.view, noise_factor, seed)
        return (output if gain == 1 else (output * min(gain, MOST_GAIN)).clamp(0, 1)).cpu()

    def _paint(self, image: Tensor, view: View, noise_factor: float, seed: int) -> Tensor:
        """A frame in its place in the scenery, painted with the norms' present statistics, (1, 3, H, W)."""
        height, width = image.shape[2:]
        top, left = (side % self.generator.stride for side in view.place)
        padded = _pad(image, top, left)
        noise = self._noise.at(seed, (view.place[0] - top, view.place[1] - left), (height + top, width + left))
        factor = self.stylizer.calibration.uncalibrated(noise_factor)
        with autocast(self.stylizer.precision, self.stylizer.device):
            output: Tensor = self.generator(noise, padded, image.new_full((1,), factor), blend=factor < 1)
        return move(output[..., top:, left:], -view.rest[0], -view.rest[1])

    def _statistics(self, noise_factor: float, seed: int) -> Statistics:
        scene, before = self.scenery.scene, self.scenery.scene_before
        assert scene is not None
        self._measured = {known: of_it for known, of_it in self._measured.items() if known in (scene, before)}
        found = self._of_scene(scene, noise_factor, seed)
        if before is None:
            return found
        return _between(self._of_scene(before, noise_factor, seed), found, self.scenery.share)

    def _of_scene(self, scene: Scene, noise_factor: float, seed: int) -> Statistics:
        """The statistics of a scene's first frame at a noise factor."""
        low = SPACING * math.floor(noise_factor / SPACING)
        if self.is_constant or noise_factor == low:
            return self._measure(scene, noise_factor, seed)
        high = min(low + SPACING, self.stylizer.max_noise_factor)
        low = max(low, SPACING / 2)  # at 0 nothing is painted
        if not low < noise_factor < high:
            return self._measure(scene, low if noise_factor <= low else high, seed)
        share = (noise_factor - low) / (high - low)
        return _between(self._measure(scene, low, seed), self._measure(scene, high, seed), share)

    def _measure(self, scene: Scene, noise_factor: float, seed: int) -> Statistics:
        measured = self._measured.setdefault(scene, {})
        if (noise_factor, seed) not in measured:
            moved = move(scene.frame, *scene.view.rest)
            fix_statistics(self.generator, lambda: self._paint(moved, scene.view, noise_factor, seed))
            norms = self.generator.norms
            measured[noise_factor, seed] = [norm.statistics for norm in norms if norm.statistics is not None]
        return measured[noise_factor, seed]

    def _set_statistics(self, statistics: Statistics) -> None:
        for norm, values in zip(self.generator.norms, statistics, strict=True):
            norm.statistics = values


class _Noise:
    """The noise of the scenery, drawn once for a frame and what is around it."""

    def __init__(self, channels: int, device: torch.device) -> None:
        self.channels, self.device = channels, device
        self.field = torch.zeros(1, channels, 0, 0)
        self.origin, self.seed = (0, 0), 0

    def at(self, seed: int, origin: tuple[int, int], size: tuple[int, int]) -> Tensor:
        """Noise (1, channels, H, W), as of :func:`texnet.generators.noise.draw_noise`."""
        (top, left), (height, width) = origin, size
        down, right = top - self.origin[0], left - self.origin[1]
        rows, columns = self.field.shape[2:]
        if seed != self.seed or min(down, right) < 0 or down + height > rows or right + width > columns:
            self.seed, self.origin = seed, (top - MARGIN, left - MARGIN)
            shape = (1, self.channels, height + 2 * MARGIN, width + 2 * MARGIN)
            self.field = draw_noise(seed, shape, self.device, self.origin)
            down = right = MARGIN
        return self.field[..., down : down + height, right : right + width]


def _between(a: Statistics, b: Statistics, share: float) -> Statistics:
    return [
        (torch.lerp(variance, variance_b, share), torch.lerp(mean, mean_b, share))
        for (variance, mean), (variance_b, mean_b) in zip(a, b, strict=True)
    ]


def _pad(image: Tensor, top: int, left: int) -> Tensor:
    if top == left == 0:
        return image
    mode = "reflect" if image.shape[2] > top and image.shape[3] > left else "replicate"
    return F.pad(image, (left, 0, top, 0), mode=mode)
