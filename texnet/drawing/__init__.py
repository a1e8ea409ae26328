"""Pictures drawn by code: photo-like scenes to learn on where there are no photos, and textures to paint with."""

from __future__ import annotations

from texnet.drawing.scene import draw_scene
from texnet.drawing.stained_glass import draw_mosaic
from texnet.drawing.textures import TEXTURES, save_texture, texture_file

__all__ = ["TEXTURES", "draw_mosaic", "draw_scene", "save_texture", "texture_file"]
