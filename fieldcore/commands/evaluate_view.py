"""What ``fieldcore evaluate`` writes of fields that cameras look at: the colour, the depth or the opacity of a view."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    import torch

    from ..fields.radiance import Radiance
    from ..fields.surface import Surface
    from ..filters import Filter
    from ..views.camera import Camera

SHOWN = ("colour", "depth", "alpha", "normal")
"""What may be written of a view; normals of surfaces alone."""


def camera_of(field: Radiance | Surface, view: str | None, position: str | None, size: int | None) -> Camera:
    """The camera of a view, moved if a position is given, with pictures of a size.

    Args:
        field: which keeps its cameras.
        view: name or number of one of them; None is the first that was held out.
        position: where it stands instead, X,Y,Z in domain units, looking at the domain's middle.
        size: pixels along the longer side.

    Raises:
        InputError: there is no such view, or the position is none.
    """
    cameras = field.cameras
    first = next(iter(field.facts.held_out_views), "0")
    camera = cameras.camera(cameras.number_of(first if view is None else view))
    if position is not None:
        camera = replace(camera, world_from_camera=_looking_at_the_middle(position))
    if size is None:
        return camera
    share = size / max(camera.width, camera.height)
    return camera.resized(max(1, round(camera.width * share)), max(1, round(camera.height * share)))


def _looking_at_the_middle(position: str) -> torch.Tensor:
    """The pose of a camera that stands there. Raises InputError unless these are three numbers beside the middle."""
    import torch

    try:
        centre = torch.tensor([float(part) for part in position.split(",")], dtype=torch.float64)
    except ValueError:
        centre = torch.zeros(0)
    if len(centre) != 3 or not bool(centre.isfinite().all()) or not 0 < float(centre.norm()) < 1e6:
        raise InputError(f"--position: expected X,Y,Z in domain units, beside the middle, got '{position}'")
    back = centre / centre.norm()
    up = centre.new_tensor([0.0, 1.0, 0.0] if abs(float(back[1])) < 0.999 else [0.0, 0.0, 1.0])
    right = torch.nn.functional.normalize(torch.linalg.cross(up, back), dim=0)
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3] = torch.stack([right, torch.linalg.cross(back, right), back, centre], 1)
    return pose


def rendered(field: Radiance | Surface, camera: Camera, filter: Filter | None, shown: str, out: Path) -> np.ndarray:
    """The pixels of a view as the file is to hold them: floats, or shares of white for integers.

    Depth is in domain units in files of floats; elsewhere what is nearest is white, and what is farthest nearly black.
    """
    from ..images import is_high_dynamic_range, linear_from_display

    seen = field.render(camera, filter=filter)
    plain = is_high_dynamic_range(out)
    if shown == "colour":
        colour = seen.colour.cpu().numpy()
        return linear_from_display(colour) if plain else colour
    if shown == "normal":
        if not hasattr(seen, "normal"):
            raise InputError(f"--show normal: a {field.kind} field has none; choose colour, depth or alpha")
        normal: np.ndarray = seen.normal.cpu().numpy()
        return normal if plain else (normal + 1) / 2
    values = (seen.depth if shown == "depth" else seen.alpha).cpu().numpy()
    if shown == "depth" and not plain:
        values = nearness(values)
    return values[..., None].repeat(3, axis=2)


def nearness(depth: np.ndarray) -> np.ndarray:
    """Depths as brightness: 1 for the nearest, 0.1 for the farthest, evenly between, 0 where nothing is."""
    there = depth > 0
    if not there.any():
        return np.zeros_like(depth)
    near, far = np.percentile(depth[there], (1, 99))
    share = ((far - depth) / max(far - near, 1e-9)).clip(0, 1)
    return np.where(there, 0.1 + 0.9 * share, 0).astype(np.float32)
