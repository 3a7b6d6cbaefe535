"""What is seen of a baked shape, against the rays' exact hits; and what is seen of the shape itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from ball import cell_centres
from torch import Tensor

from app.camera.camera import Camera, rays
from app.gl.offscreen import Offscreen
from app.resources import shader_source
from app.scenes.shape.bake import Bake
from app.scenes.shape.compositor import ShapeCompositor, ShapePane
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.exact_surface import finding_surface
from app.scenes.shape.sight import Bounds, Sight
from app.scenes.shape.surface_buffers import SurfaceArrays, SurfaceBuffers
from app.scenes.shape.surface_pass import SurfacePass, seen_part
from app.scenes.shape.volume_texture import VolumeTexture
from app.work.slices import completed
from fieldcore.sphere_tracing import answered

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (120, 90)
CELLS = 64
CELL = 2.4 / CELLS


def sphere(points: Tensor, radius: float = 0.7) -> Tensor:
    return points.norm(dim=-1) - radius


def torus(points: Tensor) -> Tensor:
    return torch.hypot(torch.hypot(points[:, 0], points[:, 2]) - 0.7, points[:, 1]) - 0.25


def bake_of(distance: Callable[[Tensor], Tensor], cells: int = CELLS) -> Bake:
    points = torch.from_numpy(cell_centres(cells).reshape(-1, 3))
    return Bake(distance(points).reshape(cells, cells, cells).numpy().astype(np.float32))


def baked_surface(
    surface: Offscreen, bake: Bake, sight: Sight, size: tuple[int, int] = SIZE, curved: bool = False
) -> SurfaceArrays:
    volume, drawing, buffers = (
        VolumeTexture(surface.context),
        SurfacePass(surface.context),
        SurfaceBuffers(surface.context, size),
    )
    completed(volume.bringing(bake))
    drawing.draw(buffers, volume, sight, curved=curved)
    arrays = buffers.read()
    for part in (volume, drawing, buffers):
        part.release()
    return arrays


def directions_of(camera: Camera, size: tuple[int, int]) -> np.ndarray:
    """Of rays through pixels' centres, top row first, one long along the view axis."""
    looking = {name: np.array(value) for name, value in rays(camera, size).items()}
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, size[1] - 0.5 - np.arange(size[1]))
    across, above = x - looking["ray_origin"][0], y - looking["ray_origin"][1]
    return looking["ray_forward"] + across[..., None] * looking["ray_right"] + above[..., None] * looking["ray_up"]


def sphere_seen(camera: Camera, size: tuple[int, int], radius: float) -> np.ndarray:
    """Where rays meet a sphere from outside, NaN where they miss it."""
    ray, eye = directions_of(camera, size), np.array(camera.position)
    a, b = (ray**2).sum(-1), ray @ eye
    with np.errstate(invalid="ignore"):
        t = (-b - np.sqrt(b**2 - a * (eye @ eye - radius**2))) / a
    return eye + t[..., None] * ray


def test_a_flat_shape_has_no_holes_where_seen_edge_on(surface_of: SurfaceOf) -> None:
    cells = 192

    def canvas(points: Tensor) -> Tensor:
        beyond = points.abs() - points.new_tensor([0.9, 0.1, 0.9])
        return beyond.clamp_min(0).norm(dim=-1) + beyond.amax(-1).clamp_max(0)

    height = 0.02
    camera = Camera(position=(0.0, 0.1 + height, 1.9), fov_deg=4.0)
    seen = baked_surface(surface_of(*SIZE), bake_of(canvas, cells), Sight(camera, 0.0, Bounds()))
    ray = directions_of(camera, SIZE)
    with np.errstate(divide="ignore"):
        z = 1.9 + ray[..., 2] * -height / ray[..., 1]
    on_top = (ray[..., 1] < 0) & (np.abs(z) < 0.85)
    assert on_top.sum() > 1000 and seen.hit[on_top].all()


