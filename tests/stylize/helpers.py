"""Small real objects that the tests of this folder share."""

from __future__ import annotations

MAX_NOISE_FACTOR = 1.5
