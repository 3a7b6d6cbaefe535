"""What is open: a model with its texture as a signal, and the fields trained on it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float

from fieldcore.borders import Border
from fieldcore.fields.field import Field
from fieldcore.models import TexturedModel, load_model
from fieldcore.signals import Picture
from fieldcore.signals.texture import Texture

from ...camera.camera import Camera
from ...camera.piloting import framing
from ...document import Document
from ...frame_size import Size

_WIDEST = 4 / 3


@dataclass(frozen=True)
class ModelOptions:
    """How a model is opened.

    Attributes:
        texture: picture to lay on it instead of its own.
        wrap: how that picture continues outside [0, 1]; None for what the model says.
        atlas: whether texture coordinates are made for a model that has none.
    """

    texture: Path | None = None
    wrap: Border | None = None
    atlas: bool = False


@dataclass(frozen=True, eq=False)
class TexturedMeshSubject:
    """What frames are made from: a model, and the field that is its texture, if there is one."""

    model: TexturedModel
    field: Field | None = None


@dataclass(eq=False)
class OpenModel:
    """An open model.

    Attributes:
        path: its file; also its name in controls.
        options: how it was opened.
        model: the mesh and its sheet of textures.
        signal: the sheet as something to train on.
        fields: the fields that may be its texture, by their files.
    """

    path: Path
    options: ModelOptions
    model: TexturedModel
    signal: Picture
    fields: dict[str, Document] = dataclass_field(default_factory=dict)

    def home(self, frame_px: Size) -> Camera:
        """The camera that sees all of it in a frame of that size, and in any that is wider."""
        lower, upper = ((float(x), float(y), float(z)) for x, y, z in self._corners)
        return framing(lower, upper, Camera().fov_deg, min(frame_px[0] / max(frame_px[1], 1), _WIDEST))

    @cached_property
    def _corners(self) -> Float[np.ndarray, "2 3"]:
        """Of the box around it."""
        return np.stack([self.model.vertices.min(0), self.model.vertices.max(0)])

    @property
    def name(self) -> str:
        """For people."""
        return self.model.name


def read_model(path: Path, options: ModelOptions, device: torch.device) -> OpenModel:
    """Read a model, with its texture on ``device``.

    Raises:
        NoTextureCoordinates: it has none; opening it with an atlas makes them.
        InputError: the file cannot be read, or holds no triangles.
    """
    model = load_model(path, texture=options.texture, wrap=options.wrap, atlas=options.atlas)
    return OpenModel(path, options, model, Texture.of(model).to(device))
