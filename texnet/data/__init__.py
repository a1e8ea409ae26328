"""Training data: photos found in a COCO root or any folder, decoded, cropped, batched."""

from __future__ import annotations

from texnet.data.build import build_photos, find_photos, hold_out
from texnet.data.crops import CropBatch, CropLoader, center_crop
from texnet.data.dataset import PhotoDataset
from texnet.data.noise_only import NoiseOnlyLoader

__all__ = [
    "CropBatch",
    "CropLoader",
    "NoiseOnlyLoader",
    "PhotoDataset",
    "build_photos",
    "center_crop",
    "find_photos",
    "hold_out",
]
