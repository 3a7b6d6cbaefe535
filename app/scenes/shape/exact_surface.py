"""The surface of a shape itself, for which every pixel's ray asks the field: slower than its bake, and exact."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fieldcore.fields.field import Field
from fieldcore.sphere_tracing import CAREFUL, Stepping, mean_curvatures, tracing

from ...camera.camera import rays
from ...frame_size import Size
from ...work.asking import Evaluate
from .baking import filter_of
from .controls import ShapeControls
from .exact_steps import normal_step
from .sight import Sight
from .surface_buffers import SurfaceArrays


def finding_field(
    evaluate: Evaluate, field: Field, controls: ShapeControls, framebuffer_px: Size, stepping: Stepping = CAREFUL
) -> Generator[None, None, SurfaceArrays]:
    """Find the surface of a smoothed field, as the controls look at it; yields while answers are on their way.

    Args:
        evaluate: who evaluates the field.
        field: of a shape.
        controls: who looks at which part of which level set.
        framebuffer_px: size of the pane.
        stepping: how carefully rays are followed.

    Raises:
        InputError: the field cannot be filtered so.
    """
    gaussian = filter_of(controls.smoothing)
    questions = finding_surface(
        Sight.of(controls),
        framebuffer_px,
        normal_step=normal_step(controls, framebuffer_px),
        curved=controls.colouring == "curvature",
        stepping=stepping,
    )
    try:
        points = next(questions)
        while True:
            for values in evaluate(field, points, gaussian):
                if values is None:
                    yield
                else:
                    distances = values[:, 0].float().to(points.device)
            points = questions.send(distances)
    except StopIteration as end:
        surface: SurfaceArrays = end.value
        return surface


def finding_surface(
    sight: Sight,
    framebuffer_px: Size,
    *,
    normal_step: float = 2e-3,
    curved: bool = False,
    stepping: Stepping = CAREFUL,
    device: torch.device | str = "cpu",
) -> Generator[Tensor, Tensor, SurfaceArrays]:
    """Ask for signed distances until it is known what every pixel sees.

    Yields points (n, 3) and is sent their signed distances (n); ``fieldcore.sphere_tracing.answered`` drives it with a
    function.

    Args:
        sight: who looks at what.
        framebuffer_px: size of the picture.
        normal_step: of the differences that normals and curvature come from, in domain units: about the length of the
            smoothing, where there is any.
        curved: whether the curvature is needed as well.
        stepping: how carefully rays are followed.
        device: where; the points are there, and their distances are expected there.
    """
    looking = rays(sight.camera, framebuffer_px)
    directions = torch.from_numpy(_directions(looking, framebuffer_px)).to(device)
    origins = directions.new_tensor(looking["eye"]).expand_as(directions)
    hits = yield from tracing(
        origins,
        directions,
        level=sight.level,
        lower=sight.bounds.lower,
        upper=sight.bounds.upper,
        normal_step=normal_step,
        pixel=float(np.linalg.norm(looking["ray_up"])),
        stepping=stepping,
    )
    position = torch.zeros_like(origins)
    position[hits.hit] = origins[hits.hit] + hits.t[hits.hit, None] * directions[hits.hit]
    curvature = torch.zeros_like(hits.t)
    if curved and bool(hits.hit.any()):
        for some in hits.hit.nonzero()[:, 0].split(stepping.tile_rays):
            curvature[some] = yield from mean_curvatures(position[some], normal_step)
    width, height = framebuffer_px
    return SurfaceArrays(
        position=position.reshape(height, width, 3).cpu().numpy(),
        share=hits.coverage.reshape(height, width).cpu().numpy(),
        normal=hits.normals.reshape(height, width, 3).cpu().numpy(),
        curvature=curvature.reshape(height, width).cpu().numpy(),
    )


def _directions(looking: dict[str, tuple[float, ...]], framebuffer_px: Size) -> Float[np.ndarray, "n 3"]:
    """Of the rays through the pixels' centres, top row first, one unit long along the view axis."""
    width, height = framebuffer_px
    forward, right, up = (np.array(looking[f"ray_{way}"]) for way in ("forward", "right", "up"))
    across = np.arange(width) + 0.5 - looking["ray_origin"][0]
    above = height - 0.5 - np.arange(height) - looking["ray_origin"][1]
    directions = forward + across[None, :, None] * right + above[:, None, None] * up
    return directions.reshape(-1, 3).astype(np.float32)
