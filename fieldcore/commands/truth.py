"""``fieldcore truth``: a signal itself, smoothed: what a field of it should give."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..files import STANDARD_OUTPUT, refuse_overwriting, written_out
from ..sources import source_name
from . import FIT_OPTIONS
from .common import require_between
from .evaluate import Evaluate
from .mesh import FORMATS, MOST_CELLS

if TYPE_CHECKING:
    from ..fields.field import Field

_MOST_SAMPLES = 1 << 20
_USUAL_CELLS = 256


@dataclass(frozen=True, kw_only=True)
class TruthCommand(Evaluate):
    """Write a signal, smoothed: a picture, the surface of a mesh, a film, or a light stage in one light.

    It is exact where it can be, else the mean of quasi-random samples, whose standard error is printed.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore truth photo.jpg --variance 1e-3 --out exact.png",
        "fieldcore truth photo.jpg --filter ellipsoid:0.05 --samples 4096",
        "fieldcore truth statue.ply --covariance 1e-2,0,0,1e-6,0,1e-2 -o flat.ply",
        "fieldcore truth clip.mp4 --kernel tent --half-size-frames 8 -o long.mp4",
        "fieldcore truth stage/ --light 0.3,0.4,0.87 --variance 1e-2 -o area.png",
    )

    fields: tuple[str, ...] = argument(
        "Picture, mesh, film or folder of photos, as for 'fieldcore fit'; http(s):// address; sample:NAME; or ackley.",
        metavar="SIGNAL",
    )
    out: str | None = option(
        "File to write: a picture, of a mesh .ply, .obj, .stl or .glb, of a video .mp4; of several signals a folder.",
        default=None,
        metavar="FILE",
        short="o",
        group="output",
        usual="the signal's name with _truth",
    )
    type: str | None = option(
        "What the signal is, where its name does not say it, or says another.",
        default=None,
        metavar="NAME",
        choices=lambda: tuple(FIT_OPTIONS),
        usual="by its name",
    )
    samples: int | None = option(
        "Samples a cell, where the truth is sampled.", default=None, metavar="COUNT", usual="four million in all"
    )
    resolution: int = option(
        "Of a mesh, cells along its longest side.", default=_USUAL_CELLS, metavar="CELLS", group="output"
    )
    view: str | None = option("", default=None, hidden=True)
    position: str | None = option("", default=None, hidden=True)
    show: str = option("", default="colour", hidden=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("--samples", self.samples, 1, _MOST_SAMPLES)
        require_between("--resolution", self.resolution, 4, MOST_CELLS)

    def check_sources(self) -> None:
        """As the base."""
        for source in self.fields:
            self._source(source)

    @contextmanager
    def opened(self, source: str) -> Iterator[Field]:
        """The signal's truth where a field is expected."""
        from ..devices import choose_device
        from ..signals.signal import Signal
        from ..truth_field import TruthField

        with self._source(source).opened(choose_device(self.device)) as (signal, _):
            if not isinstance(signal, Signal):
                raise InputError(f"signal '{source}': photographs from several sides have no truth to smooth")
            yield TruthField(signal, self.samples)

    def write_field(self, source: str, out: Path, field: Field) -> None:
        """As the base, and of a distance its surface."""
        if not field.is_distance:
            super().write_field(source, out, field)
            return
        from ..meshing import extract_mesh, write_mesh

        with written_out(out, ".ply") as path:
            mesh = extract_mesh(field, self.chosen_filter(field.dim), resolution=self.resolution)
            write_mesh(path, mesh)
        if out != STANDARD_OUTPUT:
            counts = {"vertices": len(mesh.vertices), "triangles": len(mesh.triangles)}
            self.print_result({"out": str(out), **counts, **self.facts_of_result(field)})

    def facts_of_result(self, field: Field) -> dict[str, Any]:
        """How far the truth itself may be off."""
        from ..truth_field import TruthField

        assert isinstance(field, TruthField)
        return {"standard_error": float(f"{field.standard_error:.3g}")}

    def _default_name(self, source: str) -> str:
        suffix = ".ply" if self._source(source).type == "shape" else ".png"
        return f"{source_name(source)}_truth{suffix}"

    def _check_out(self, out: Path) -> None:
        if out.suffix.lower() in FORMATS:
            refuse_overwriting(out, self.overwrite)
            return
        shapes = [source for source in self.fields if self._source(source).type == "shape"]
        if shapes and out != STANDARD_OUTPUT:
            raise InputError(f"--out '{out}': '{shapes[0]}' is a mesh; its surface is written as {', '.join(FORMATS)}")
        super()._check_out(out)

    def _source(self, source: str) -> Any:
        from ..suite.signal_source import named_source

        return named_source(source, self.type or "")
