"""Small real objects that the tests of this folder share."""

from __future__ import annotations

import torch

CPU = torch.device("cpu")
