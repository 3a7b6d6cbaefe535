"""``fieldcore fit texture``."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..progress_lines import note
from ..samples import MODELS, sample_names
from ..sources import check_source, local_file
from .fit import FitOptions
from .fit_picture import check_size

if TYPE_CHECKING:
    from ..signals import Texture


@dataclass(frozen=True, kw_only=True)
class FitTexture(FitOptions):
    """Train a field on the texture of a model; several textures are trained on as one sheet."""

    what: ClassVar[str] = "model"
    settled: ClassVar[tuple[str, ...]] = ("texture", "wrap", "atlas", "size")
    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore fit texture house.glb",
        "fieldcore fit texture house.obj --texture bricks.png --wrap repeat",
        "fieldcore fit texture sample:fish --kind trained_pyramid --seconds 30",
    )

    sources: tuple[str, ...] = argument(
        "OBJ (with MTL and pictures), GLB, glTF or PLY file; with --atlas also STL and OFF; http(s):// address of a "
        "file that holds all; or sample:NAME.",
        metavar="MODEL",
        more=lambda: f"Samples: {', '.join(sample_names(MODELS))}.",
    )
    texture: str | None = option(
        "A picture to use in place of the model's own textures.", default=None, metavar="PICTURE", group="texture"
    )
    wrap: str | None = option(
        "How the texture continues beyond [0, 1]; by default as the model says, else it repeats.",
        default=None,
        metavar="NAME",
        choices=lambda: ("repeat", "clamp", "mirror"),
        group="texture",
    )
    atlas: bool = option("Make texture coordinates for a mesh that has none.", default=False, group="texture")
    size: int | None = option(
        "Shrink the texture so that its longer side has at most this many pixels.",
        default=None,
        metavar="PIXELS",
        group="texture",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_size(self.size)

    def check_inputs(self) -> None:
        """The models and the picture in place of their textures."""
        super().check_inputs()
        if self.texture is not None:
            check_source("texture", self.texture)

    def open(self, source: str) -> Texture:
        """Read the model."""
        from ..models import load_model
        from ..signals import Texture

        wrap: Any = self.wrap
        with nullcontext() if self.texture is None else local_file("texture", self.texture) as texture:
            model = load_model(source, texture=texture, wrap=wrap, atlas=self.atlas)
        note(*model.notices)
        return Texture.of(model, self.size)
