"""``fieldcore views``: what photographs of a scene are, in other formats, and the object within their masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import check_writable_folder, refuse_overwriting, written_out
from ..progress_lines import note, waiting_line
from .command_group import CommandGroup
from .common import require_between
from .views_options import SceneOptions, ViewsOptions

if TYPE_CHECKING:
    from ..views.hull import Hull
    from ..views.views import Views
    from ..views.written import WrittenScene

MESH_FORMATS = (".ply", ".obj", ".stl", ".glb")
HOLDOUT = 8


@dataclass(frozen=True, kw_only=True)
class ViewsCommand(ViewsOptions, SceneOptions):
    """Say what photographs of a scene are: cameras, sizes, masks, the object's box and what is doubtful.

    To write the scene in another format: fieldcore views convert; with the object in the unit sphere: fieldcore views
    normalise. Its visual hull as a mesh: fieldcore views hull.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore views scene/",
        "fieldcore views scene/ --masks silhouettes/ --json",
        "fieldcore views convert scene/ --to idr --out scene-idr/",
        "fieldcore views hull scene/ --out hull.ply",
    )

    def run(self) -> None:
        """Read cameras, pictures and masks, and carve the hull where there are masks."""
        views = self.open_views(self.scene)
        hull = carved(views) if views.has_masks else None
        facts = _facts(views) | _hull_facts(views, hull)
        if self.json:
            facts["notices"] = [*views.notices, *(hull.notices if hull else ())]
        self.print_result(facts)


@dataclass(frozen=True, kw_only=True)
class WritingOptions(SceneOptions):
    """A scene that is written to a folder."""

    out: str = option("Folder to write; it is made.", metavar="DIR", short="o", group="output")
    overwrite: bool = option("Replace files of a scene that is there.", default=False, group="output")

    @property
    def folder(self) -> Path:
        """Where it is written. Raises InputError where it cannot be."""
        from ..views.formats import FORMATS

        folder = Path(self.out)
        if folder.is_file():
            raise InputError(f"--out '{folder}': expected a folder, and it is a file")
        if folder.exists() and Path(self.scene).resolve() == folder.resolve():
            raise InputError(f"--out '{folder}': that is the scene itself; give another folder")
        for scene_format in FORMATS.values():
            found = scene_format.find(folder) if folder.is_dir() else None
            if found is not None and not self.overwrite:
                raise InputError(f"'{found}' exists; choose another folder or add --overwrite")
        check_writable_folder(folder)
        return folder

    def write(self, folder: Path, views: Views, to: str) -> WrittenScene:
        """Write the scene in a format; returns what was written."""
        from ..views.formats import FORMATS

        folder.mkdir(parents=True, exist_ok=True)
        written = views.written()
        with waiting_line(f"writing {folder}"):
            FORMATS[to].write(folder, written)
        return written


@dataclass(frozen=True, kw_only=True)
class ViewsConvert(WritingOptions):
    """Write a scene in another format: straightened pictures with alpha or masks, and cameras in the scene's own units.

    In idr the unit sphere has the object in it. Pictures are written as PNG.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore views convert scene/ --to idr --out scene-idr/",
        "fieldcore views convert scene/ --to colmap --size 800 --out small/",
    )

    to: str = option("Format to write.", choices=lambda: _formats(), group="output")

    def run(self) -> None:
        """Read everything, then write."""
        folder = self.folder
        views = self.read_views(self.scene, HOLDOUT)
        self.write(folder, views, self.to)
        self.print_result({"out": str(folder), "format": self.to, "views": len(views.views)})


@dataclass(frozen=True, kw_only=True)
class ViewsNormalise(WritingOptions):
    """Find where an object is and how large from its masks alone, and write the scene so that it fills the unit sphere.

    Any number of photographs from 3 will do. The format is idr, whose scale_mat leads back to the scene's own units:
    what IDR, NeuS and their successors train on.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore views normalise capture/ --masks silhouettes/ --out capture-idr/",
        "fieldcore views normalise turning/ --mask-from-background --size 800 -o idr/",
    )

    def run(self) -> None:
        """Carve the object, and write."""
        folder = self.folder
        views = self.read_views(self.scene, 0)
        hull = carved(views)
        written = self.write(folder, views, "idr")
        self.print_result(
            {
                "out": str(folder),
                "format": "idr",
                "views": len(views.views),
                "centre": [round(value, 6) for value in written.centre],
                "radius": round(written.radius, 6),
                **_hull_facts(views, hull),
            }
        )


