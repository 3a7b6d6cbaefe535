"""What ``fieldcore score`` says of fields of photographs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..progress_lines import note, waiting_line

if TYPE_CHECKING:
    from ..fields.field import Field
    from ..views.camera import Camera
    from ..views.views import Views

_FEWEST_PAIRS = 3
"""Of cameras, that a similarity is found from."""

_TITLES = {
    "psnr": ("PSNR", "{:.2f} dB"),
    "ssim": ("SSIM", "{:.4f}"),
    "flip": ("FLIP", "{:.4f}"),
    "mask_iou": ("overlap of the silhouettes", "{:.4f}"),
    "accuracy": ("accuracy, surface to truth", "{:.5f} domain units"),
    "completeness": ("completeness, truth to surface", "{:.5f} domain units"),
    "chamfer": ("Chamfer, their mean", "{:.5f} domain units"),
    "chamfer_percent": ("... of the longest side", "{:.3f} %"),
    "f_score": ("F-score at 0.01", "{:.4f}"),
    "iou": ("overlap of the insides", "{:.4f}"),
    "normal_consistency": ("cosine of the normals", "{:.4f}"),
    "camera_rotation_deg": ("cameras turned by, mean", "{:.3f} degrees"),
    "camera_centre": ("cameras moved by, mean", "{:.5f} domain units"),
    "camera_pixels": ("points seen elsewhere, mean", "{:.3f} pixels"),
}


def views_result(field: Field, name: str, source: str, masks: str | None, truth: str | None) -> dict[str, Any]:
    """The measures of a field of views, against the photographs that were held out and, of a surface, a mesh.

    Args:
        field: of views.
        name: its file, for people.
        source: the scene.
        masks: a folder of masks, where they are not found.
        truth: a mesh in the scene's own units.

    Raises:
        InputError: the scene or the mesh cannot be read, or the field has no surface to compare.
    """
    from ..signals import same_signal
    from ..views.alignment import aligning, camera_errors
    from ..views.views import Views
    from ..views_scoring import mean_view_score, view_scores

    views = Views.open_again(field.facts, source, masks)
    note(*views.notices)
    if not hasattr(field, "render"):
        raise InputError(f"field '{name}': a {field.kind} field does not render views")
    result: dict[str, Any] = {
        "field": name,
        "kind": field.kind,
        "signal": views.facts.name,
        "same_signal": same_signal(views.facts, field.facts),
    }
    pairs = _camera_pairs(field, views, Path(source))
    with waiting_line("rendering held-out views"):
        each = view_scores(field, views, aligning(*pairs) if pairs else None)  # type: ignore[arg-type]
    result |= {"views": len(each), **asdict(mean_view_score(list(each.values())))}
    if truth is not None:
        result |= _against_truth(field, name, truth)
    if pairs:
        result |= {f"camera_{measure}": value for measure, value in asdict(camera_errors(*pairs)).items()}
    return {**result, "each": {view: asdict(score) for view, score in each.items()}}


def _camera_pairs(field: Field, views: Views, scene: Path) -> tuple[list[Camera], list[Camera]] | None:
    """Cameras that were trained too and the exact ones, where the scene's own truth.json has these."""
    from ..fields.surface import Surface
    from ..views.alignment import exact_cameras

    if not isinstance(field, Surface) or field.poses is None:
        return None
    exact = exact_cameras(views, scene)
    names = [name for name in exact if name in field.cameras.names]
    if len(names) < _FEWEST_PAIRS:
        return None
    own = [field.cameras.camera(field.cameras.number_of(name)) for name in names]
    return own, [exact[name] for name in names]


def _against_truth(field: Field, name: str, truth: str) -> dict[str, float]:
    from ..fields.surface import Surface
    from ..meshing import in_domain_units
    from ..signals.mesh_file import read_mesh
    from ..surface_scoring import truth_score

    if not isinstance(field, Surface):
        raise InputError(f"--truth: field '{name}' is a {field.kind} field, which has no surface to compare")
    mesh = read_mesh(Path(truth))
    with waiting_line("comparing with the truth"):
        found = truth_score(field.surface_mesh(), in_domain_units(mesh, field.facts))
    return asdict(found)


def views_table(result: Mapping[str, Any]) -> str:
    """A line a measure."""
    lines = [
        f"{result['kind']} field '{result['field']}' against {result['views']} held-out views of '{result['signal']}'"
    ]
    if not result["same_signal"]:
        lines.append("(not the photographs it was trained on)")
    for name, (title, layout) in _TITLES.items():
        value = result.get(name)
        if value is not None:
            lines.append(f"{title:>30}  {layout.format(value)}")
    return "\n".join(lines)
