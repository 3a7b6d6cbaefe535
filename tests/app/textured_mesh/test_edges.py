"""Edges, against where they are in closed form, and the sum of looks against itself written out in numpy."""

from __future__ import annotations

import math
from collections.abc import Iterator

import moderngl
import numpy as np
import pytest
import torch
from scenery import model_of
from scipy.ndimage import binary_dilation, minimum_filter
from scipy.special import ndtr

from app.camera.camera import Camera
from app.gl.offscreen import offscreen
from app.scenes.textured_mesh.controls import PIXEL_VARIANCE, PixelFilter, TexturedMeshControls
from app.scenes.textured_mesh.edges import NARROW, PLACES_PX, EdgedAlbedo, Look
from app.scenes.textured_mesh.field_shading import FieldShading
from app.scenes.textured_mesh.geometry_pass import GeometryPass, read_geometry
from app.scenes.textured_mesh.pyramid_shading import PyramidShading
from app.scenes.textured_mesh.shading import Shot, TextureShading, read_albedo
from app.scenes.textured_mesh.shading_set import Shadings
from fieldcore import build_field, preset_recipe
from fieldcore.models import TexturedModel
from fieldcore.signals.texture import Texture

SIZE = (40, 24)
FACING = Camera(position=(0.0, 0.0, 2.0), fov_deg=40.0)
PIXELS_A_UNIT = SIZE[1] / (2 * 2.0 * math.tan(math.radians(20)))
"""On the nearer wall, as ``FACING`` sees it."""


@pytest.fixture(scope="module")
def context() -> Iterator[moderngl.Context]:
    with offscreen((4, 4)) as surface:
        yield surface.context


def two_walls(left: float = 0.0, slope: float = 0.0) -> TexturedModel:
    """A white wall and before it a black one, right of x = left + slope y."""
    behind = [(-3, -2, -1), (3, -2, -1), (3, 2, -1), (-3, 2, -1)]
    before = [(left - 2 * slope, -2, 0), (3, -2, 0), (3, 2, 0), (left + 2 * slope, 2, 0)]
    uv = [(0.05, 0.1), (0.45, 0.1), (0.45, 0.9), (0.05, 0.9), (0.55, 0.1), (0.95, 0.1), (0.95, 0.9), (0.55, 0.9)]
    pixels = np.zeros((64, 64, 3))
    pixels[:, :32] = 1.0
    return model_of([*behind, *before], uv, [(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7)], pixels=pixels)


def picture(shading: TextureShading, shot: Shot) -> np.ndarray:
    for _ in shading.shade(shot, TexturedMeshControls(model="")):
        pass
    return read_albedo(shading.albedo)


def edges_of(texture: moderngl.Texture) -> np.ndarray:
    return np.frombuffer(texture.read(), np.uint8).reshape(SIZE[::-1])[::-1] > 0


@pytest.mark.parametrize("pixel_filter", ["gaussian", "box"])
def test_narrow_looks_make_up_the_pixel_filter(pixel_filter: PixelFilter) -> None:
    variance = PIXEL_VARIANCE[pixel_filter]
    pixels = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), -1).reshape(-1, 1, 2)
    places = (pixels + np.array(PLACES_PX)).reshape(-1, 2)
    weights = np.exp(-0.5 * (places**2).sum(1) / (variance * (1 - NARROW**2)))
    weights /= weights.sum()
    assert weights @ places == pytest.approx(np.zeros(2), abs=2e-3)
    covariance = (weights[:, None] * places).T @ places + variance * NARROW**2 * np.eye(2)
    assert covariance == pytest.approx(variance * np.eye(2), abs=0.03 * variance)


def test_no_two_looks_share_a_row_or_a_column() -> None:
    for axis in np.transpose(PLACES_PX):
        assert np.sort(axis) == pytest.approx((np.arange(5) + 0.5) / 5 - 0.5)


@pytest.mark.parametrize("slope", [0.0, 0.4])
@pytest.mark.parametrize("across_px", [0.0, 0.23, 0.5, 0.71])
def test_an_edge_is_where_it_is_within_its_pixels(context: moderngl.Context, across_px: float, slope: float) -> None:
    shadings = Shadings(context, two_walls(across_px / PIXELS_A_UNIT, slope))
    shot = Shot(shadings.geometry_pass, FACING, SIZE)
    got = picture(shadings["mipmap"], shot)
    x, y = np.arange(SIZE[0]) + 0.5 - SIZE[0] / 2, SIZE[1] / 2 - np.arange(SIZE[1])[:, None] - 0.5
    distance = (across_px + slope * y - x) / math.hypot(1, slope)
    expected = ndtr(distance / math.sqrt(PIXEL_VARIANCE["gaussian"]))
    error = np.abs(got[..., 0] - expected)[1:-1]  # beyond the frame nothing is seen
    assert error.max() < 0.09 and np.sqrt((error[error > 1e-3] ** 2).mean()) < 0.05
    shadings.release()