@dataclass(frozen=True, kw_only=True)
class ViewsHull(SceneOptions):
    """Write the visual hull of a scene as a mesh, in the scene's own units: the largest object that all masks allow."""

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore views hull scene/ --out hull.ply",
        "fieldcore views hull turntable/ --mask-from-background -o hull.stl",
    )

    out: str | None = option(
        "Mesh to write: .ply, .obj, .stl or .glb.",
        default=None,
        metavar="FILE",
        short="o",
        group="output",
        usual="the scene's name with _hull, and .ply",
    )
    overwrite: bool = option("Replace an existing file.", default=False, group="output")
    resolution: int = option("Cells along the domain's side.", default=128, metavar="CELLS", group="surface")

    def __post_init__(self) -> None:
        super().__post_init__()
        require_between("--resolution", self.resolution, 16, 512)

    def run(self) -> None:
        """Carve, and write the surface."""
        out = Path(self.out or f"{Path(self.scene).resolve().name}_hull.ply")
        if out.suffix.lower() not in MESH_FORMATS:
            raise InputError(f"'{out}': the suffix '{out.suffix}' is no mesh format; use {', '.join(MESH_FORMATS)}")
        refuse_overwriting(out, self.overwrite)
        from ..meshing import in_source_units, write_mesh

        views = self.read_views(self.scene, 0)
        hull = carved(views, self.resolution + 1)
        mesh = in_source_units(hull.mesh, views.facts)
        with written_out(out, ".ply") as path:
            write_mesh(path, mesh)
        counts = {"vertices": len(mesh.vertices), "triangles": len(mesh.triangles), "watertight": mesh.watertight}
        self.print_result({"out": str(out), **counts, **_hull_facts(views, hull)})


def carved(views: Views, vertices: int | None = None) -> Hull:
    """The hull of the training views; what is said of it is noted."""
    with waiting_line("carving the hull"):
        hull = views.hull() if vertices is None else views.hull_of(vertices)
    note(*hull.notices)
    return hull


def _facts(views: Views) -> dict[str, Any]:
    from ..views.checks import covered_share

    sizes = sorted({(view.camera.width, view.camera.height) for view in views.views})
    focal = [view.camera.fx for view in views.views]
    return {
        "scene": views.facts.name,
        "format": views.format,
        "views": len(views.views),
        "held_out": [view.name for view in views.held_out],
        "sizes": [f"{width} x {height}" for width, height in sizes],
        "focal_px": [round(min(focal), 2), round(max(focal), 2)],
        "masks": views.has_masks,
        "directions_seen": round(covered_share([view.camera for view in views.training]), 3),
        "domain": {
            "centre": [round(value, 6) for value in views.facts.source_center],
            "half_side": round(views.facts.value_scale, 6),
        },
        "digest": views.facts.digest,
    }


def _hull_facts(views: Views, hull: Hull | None) -> dict[str, Any]:
    if hull is None:
        return {}
    low, high = hull.mesh.vertices.min(0), hull.mesh.vertices.max(0)
    worst = min(zip(hull.agreement, views.training, strict=True), key=lambda pair: pair[0])
    return {
        "hull": {
            "size": [round(side * views.facts.value_scale, 6) for side in (high - low).tolist()],
            "share_of_domain": round(hull.share, 4),
            "masks_covered": round(sum(hull.agreement) / len(hull.agreement), 4),
            "worst_view": f"{worst[1].name} ({worst[0]:.3f})",
        }
    }


def _formats() -> tuple[str, ...]:
    from ..views.format_names import FORMATS

    return tuple(FORMATS)


VIEWS = CommandGroup(
    about="Say what photographs of a scene are, write them in another format or normalised, carve the object.",
    members=lambda: {"convert": ViewsConvert, "hull": ViewsHull, "normalise": ViewsNormalise},
    what="command",
    examples=ViewsCommand.examples,
    otherwise=ViewsCommand,
)
