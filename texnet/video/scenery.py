"""The frames of a video as they are painted, whatever network paints them.

A frame lies at its place in the scenery, to fractions of a pixel, exposed as its scene's first one, without the camera's noise.
Scenes pass into each other by and by, or at a cut at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from texnet.video.camera import View
from texnet.video.denoise import NoiseFilter
from texnet.video.motion import move

GLIDE = 24  # frames in which a scene passes into another


@dataclass(frozen=True, eq=False)
class Scene:
    """A scene's first frame, (1, 3, H, W) in [0, 1], and what the camera did at it."""

    frame: Tensor
    view: View


class Scenery:
    """Takes the frames of one video in order; several stylizers may paint what it holds.

    ``frame`` is the last one as it is painted, (1, 3, H, W) in [0, 1] on the device; ``gain`` is by how much the painting is to
    be brightened; ``scene`` is the present one, None before the first frame, and ``scene_before`` that which still passes into
    it.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.view = View(scene=-1)
        self.scene: Scene | None = None
        self.scene_before: Scene | None = None
        self.gain = 1.0
        self.frame = torch.zeros(())
        self._age = 0  # frames since the scene began
        self._gain_before = 1.0  # of the scene before at its last frame
        self._filter = NoiseFilter()

    def look(self, frame: Tensor, view: View) -> None:
        """Take a frame, (1, 3, H, W) in [0, 1], and what the camera does at it."""
        frame = frame.to(self.device)
        if self.scene is None or view.scene != self.view.scene:
            self.scene_before = None if view.is_cut else self.scene
            self._gain_before = 1.0 if view.is_cut else self.gain
            self.scene, self._age = Scene(frame, view), 0
            self._filter = NoiseFilter()
        else:
            self._age += 1
        if self._age >= GLIDE:
            self.scene_before, self._gain_before = None, 1.0
        self.gain = view.gain * self._gain_before ** (1 - self.share)
        self.view = view
        exposed = frame if self.gain == 1 else (frame / self.gain).clamp(0, 1)
        self.frame = self._filter(move(exposed, *view.rest), view.place)

    @property
    def share(self) -> float:
        """How much of the scene before is gone, 0 to 1, smooth at both ends."""
        t = 1.0 if self.scene_before is None else (self._age + 1) / (GLIDE + 1)
        return t * t * (3 - 2 * t)