def test_edges_are_the_pixels_beside_them(context: moderngl.Context) -> None:
    geometry_pass = GeometryPass(context, two_walls())
    found = edges_of(geometry_pass.draw(FACING, SIZE).edges)
    expected = np.zeros(SIZE[::-1], bool)
    expected[:, SIZE[0] // 2 - 1 : SIZE[0] // 2 + 1] = True
    assert np.array_equal(found, expected)
    geometry_pass.release()


@pytest.mark.parametrize("wrap", ["repeat", "mirror"])
@pytest.mark.parametrize("tiles", [1.0, 3.2])
def test_one_surface_has_no_edges_but_its_outline(context: moderngl.Context, wrap: str, tiles: float) -> None:
    """A plane seen at an angle, whose neighbours' uv is far from equal but just what the Jacobian foretells.

    Neither do the seams of a texture that is laid on several times count as edges.
    """
    corners = [(-2, -0.6, 0), (2, -0.6, 0), (2, 0.6, 0), (-2, 0.6, 0)]
    uv = [(0, 0), (tiles, 0), (tiles, tiles), (0, tiles)]
    geometry_pass = GeometryPass(context, model_of(corners, uv, [(0, 1, 2), (0, 2, 3)], wraps=((wrap, wrap),)))
    geometry = geometry_pass.draw(Camera.looking_at((0.0, 0.0, 0.0), (0.5, 0.3, 2.0)), SIZE)
    arrays, edges = read_geometry(geometry), edges_of(geometry.edges)
    whole = minimum_filter(arrays.coverage, 3) == 1
    assert whole.mean() > 0.5 and not whole.all()
    assert not edges[whole].any() and not edges[~arrays.covered].any()
    beside_nothing = arrays.covered & (minimum_filter(arrays.coverage, 3) == 0)
    assert edges[beside_nothing].all()
    geometry_pass.release()


def test_footprints_as_large_as_the_texture_have_no_edges(context: moderngl.Context) -> None:
    corners = [(-4, -4, 0), (4, -4, 0), (4, 4, 0), (-4, 4, 0)]
    uv = [(0, 0), (137, 0), (137, 137), (0, 137)]
    geometry_pass = GeometryPass(context, model_of(corners, uv, [(0, 1, 2), (0, 2, 3)]))
    assert not edges_of(geometry_pass.draw(FACING, SIZE).edges).any()
    geometry_pass.release()


def test_looks_near_edges_are_the_shifted_frame_there_and_nothing_elsewhere(context: moderngl.Context) -> None:
    geometry_pass = GeometryPass(context, two_walls(slope=0.4))
    geometry = geometry_pass.draw(FACING, SIZE)
    near = binary_dilation(edges_of(geometry.edges), np.ones((3, 3)))
    assert 0 < near.mean() < 0.3
    for shift_px, again in zip(PLACES_PX, geometry_pass.draw_again(geometry, PLACES_PX), strict=True):
        got, shifted = read_geometry(again), read_geometry(geometry_pass.draw(FACING, SIZE, shift_px))
        assert np.array_equal(got.coverage, near.astype(np.float32))
        for name in ("uv", "jacobian", "distance"):
            assert np.array_equal(getattr(got, name)[near], getattr(shifted, name)[near])
            assert not getattr(got, name)[~near].any()
    geometry_pass.release()


@pytest.mark.parametrize("pixel_filter", ["gaussian", "box"])
def test_the_mean_of_looks_is_the_sum_written_out(context: moderngl.Context, pixel_filter: PixelFilter) -> None:
    width, height = SIZE
    geometry_pass, random = GeometryPass(context, two_walls()), np.random.default_rng(0)
    geometry = geometry_pass.draw(FACING, SIZE)
    edges = random.uniform(size=(height, width)) < 0.3
    edges[:3, :3] = True
    geometry.edges.write(np.where(edges[::-1], 255, 0).astype(np.uint8).tobytes())
    places: list[tuple[float, float] | None] = [None, *PLACES_PX]
    drawn = random.uniform(0, 1, (len(places), height, width, 4)).astype(np.float16)
    drawn[1:, ..., 3] = random.uniform(size=drawn.shape[1:3]) < 0.5
    drawn[1:, :3, :3, 3] = 0  # the model is missed
    albedo = EdgedAlbedo(context)
    for place_px, part in zip(places, drawn, strict=True):
        albedo.begin(SIZE)
        albedo.unfinished.write(np.ascontiguousarray(part[::-1]).tobytes())
        albedo.add(Look(geometry, NARROW, place_px), geometry.edges, pixel_filter)
    albedo.finish_over(geometry)
    got = read_albedo(albedo.texture)
    spread = PIXEL_VARIANCE[pixel_filter] * (1 - NARROW**2)
    for row, column in np.ndindex(height, width):
        weights = 1e-4 if edges[row, column] else 1.0
        total = weights * drawn[0, row, column, :3].astype(float)
        for place_px, part in zip(PLACES_PX, drawn[1:], strict=True):
            for down, right in np.ndindex(3, 3):
                there = row + down - 1, column + right - 1
                if edges[row, column] and 0 <= there[0] < height and 0 <= there[1] < width and part[there][3] > 0:
                    away = place_px[0] + right - 1, place_px[1] + down - 1
                    weight = math.exp(-(away[0] ** 2 + away[1] ** 2) / (2 * spread))
                    total, weights = total + weight * part[there][:3], weights + weight
        assert got[row, column, :3] == pytest.approx(total / weights, abs=1e-3)
    assert (got[..., 3] == 1).all()
    albedo.release()
    geometry_pass.release()


def test_torch_and_shader_agree_at_edges_too(context: moderngl.Context) -> None:
    model = two_walls(slope=0.4)
    signal = Texture.of(model)
    field = build_field(preset_recipe("pyramid", "texture", signal.facts), signal.facts).eval()
    with torch.no_grad():
        field.prepare(signal)
    geometry_pass = GeometryPass(context, model)
    shot = Shot(geometry_pass, FACING, SIZE)
    by_torch, by_shader = FieldShading(context, field), PyramidShading(context, field)
    pictures = [picture(shading, shot) for shading in (by_torch, by_shader)]
    assert np.ptp(pictures[0][..., 0]) > 0.9
    assert np.abs(pictures[0] - pictures[1]).max() < 1 / 255
    for part in (by_torch, by_shader, geometry_pass):
        part.release()