@pytest.mark.parametrize("level", [0.0, -0.2, 0.25])
def test_a_baked_sphere_is_seen_where_it_is(surface_of: SurfaceOf, level: float) -> None:
    sight = Sight(ShapeControls(field="field").camera, level, Bounds())
    seen = baked_surface(surface_of(*SIZE), bake_of(sphere), sight, curved=True)
    radius = 0.7 + level
    expected = sphere_seen(sight.camera, SIZE, radius)
    met = np.isfinite(expected[..., 0])
    assert (met != seen.hit).sum() <= 4, "but for pixels whose centre the outline passes by a thousandth"
    steep = met & seen.hit & (np.abs((expected * directions_of(sight.camera, SIZE)).sum(-1)) > 0.3 * radius)
    assert steep.sum() > 400
    assert np.linalg.norm(seen.position - expected, axis=-1)[steep].max() < 0.08 * CELL
    assert np.linalg.norm(seen.normal - expected / radius, axis=-1)[steep].max() < 0.015
    assert np.abs(seen.curvature * radius - 1)[steep].max() < 0.08
    assert (seen.normal[~seen.hit] == 0).all()


def test_silhouettes_cover_as_much_as_they_should(surface_of: SurfaceOf) -> None:
    camera = Camera((0.0, 0.0, 3.0))
    seen = baked_surface(surface_of(*SIZE), bake_of(sphere), Sight(camera, 0.0, Bounds()))
    by_pixel = 2 * np.tan(np.radians(camera.fov_deg) / 2) / SIZE[1]
    assert seen.share.sum() == pytest.approx(np.pi * 0.49 / (9 - 0.49) / by_pixel**2, rel=4e-3)
    partial = (seen.share > 0) & (seen.share < 1)
    assert partial.sum() > 100, "all around"


def test_a_slice_leaves_the_half_behind(surface_of: SurfaceOf) -> None:
    surface = surface_of(*SIZE)
    for position in ((0.4, 0.3, 3.0), (0.4, 0.3, -3.0)):
        camera = Camera.looking_at((0.0, 0.0, 0.0), position)
        sight = Sight.of(ShapeControls(field="field", camera=camera, slice="z", slice_position=0.2))
        seen = baked_surface(surface, bake_of(sphere), sight)
        side = np.sign(position[2])
        assert (side * seen.position[seen.hit][:, 2] <= side * 0.2 + 1e-5).all()
        on_plane = seen.hit & (np.abs(seen.position[..., 2] - 0.2) < 1e-5)
        assert np.hypot(*seen.position[on_plane][:, :2].T).max() == pytest.approx(np.sqrt(0.49 - 0.04), abs=0.03)
        assert on_plane.sum() > 300 and (seen.normal[on_plane] == (0, 0, side)).all()


