"""The scenes: each is one object in one folder."""

from __future__ import annotations

from ..scene import Scene
from .light_stage.scene import LightStage
from .networks.scene import Networks
from .picture.scene import Picture
from .radiance.scene import Radiance
from .shape.scene import Shape
from .textured_mesh.scene import TexturedMesh
from .video.scene import Video

SCENES: tuple[Scene, ...] = (Picture(), Networks(), TexturedMesh(), Shape(), Radiance(), LightStage(), Video())
"""All scenes, in the order in which ``M`` goes through them."""


def scene_of(controls: object) -> Scene:
    """The scene that these controls are of."""
    return next(scene for scene in SCENES if isinstance(controls, scene.controls))
