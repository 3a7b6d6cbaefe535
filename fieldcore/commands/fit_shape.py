"""``fieldcore fit shape``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..arguments import argument
from ..progress_lines import note
from ..samples import MODELS, sample_names
from .fit import FitOptions

if TYPE_CHECKING:
    from ..signals import Shape


@dataclass(frozen=True, kw_only=True)
class FitShape(FitOptions):
    """Train a field on the signed distance to a mesh."""

    what: ClassVar[str] = "mesh"
    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore fit shape statue.ply",
        "fieldcore fit shape sample:ammonite --out ammonite.safetensors",
        "fieldcore fit shape statue.stl --kind spectral --seconds 60",
    )

    sources: tuple[str, ...] = argument(
        "PLY, OBJ, STL, OFF, GLB or glTF file, which may be open, torn or of several bodies; http(s):// address; - for "
        "standard input; or sample:NAME.",
        metavar="MESH",
        more=lambda: f"Samples: {', '.join(sample_names(MODELS))}.",
    )

    def open(self, source: str) -> Shape:
        """Read the mesh."""
        from ..signals import Shape

        shape = Shape.open(source)
        note(*shape.notices)
        return shape