def test_a_level_beyond_the_bake_is_cut_open_by_its_box(surface_of: SurfaceOf) -> None:
    camera = Camera((0.0, 0.0, 4.0))
    seen = baked_surface(surface_of(*SIZE), bake_of(sphere), Sight(camera, 0.6, Bounds()))
    middle = seen.position[SIZE[1] // 2, SIZE[0] // 2]
    assert middle[2] == pytest.approx(1.2) and seen.normal[SIZE[1] // 2, SIZE[0] // 2].tolist() == [0, 0, 1]


def test_from_inside_the_walls_face_us(surface_of: SurfaceOf) -> None:
    camera = Camera((0.1, 0.0, 0.2))
    seen = baked_surface(surface_of(*SIZE), bake_of(sphere), Sight(camera, 0.0, Bounds()))
    assert seen.hit.all()
    assert np.abs(np.linalg.norm(seen.position, axis=-1) - 0.7).max() < 0.1 * CELL
    assert ((seen.normal * directions_of(camera, SIZE)).sum(-1) < 0).all()


def test_an_empty_level_set_shows_nothing(surface_of: SurfaceOf) -> None:
    seen = baked_surface(surface_of(*SIZE), bake_of(sphere), Sight(Camera(), -0.8, Bounds()))
    assert not seen.hit.any() and (seen.share == 0).all()


def test_the_pixels_that_may_see_into_a_box_are_known(surface_of: SurfaceOf) -> None:
    camera = Camera.looking_at((0.0, 0.0, 0.0), (2.0, 1.0, 2.0))
    bounds = Bounds((0.1, -0.3, 0.0), (0.6, 0.5, 0.4))
    left, low, width, height = seen_part(bounds, camera, SIZE)
    ray, eye = directions_of(camera, SIZE), np.array(camera.position)
    ends = [(np.array(corner) - eye) / ray for corner in (bounds.lower, bounds.upper)]
    meets = np.minimum(*ends).max(-1) < np.maximum(*ends).min(-1)
    rows, columns = np.nonzero(meets[::-1])
    assert left <= columns.min() and columns.max() < left + width
    assert low <= rows.min() and rows.max() < low + height
    assert width * height < 2.5 * meets.sum()
    assert seen_part(Bounds(), Camera((0.0, 0.0, 0.5)), SIZE) == (0, 0, *SIZE), "from within, all of them"


@pytest.mark.parametrize("options", [{}, {"colouring": "curvature"}, {"slice": "y", "slice_position": 0.05}])
def test_the_shape_itself_looks_like_its_bake(surface_of: SurfaceOf, options: dict[str, Any]) -> None:
    surface = surface_of(*SIZE)
    controls = ShapeControls(field="field", caption=False, grid=False, **options)
    sight = Sight.of(controls)
    arrays = answered(finding_surface(sight, SIZE, normal_step=1e-2, curved=True), torus)
    volume, scene, buffers = (
        VolumeTexture(surface.context),
        ShapeCompositor(surface.context),
        SurfaceBuffers(surface.context, SIZE),
    )
    completed(volume.bringing(bake_of(torus, 96)))
    buffers.write(arrays, sight)
    panes = {"field": ShapePane(volume, "field", buffers)}
    pictures = []
    for exact in (False, True):
        scene.draw(surface.framebuffer, replace(controls, exact=exact), panes)
        pictures.append(surface.pixels().astype(float))
    apart = np.abs(pictures[0] - pictures[1]).max(-1)
    assert apart.mean() < 0.5 and (apart > 24).sum() <= 3
    assert apart.max() > 0, "they are two pictures"
    # Someone else looks: what was found before is not shown.
    moved = replace(controls, exact=True, camera=Camera((0.0, 0.5, 3.0)))
    scene.draw(surface.framebuffer, moved, panes)
    there = surface.pixels()
    scene.draw(surface.framebuffer, replace(moved, exact=False), panes)
    assert (there == surface.pixels()).all()
    for part in (volume, scene, buffers):
        part.release()


def test_the_shape_itself_may_have_more_than_its_bake(surface_of: SurfaceOf) -> None:
    surface = surface_of(*SIZE)
    controls = ShapeControls(field="field", caption=False, grid=False, exact=True)
    sight = Sight.of(controls)
    volume, scene, buffers = (
        VolumeTexture(surface.context),
        ShapeCompositor(surface.context),
        SurfaceBuffers(surface.context, SIZE),
    )
    completed(volume.bringing(bake_of(lambda points: sphere(points, 0.1))))
    buffers.write(answered(finding_surface(sight, SIZE), torus), sight)
    hit = buffers.read().hit
    scene.draw(surface.framebuffer, controls, {})
    empty = surface.pixels().astype(int)
    scene.draw(surface.framebuffer, controls, {"field": ShapePane(volume, "", buffers)})
    assert (np.abs(surface.pixels() - empty).max(-1)[hit] > 2).mean() > 0.97
    for part in (volume, scene, buffers):
        part.release()


def test_buffers_hold_what_they_are_given(surface_of: SurfaceOf) -> None:
    surface = surface_of(*SIZE)
    sight = Sight(Camera(), 0.0, Bounds())
    arrays = answered(finding_surface(sight, (30, 20)), torus)
    buffers = SurfaceBuffers(surface.context, (30, 20))
    buffers.write(arrays, sight)
    back = buffers.read()
    for name in ("position", "share", "normal", "curvature"):
        assert (getattr(back, name) == getattr(arrays, name)).all()
    buffers.release()


@pytest.mark.parametrize("shader", ["sphere_trace.frag", "shape.frag", "shape_floor.frag", "shape_edges.frag"])
def test_loops_are_not_unrolled(shader: str) -> None:
    """Drivers on a processor unroll loops whose length they know, and then compile for minutes."""
    source = shader_source(shader)
    bounds = re.findall(r"for \(int k = \d; k <=? ([^;]+);", source)
    assert bounds
    for bound in bounds:
        assert bound == "4" or f"uniform int {bound};" in source
