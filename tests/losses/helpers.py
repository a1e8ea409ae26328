"""Small real objects that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable

from texnet.losses import PerceptualLoss

LossMaker = Callable[..., PerceptualLoss]
