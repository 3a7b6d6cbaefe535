"""Textured models: meshes with texture coordinates, from files of several formats.

``load_model`` reads one. ``reading`` is the boundary to trimesh, ``loading`` decides what is done where something is
missing, ``sheet`` lays textures side by side, ``surface`` makes a mesh fit to be drawn.
"""

from .loading import LARGEST_TEXTURE_PX, load_model
from .parts import Wrap
from .reading import MODEL_SUFFIXES
from .sheet import Sheet
from .textured_model import NoTextureCoordinates, TexturedModel
from .textures import read_texture

__all__ = [
    "LARGEST_TEXTURE_PX",
    "MODEL_SUFFIXES",
    "NoTextureCoordinates",
    "Sheet",
    "TexturedModel",
    "Wrap",
    "load_model",
    "read_texture",
]
