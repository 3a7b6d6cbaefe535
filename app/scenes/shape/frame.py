"""One frame of a shape at full quality: what windows, recordings and paths without a window have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from fieldcore.evaluation import Points, TileSize, evaluate_tiles
from fieldcore.fields.field import Field
from fieldcore.sphere_tracing import Stepping, answered

from ...covariance import filter_entry
from ...frame_size import Size
from ...gl.image_overlays import Surface
from .baking import gaussian_of
from .compositor import ShapePane, ShapeScene
from .controls import ShapeControls, ShapeSource
from .exact_steps import normal_step
from .exact_surface import finding_surface
from .sight import Sight
from .surface_buffers import SurfaceArrays, SurfaceBuffers
from .volume_texture import VolumeTexture

_STEPPING = Stepping(tile_rays=1 << 21)
"""Frames of usual sizes at once: what is asked together is divided anew, into tiles that suit the device."""


def draw_shape(
    scene: ShapeScene,
    surface: Surface,
    controls: ShapeControls,
    volumes: Mapping[ShapeSource, VolumeTexture],
    kind: str,
    exact: SurfaceBuffers | None = None,
) -> None:
    """Fill ``surface`` with what ``controls`` ask for, at full quality: frames of a window and of none agree.

    Labels say what is shown and nothing else: what is measured would not come out the same again.

    Args:
        scene: draws.
        surface: of any size.
        controls: what to show.
        volumes: bakes of all that the comparison needs.
        kind: of the field.
        exact: the field's own surface, where the controls ask for that.
    """
    labels: dict[ShapeSource, str] = {"field": f"{kind}, exact" if controls.exact else kind, "truth": "truth"}
    own: dict[ShapeSource, SurfaceBuffers | None] = {"field": exact}
    panes = {source: ShapePane(volume, labels[source], own.get(source)) for source, volume in volumes.items()}
    scene.draw(surface, controls, panes)


def exact_surface(field: Field, controls: ShapeControls, framebuffer_px: Size) -> SurfaceArrays:
    """The surface of a field itself, smoothed, as the controls look at it.

    Args:
        field: of a shape.
        controls: who looks at which part of which level set.
        framebuffer_px: size of the pane.

    Raises:
        InputError: the field cannot be filtered so, or memory does not even hold a small tile.
    """
    gaussian, tile_size = gaussian_of(controls.covariance), TileSize()

    def distances(points: Tensor) -> Tensor:
        tiles = evaluate_tiles(field, Points(points), gaussian, tile_size=tile_size)
        return torch.cat([values[:, 0].float() for _, _, values in tiles]).to(points)

    finding = finding_surface(
        Sight.of(controls),
        framebuffer_px,
        normal_step=normal_step(controls, framebuffer_px),
        curved=controls.colouring == "curvature",
        stepping=_STEPPING,
    )
    return answered(finding, distances)


def description_of(controls: ShapeControls) -> dict[str, Any]:
    """What a frame shows, for the report."""
    names = ["level", "comparison", "colouring", "exact", "slice", "light_yaw_deg", "light_pitch_deg"]
    if controls.slice != "none":
        names.append("slice_position")
    if controls.comparison == "wipe":
        names.append("divider")
    shown = {name: getattr(controls, name) for name in names}
    return {**asdict(controls.camera), **filter_entry(controls.covariance), **shown}
