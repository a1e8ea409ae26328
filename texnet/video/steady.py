"""A stylizer for the frames of a video, whose strokes stay on what they paint.

Four things make a network flicker, see docs/video.md: its grid of strides, its noise, its norms' statistics, and the camera's
noise. Here grid and noise move with the camera, by fractions of a pixel, too; the statistics are those of the scene's first
frame; the camera's noise is averaged out; and a change of the exposure is taken out before the network and put back after it.
Where a scene passes into another without a cut, the statistics do so, too.
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
from texnet.video.denoise import NoiseFilter
from texnet.video.motion import move

SPACING = 0.125  # of the noise factors at which statistics are measured, where the factor changes
GLIDE = 24  # frames in which statistics pass into those of another scene
MARGIN = 64  # pixels of noise around a frame, drawn ahead

Statistics = list[tuple[Tensor, Tensor]]  # variance and mean, (C,) each, of every norm


class SteadyStylizer:
    """A stylizer of the frames of one video, used like the :class:`Stylizer` that it is put around.

    :meth:`look` at each frame before it is painted, in order. ``is_constant``: the noise factors stay what they are for the
    whole video, and statistics are measured at each; otherwise they are interpolated between a few.
    """

    def __init__(self, stylizer: Stylizer, *, is_constant: bool = True) -> None:
        self.stylizer = stylizer
        self.is_constant = is_constant
        self.generator = copy.deepcopy(stylizer.generator)  # its norms keep statistics
        self._noise = _Noise(self.generator.noise_channels, stylizer.device)
        self._view = View(scene=-1)
        self._scene: _Scene | None = None
        self._scene_before: _Scene | None = None
        self._age = 0  # frames since the scene began
        self._gain = self._gain_before = 1.0  # at this frame, and that of the scene before at its last one
        self._filter = NoiseFilter()
        self._frame = torch.zeros(())  # as it is painted: in its place, exposed as the scene's first one, less noisy

    def look(self, frame: Tensor, view: View) -> None:
        """Take a frame, (1, 3, H, W) in [0, 1], and what the camera does at it."""
        if self._scene is None or view.scene != self._view.scene:
            self._scene_before = None if view.is_cut else self._scene
            self._gain_before = 1.0 if view.is_cut else self._gain
            self._scene, self._age = _Scene(frame.to(self.stylizer.device), view), 0
            self._filter = NoiseFilter()
        else:
            self._age += 1
        if self._age >= GLIDE:
            self._scene_before, self._gain_before = None, 1.0
        self._gain = view.gain * self._gain_before ** (1 - self._share)
        self._view = view
        frame = frame.to(self.stylizer.device)
        exposed = frame if self._gain == 1 else (frame / self._gain).clamp(0, 1)
        self._frame = self._filter(move(exposed, *view.rest), view.place)

    @torch.no_grad()
    def __call__(self, image: Tensor, noise_factor: float = 1.0, seed: int = 0) -> Tensor:
        """Stylize the frame that was looked at last, (1, 3, H, W) in [0, 1]: otherwise as :meth:`Stylizer.__call__`.

        ValueError where no frame was looked at.
        """
        noise_factor = as_noise_factor(noise_factor)
        self.stylizer.check_noise_factor(noise_factor)
        if self._scene is None:
            raise ValueError("look at a frame before it is painted")
        if noise_factor == 0:
            return image.clone().cpu()
        check_memory(image.shape[2:], self.stylizer.bytes_per_pixel, self.stylizer.device, "--max_size")
        self._set_statistics(self._statistics(noise_factor, seed))
        output = self._paint(self._frame, self._view, noise_factor, seed)
        return (output if self._gain == 1 else (output * min(self._gain, MOST_GAIN)).clamp(0, 1)).cpu()

    @property
    def _share(self) -> float:
        """How much of the scene before is gone, 0 to 1, smooth at both ends."""
        t = 1.0 if self._scene_before is None else (self._age + 1) / (GLIDE + 1)
        return t * t * (3 - 2 * t)

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
        assert self._scene is not None
        found = self._of_scene(self._scene, noise_factor, seed)
        if self._scene_before is None:
            return found
        return _between(self._of_scene(self._scene_before, noise_factor, seed), found, self._share)

    def _of_scene(self, scene: _Scene, noise_factor: float, seed: int) -> Statistics:
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

    def _measure(self, scene: _Scene, noise_factor: float, seed: int) -> Statistics:
        if (noise_factor, seed) not in scene.measured:
            moved = move(scene.frame, *scene.view.rest)
            fix_statistics(self.generator, lambda: self._paint(moved, scene.view, noise_factor, seed))
            norms = self.generator.norms
            scene.measured[noise_factor, seed] = [norm.statistics for norm in norms if norm.statistics is not None]
        return scene.measured[noise_factor, seed]

    def _set_statistics(self, statistics: Statistics) -> None:
        for norm, values in zip(self.generator.norms, statistics, strict=True):
            norm.statistics = values


class _Scene:
    """The frame by which a scene's statistics are measured, and those that were, by noise factor and seed."""

    def __init__(self, frame: Tensor, view: View) -> None:
        self.frame = frame
        self.view = view
        self.measured: dict[tuple[float, int], Statistics] = {}


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
