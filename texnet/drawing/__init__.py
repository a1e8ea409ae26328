"""Pictures drawn by code: the style pictures that come with texnet, and photo-like scenes where there are no photos."""

from __future__ import annotations

from texnet.drawing.scene import draw_scene
from texnet.drawing.textures import TEXTURES, save_texture, texture_file

__all__ = ["TEXTURES", "draw_scene", "save_texture", "texture_file"]
