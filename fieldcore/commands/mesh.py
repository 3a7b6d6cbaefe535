"""``fieldcore mesh``: the surface of a shape's field, smoothed, as a mesh."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from ..arguments import option
from ..errors import InputError
from ..files import STANDARD_OUTPUT, refuse_overwriting, written_out
from ..progress_lines import note
from ..sources import check_source, local_file, source_name
from .common import require_between
from .field_files import ADVICE, field_argument, opened_field
from .filtering import FilteringOptions
from .outputs import check_standard_output, planned_outputs

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float

    from ..fields.field import Field
    from ..signals.mesh_file import Mesh

FORMATS = (".ply", ".obj", ".stl", ".glb")
MOST_CELLS = 2048


@dataclass(frozen=True, kw_only=True)
class MeshCommand(FilteringOptions):
    """Write the surface of a shape's field, smoothed, as a mesh in the units of its source."""

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore mesh statue.safetensors --variance 1e-3 --out smooth.ply",
        "fieldcore mesh statue.safetensors --level 0.02 --resolution 512 -o thick.stl",
        "fieldcore mesh sample:shape -o - > shape.ply",
        "fieldcore mesh --truth statue.ply --variance 1e-3 --out exact.ply",
        "fieldcore mesh fish.safetensors --variance 1e-3 --colours --out smooth.ply",
    )

    fields: tuple[str, ...] = field_argument("Files of shapes' fields")
    out: str | None = option(
        "Mesh to write: .ply, .obj, .stl or .glb; of several fields a folder; - for a PLY on standard output.",
        default=None,
        metavar="FILE",
        short="o",
        group="output",
        usual="the field's name with _surface, or where smoothed _smooth, and .ply",
    )
    truth: bool = option(
        "Take files of meshes in place of fields, and smooth their exact distances: what a field should give.",
        default=False,
        group="surface",
    )
    overwrite: bool = option("Replace an existing file.", default=False, group="output")
    resolution: int = option("Cells along the shape's longest side.", default=256, metavar="CELLS", group="surface")
    level: float = option(
        "Distance in domain units at which the surface is taken: above 0 outside, below 0 inside.",
        default=0.0,
        metavar="DISTANCE",
        group="surface",
    )

    colours: bool = option(
        "Of a surface from photographs: give each vertex its colour, seen along its normal (not in .stl files).",
        default=False,
        group="surface",
    )
    appearance: str | None = option(
        "With --colours: take those of this other surface from photographs.",
        default=None,
        metavar="FIELD",
        group="surface",
    )
    components: str | None = option(
        "All connected parts, or the one with the largest area.",
        default=None,
        metavar="all|largest",
        choices=lambda: ("all", "largest"),
        group="surface",
        usual="all; of surfaces from photographs the largest",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("--resolution", self.resolution, 4, MOST_CELLS)
        require_between("--level", self.level, -100, 100)
        if self.appearance is not None and not self.colours:
            raise InputError("--appearance: has no effect without --colours; add it")
        check_standard_output(self.out, len(self.fields), as_json=self.json)

    def run(self) -> None:
        """Check what can be known, then evaluate slab by slab, find the surface and write it."""
        ending = "smooth" if self.smooths else "surface"
        outs = planned_outputs(self.out, self.fields, lambda source: f"{source_name(source)}_{ending}.ply")
        for out in outs:
            if out == STANDARD_OUTPUT:
                continue
            if out.suffix.lower() not in FORMATS:
                raise InputError(f"'{out}': the suffix '{out.suffix}' is no mesh format; use {', '.join(FORMATS)}")
            if self.colours and out.suffix.lower() == ".stl":
                raise InputError(f"--colours: '{out}' cannot hold colours; use .ply, .obj or .glb")
            refuse_overwriting(out, self.overwrite)
        for source in self.fields:
            check_source(*self._wanted(source))
        for source, out in zip(self.fields, outs, strict=True):
            self._write(source, out)

    def _write(self, source: str, out: Path) -> None:
        from ..largest_part import largest_part
        from ..meshing import check_meshable, extract_mesh, write_mesh

        field = self._opened(source)
        check_meshable(field.facts)
        if self.colours and not hasattr(field, "colours_at"):
            raise InputError(f"--colours: '{source}' is a {field.kind} field, which knows no colours; leave it out")
        filter = self.chosen_filter(field.dim)
        with written_out(out, ".ply") as path:
            mesh = extract_mesh(field, filter, resolution=self.resolution, level=self.level)
            if (self.components or ("largest" if field.one_body else "all")) == "largest":
                mesh = largest_part(mesh)
            write_mesh(path, mesh, self._colours(field, mesh))
        if out != STANDARD_OUTPUT:
            counts = {"vertices": len(mesh.vertices), "triangles": len(mesh.triangles), "watertight": mesh.watertight}
            self.print_result({"out": str(out), **counts})

    def _colours(self, field: Field, mesh: Mesh) -> Float[np.ndarray, "v 3"] | None:
        """Of the mesh's vertices, where they are wanted."""
        if not self.colours:
            return None
        if self.appearance is not None:
            field = self._with_appearance(field, self.appearance)
        from ..meshing import in_domain_units

        points = in_domain_units(mesh, field.facts).vertices
        colours: Float[np.ndarray, "v 3"] = cast(Any, field).colours_at(points).cpu().numpy()
        return colours

    def _with_appearance(self, field: Field, source: str) -> Field:
        from ..fields.surface import Surface

        with opened_field(source, self.device) as checkpoint:
            other = checkpoint.field
        if not isinstance(field, Surface) or not isinstance(other, Surface):
            raise InputError(f"--appearance: '{source}' and the field must both be surfaces from photographs")
        return field.with_appearance(other)

    def _wanted(self, source: str) -> tuple[str, str, str]:
        """What is read, whence, and advice for those that have none."""
        return ("mesh", source, "give the path of a mesh") if self.truth else ("field", source, ADVICE)

    def _opened(self, source: str) -> Field:
        """The field, or a mesh's own distances as one."""
        if not self.truth:
            with opened_field(source, self.device) as checkpoint:
                return checkpoint.field
        from ..devices import choose_device
        from ..signals import Shape
        from ..truth_field import TruthField

        with local_file(*self._wanted(source)) as path:
            shape = Shape.open(path)
        note(*shape.notices)
        return TruthField(shape.to(choose_device(self.device)))
