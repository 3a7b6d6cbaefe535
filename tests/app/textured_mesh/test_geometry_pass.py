"""The geometry pass against closed forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from resources import Resources
from scenery import cylinder, cylinder_seen, derivative_by_pixel, model_of, plane_seen, quad, ray_directions

from app.camera.camera import Camera
from app.gl.offscreen import Offscreen
from app.scenes.textured_mesh.geometry_pass import GeometryArrays, GeometryPass, read_geometry
from app.scenes.textured_mesh.model_tables import table_size
from fieldcore.errors import InputError
from fieldcore.models import TexturedModel

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (160, 90)
FACING = Camera((0.0, 0.0, 3.0))
AT_AN_ANGLE = Camera.looking_at((0.0, 0.1, 0.0), (1.6, 0.9, 1.3))
FROM_BEHIND = Camera.looking_at((0.1, 0.0, 0.0), (-0.7, 0.4, -2.2))


@contextmanager
def passing(surface: Offscreen, model: TexturedModel) -> Iterator[GeometryPass]:
    geometry_pass = GeometryPass(surface.context, model)
    yield geometry_pass
    geometry_pass.release()


def seen(surface: Offscreen, model: TexturedModel, camera: Camera, size=SIZE, **options) -> GeometryArrays:
    with passing(surface, model) as geometry_pass:
        return read_geometry(geometry_pass.draw(camera, size, **options))


def uv_of_quad(camera: Camera, size, shift_px=(0.0, 0.0)) -> np.ndarray:
    return (plane_seen(camera, size, shift_px) + 1) / 2


def test_a_plane_facing_the_camera(surface_of: SurfaceOf) -> None:
    arrays = seen(surface_of(8, 8), quad(), FACING)
    by_pixel = 3 * 2 * np.tan(np.radians(20)) / SIZE[1] / 2
    inside = arrays.coverage == 1
    assert inside.sum() > 5000
    assert np.abs(arrays.jacobian[inside] - by_pixel * np.diag([1, -1])).max() < 1e-6 * by_pixel
    assert np.abs(arrays.uv - uv_of_quad(FACING, SIZE))[inside].max() < 1e-6
    assert np.abs(arrays.distance[inside] - 3).max() < 1e-6
    assert np.abs(arrays.normal[inside] - (0, 0, 1)).max() < 1e-6


@pytest.mark.parametrize("camera", [AT_AN_ANGLE, FROM_BEHIND], ids=["at an angle", "from behind"])
def test_a_plane_at_an_angle_is_a_homography(surface_of: SurfaceOf, camera: Camera) -> None:
    arrays = seen(surface_of(8, 8), quad(), camera)
    # (u c, v c, c) is linear in the pixel's position: three pixels fix it up to what u and v are there.
    right, up, forward = camera.axes
    by_pixel = 2 * np.tan(np.radians(camera.fov_deg) / 2) / SIZE[1]
    origin = forward - by_pixel * (SIZE[0] / 2 * right - SIZE[1] / 2 * up)
    rays = np.stack([by_pixel * right, -by_pixel * up, origin], -1)  # columns: by x, by y, constant
    eye = np.array(camera.position)
    hits = eye[:, None] * rays[2] - eye[2] * rays  # homogeneous, over rays[2]
    homography = np.stack([(hits[0] + rays[2]) / 2, (hits[1] + rays[2]) / 2, rays[2]])
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] + 0.5
    u, v, w = np.moveaxis(np.stack([x, y, np.ones_like(x)], -1) @ homography.T, -1, 0)
    expected = np.empty((*x.shape, 2, 2))
    for row, value in enumerate((u, v)):
        for column in (0, 1):
            expected[..., row, column] = (homography[row, column] - value / w * homography[2, column]) / w
    inside = arrays.coverage == 1
    assert inside.sum() > 2000
    assert np.abs(arrays.uv - np.stack([u / w, v / w], -1))[inside].max() < 2e-6
    scale = np.abs(expected).max((-1, -2))[..., None, None]
    assert (np.abs(arrays.jacobian - expected) / scale)[inside].max() < 2e-5
    assert (np.linalg.det(arrays.jacobian)[inside] * (-1 if camera is AT_AN_ANGLE else 1) > 0).all()


def test_mirrored_coordinates_turn_the_jacobian(surface_of: SurfaceOf) -> None:
    surface = surface_of(8, 8)
    plain = seen(surface, quad(), AT_AN_ANGLE)
    turned = seen(surface, quad(uv=((1, 0), (0, 0), (0, 1), (1, 1))), AT_AN_ANGLE)
    inside = plain.coverage == 1
    assert np.abs(turned.uv - (plain.uv * (-1, 1) + (1, 0)))[inside].max() < 2e-6
    assert np.abs(turned.jacobian - plain.jacobian * [[-1], [1]])[inside].max() < 1e-7


def test_a_cylinder_at_every_pixel_that_sees_it(surface_of: SurfaceOf) -> None:
    camera, segments = Camera.looking_at((0.0, 0.0, 0.0), (0.5, 0.8, 3.0)), 8192
    arrays = seen(surface_of(8, 8), cylinder(segments), camera)
    uv, cosine, _ = cylinder_seen(camera, SIZE)
    expected = derivative_by_pixel(lambda *view: cylinder_seen(*view)[0], camera, SIZE)
    outside = np.isfinite(uv).all(-1) & np.isfinite(expected).all((-1, -2)) & (arrays.coverage == 1)
    assert outside.sum() > 2500
    # A facet is turned by up to half a step from the cylinder, which matters the more the flatter it is seen.
    tangent = np.sqrt(1 - cosine**2) / cosine
    tolerance = (np.pi / segments * 2 * tangent + 2e-5) * np.abs(expected).max((-1, -2)) + 1e-9
    error = np.abs(arrays.jacobian - expected).max((-1, -2))
    assert (error <= tolerance)[outside].all(), (error / tolerance)[outside].max()
    off = arrays.uv - uv
    off -= np.round(off)
    assert (np.abs(off).max(-1) <= 1e-4 * tangent + 1e-5)[outside].all()


def test_seams_are_not_smeared(surface_of: SurfaceOf) -> None:
    camera = Camera((0.0, 0.0, 3.0))  # looks at the seam
    arrays = seen(surface_of(8, 8), cylinder(512), camera)
    jump = np.abs(np.diff(arrays.uv[..., 0], axis=1))
    beside = (jump > 0.5) & (arrays.coverage[:, 1:] == 1) & (arrays.coverage[:, :-1] == 1)
    assert beside.sum() > 50
    across = arrays.jacobian[:, 1:, 0, 0][beside]
    expected = 2.4 * 2 * np.tan(np.radians(20)) / SIZE[1] / (2 * np.pi * 0.6)
    assert np.abs(across - expected).max() < 0.02 * expected


def test_grazing_angles_give_finite_footprints_no_larger_than_the_texture(surface_of: SurfaceOf) -> None:
    surface = surface_of(8, 8)
    with passing(surface, quad()) as geometry_pass:
        covered = 0
        for height in (0.0, 1e-7, 1e-5, 1e-4, 1e-3, 1e-2):
            camera = Camera((0.0, -1.5, height), 0.0, 89.0)
            arrays = read_geometry(geometry_pass.draw(camera, (320, 320)))
            covered += int(arrays.covered.sum())
            for values in (arrays.uv, arrays.jacobian, arrays.distance, arrays.normal):
                assert np.isfinite(values).all()
            assert np.linalg.norm(arrays.jacobian, 2, axis=(-2, -1)).max() <= 1 + 1e-5
            assert arrays.uv.min() >= 0 and arrays.uv.max() <= 1
    assert covered > 1000


def test_only_the_long_axis_of_a_footprint_is_limited(surface_of: SurfaceOf) -> None:
    # A texture that repeats forty times, seen so flat that a pixel is longer than it but far from as wide.
    model = quad(uv=((0, 0), (40, 0), (40, 40), (0, 40)))
    camera, size = Camera((0.0, -1.2, 0.04), 0.0, 89.0), (200, 400)
    arrays = seen(surface_of(8, 8), model, camera, size)
    middle = arrays.jacobian[:, 99:101]
    limited = np.abs(np.linalg.norm(middle, 2, axis=(-2, -1)) - 1) < 1e-3
    assert limited.sum() > 10
    across = 20 * arrays.distance[:, 99:101] * 2 * np.tan(np.radians(20)) / size[1]
    assert np.abs(middle[..., 0, 0][limited] / across[limited] - 1).max() < 0.02


def test_finite_differences_agree_within_a_triangle(surface_of: SurfaceOf) -> None:
    triangle = model_of(
        [(-1.0, -0.7, 0.3), (0.9, -0.4, -0.6), (0.1, 0.9, 0.5)], [(0.1, 0.2), (0.9, 0.3), (0.35, 0.95)], [(0, 1, 2)]
    )
    arrays = seen(surface_of(8, 8), triangle, Camera.looking_at((0.0, 0.0, 0.0), (0.3, 0.2, 2.5)))
    full = arrays.coverage == 1
    for axis, column in ((1, 0), (0, 1)):
        ahead, behind = np.roll(arrays.uv, -1, axis), np.roll(arrays.uv, 1, axis)
        inside = full & np.roll(full, -1, axis) & np.roll(full, 1, axis)
        inside[[0, -1]] = inside[:, [0, -1]] = False
        assert inside.sum() > 1500
        difference = (ahead - behind) / 2
        size = np.abs(arrays.jacobian[inside]).max()
        assert np.abs(difference - arrays.jacobian[..., column])[inside].max() < 1e-3 * size


def _repeat(x):
    return x % 1, np.ones_like(x)


def _mirror(x):
    turn = x % 2
    return 1 - np.abs(turn - 1), np.where(turn > 1, -1.0, 1.0)


def _clamp(x):
    return x.clip(0, 1), np.where((x > 0) & (x < 1), 1.0, np.nan)


@pytest.mark.parametrize("wrap, law", [("repeat", _repeat), ("mirror", _mirror), ("clamp", _clamp)])
def test_wraps(surface_of: SurfaceOf, wrap: str, law) -> None:
    corners = ((-1.3, -0.4), (2.6, -0.4), (2.6, 1.9), (-1.3, 1.9))
    box = (0.25, 0.5, 0.5, 0.25)
    arrays = seen(surface_of(8, 8), quad(uv=corners, wraps=((wrap, wrap),), boxes=(box,)), AT_AN_ANGLE)
    place = uv_of_quad(AT_AN_ANGLE, SIZE)
    raw = place * (3.9, 2.3) + (-1.3, -0.4)
    inside = arrays.coverage == 1
    for axis in (0, 1):
        wrapped, sign = law(raw[..., axis])
        expected = box[axis] + box[2 + axis] * wrapped
        error = np.abs(arrays.uv[..., axis] - expected)
        error = np.minimum(error, np.abs(error - box[2 + axis]) if wrap == "repeat" else error)
        assert error[inside].max() < 1e-5
        slopes = derivative_by_pixel(uv_of_quad, AT_AN_ANGLE, SIZE)[..., axis, :] * (3.9, 2.3)[axis] * box[2 + axis]
        known = inside & np.isfinite(sign) & (np.abs(raw[..., axis] % 1 - 0.5) < 0.499)
        wanted = slopes * sign[..., None]
        assert np.abs(arrays.jacobian[..., axis, :] - wanted)[known].max() < 1e-3 * np.abs(slopes[inside]).max()


def test_a_clamped_texture_does_not_vary_far_beyond_its_border(surface_of: SurfaceOf) -> None:
    model = quad(uv=((-3, 0), (4, 0), (4, 1), (-3, 1)), wraps=(("clamp", "clamp"),))
    arrays = seen(surface_of(8, 8), model, FACING)
    left = (arrays.coverage == 1) & (plane_seen(FACING, SIZE)[..., 0] < -0.2)
    assert left.sum() > 500
    assert (arrays.jacobian[left][:, 0] == 0).all() and (arrays.uv[left][:, 0] == 0).all()
    assert (np.abs(arrays.jacobian[left][:, 1, 1]) > 1e-3).all()


def test_each_material_has_its_own_box_and_wrap(surface_of: SurfaceOf) -> None:
    boxes = ((0.0, 0.0, 0.5, 0.5), (0.5, 0.25, 0.5, 0.75))
    wraps = (("repeat", "repeat"), ("mirror", "clamp"))
    model = quad(uv=((0, 0), (1, 0), (1, 1), (0, 1)), boxes=boxes, wraps=wraps, materials=[0, 1])
    arrays = seen(surface_of(8, 8), model, FACING)
    u, v = np.moveaxis(uv_of_quad(FACING, SIZE), -1, 0)
    inside = (arrays.coverage == 1) & (np.abs(u - v) > 0.01)
    material = (v > u).astype(int)
    assert (arrays.material == material)[inside].all()
    box = np.array(boxes)[material]
    expected = box[..., :2] + box[..., 2:] * np.stack([u, v], -1)
    assert np.abs(arrays.uv - expected)[inside].max() < 2e-6


def test_a_whole_shift_moves_the_picture_by_whole_pixels(surface_of: SurfaceOf) -> None:
    surface = surface_of(8, 8)
    plain = seen(surface, cylinder(64), AT_AN_ANGLE)
    moved = seen(surface, cylinder(64), AT_AN_ANGLE, shift_px=(5.0, 3.0))
    off = np.abs(moved.coverage[:-3, :-5] - plain.coverage[3:, 5:])
    assert (off > 1e-6).mean() < 1e-3, "but for samples on the very edge"
    off = np.abs(moved.uv[:-3, :-5] - plain.uv[3:, 5:]).max(-1)
    assert np.quantile(off, 0.999) < 1e-5, "but for pixels on the edge between two facets"


@pytest.mark.parametrize("shift", [(0.31, -0.17), (-0.5, 0.5), (0.25, 0.75)])
def test_a_shift_by_parts_of_a_pixel_is_exact(surface_of: SurfaceOf, shift: tuple[float, float]) -> None:
    arrays = seen(surface_of(8, 8), quad(), AT_AN_ANGLE, shift_px=shift)
    inside = arrays.coverage == 1
    assert np.abs(arrays.uv - uv_of_quad(AT_AN_ANGLE, SIZE, shift))[inside].max() < 2e-6
    assert np.abs(arrays.uv - uv_of_quad(AT_AN_ANGLE, SIZE))[inside].max() > 5e-4


def test_coverage_adds_up_to_the_area(surface_of: SurfaceOf) -> None:
    # Turned, so that its edges run through pixels in all ways.
    angle = np.radians(27 + 90 * np.arange(4))
    corners = np.stack([np.cos(angle), np.sin(angle), np.zeros(4)], -1)
    model = model_of(corners, [(0, 0), (1, 0), (1, 1), (0, 1)], [(0, 1, 2), (0, 2, 3)])
    arrays = seen(surface_of(8, 8), model, FACING)
    side_px = np.sqrt(2) / (3 * 2 * np.tan(np.radians(20)) / SIZE[1])
    assert arrays.coverage.sum() == pytest.approx(side_px**2, rel=3e-3)
    assert arrays.coverage.min() >= 0 and arrays.coverage.max() == 1
    partial = (arrays.coverage > 0) & (arrays.coverage < 1)
    assert partial.sum() > 2 * side_px
    # Where only a part is covered the texture is that of the part: near the edge, never beyond it by a pixel.
    pixel = 1 / side_px
    assert (arrays.uv[partial] > -pixel).all() and (arrays.uv[partial] < 1 + pixel).all()
    assert (arrays.distance[partial] > 2.99).all()
    assert (arrays.uv[~arrays.covered] == 0).all() and (arrays.distance[~arrays.covered] == 0).all()


def test_both_sides_are_drawn_with_the_normal_towards_the_camera(surface_of: SurfaceOf) -> None:
    for camera, sign in ((FACING, 1), (Camera((0.0, 0.0, -3.0), 180.0), -1)):
        arrays = seen(surface_of(8, 8), quad(), camera)
        assert np.abs(arrays.normal[arrays.covered] - (0, 0, sign)).max() < 1e-6
    flat = seen(surface_of(8, 8), quad(normals=np.zeros((4, 3))), AT_AN_ANGLE)
    assert np.abs(flat.normal[flat.covered] - (0, 0, 1)).max() < 1e-6, "without normals the triangle's own"


def test_the_nearer_surface_hides_the_farther_one(surface_of: SurfaceOf) -> None:
    near, far = np.array(quad(half=0.5).vertices) + 0.01 * np.eye(3)[2], np.array(quad().vertices)
    uv = np.concatenate([np.full((4, 2), 0.25), np.full((4, 2), 0.75)])
    indices = [(4, 5, 6), (4, 6, 7), (0, 1, 2), (0, 2, 3)]
    arrays = seen(surface_of(8, 8), model_of(np.concatenate([near, far]), uv, indices), FACING)
    assert arrays.uv[45, 80, 0] == pytest.approx(0.25, abs=1e-6)
    assert arrays.uv[45, 80 - 35, 0] == pytest.approx(0.75, abs=1e-6)
    behind = seen(surface_of(8, 8), model_of(np.concatenate([near, far]), uv, indices), Camera((0.0, 0.0, -3.0), 180.0))
    assert behind.uv[45, 80, 0] == pytest.approx(0.75, abs=1e-6)


@pytest.mark.parametrize("camera", [Camera((0.0, 0.0, 3.0), 180.0), Camera((50.0, 0.0, 0.0), -90.0)])
def test_an_empty_frame(surface_of: SurfaceOf, camera: Camera) -> None:
    arrays = seen(surface_of(8, 8), quad(), camera)
    assert not arrays.covered.any()
    for values in (arrays.uv, arrays.jacobian, arrays.normal, arrays.distance):
        assert (values == 0).all()


def test_from_inside_every_pixel_sees_the_wall(surface_of: SurfaceOf) -> None:
    camera = Camera((0.1, 0.05, -0.1), 30.0, 0.0, 60.0)
    arrays = seen(surface_of(8, 8), cylinder(512), camera)
    assert (arrays.coverage == 1).all()
    hits = np.array(camera.position) + ray_directions(camera, SIZE) * arrays.distance[..., None]
    assert np.abs(np.hypot(hits[..., 0], hits[..., 2]) - 0.6).max() < 1e-4
    assert np.abs(arrays.uv[..., 1] - (hits[..., 1] + 1) / 2).max() < 1e-5


def test_every_triangle_of_a_large_model_has_its_own_plane(surface_of: SurfaceOf) -> None:
    cells = 300  # 180,000 triangles, u grows with the square of x
    x = np.linspace(-1, 1, cells + 1)
    grid = np.stack(np.meshgrid(x, x), -1).reshape(-1, 2)
    vertices = np.concatenate([grid, np.zeros((len(grid), 1))], 1)
    uv = np.stack([((grid[:, 0] + 1) / 2) ** 2, (grid[:, 1] + 1) / 2], -1)
    first = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    corners = np.stack([first, first + 1, first + cells + 2, first + cells + 1], -1)
    model = model_of(vertices, uv, np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]]))
    size = (500, 300)
    arrays = seen(surface_of(8, 8), model, FACING, size)
    place = plane_seen(FACING, size)[..., 0]
    cell = np.floor((place + 1) / 2 * cells)
    between = np.abs((place + 1) / 2 * cells - cell - 0.5) < 0.45
    slope = (2 * cell + 1) / cells  # of the secant through the cell, by (x + 1) / 2
    by_pixel = 3 * 2 * np.tan(np.radians(20)) / size[1] / 2
    inside = (arrays.coverage == 1) & between
    assert inside.sum() > 30000
    assert np.abs(arrays.jacobian[..., 0, 0] - slope * by_pixel)[inside].max() < 1e-4 * by_pixel


def test_triangles_without_an_area_in_space_or_in_the_texture_are_harmless(surface_of: SurfaceOf) -> None:
    model = model_of(
        [(-1, -1, 0), (1, -1, 0), (1, 1, 0), (0, 0, 0.5), (0, 0, 0.5), (0.5, 0, 0.5)],
        [(0.3, 0.4), (0.3, 0.4), (0.3, 0.4), (0, 0), (1, 0), (0, 1)],
        [(0, 1, 2), (3, 4, 5)],
    )
    arrays = seen(surface_of(8, 8), model, FACING)
    assert arrays.covered.sum() > 1000
    assert (arrays.jacobian == 0).all()
    assert np.abs(arrays.uv[arrays.covered] - (0.3, 0.4)).max() < 1e-6


def test_geometry_stays_as_long_as_it_is_referred_to(surface_of: SurfaceOf) -> None:
    with passing(surface_of(8, 8), quad()) as geometry_pass:
        first = geometry_pass.draw(FACING, SIZE)
        before = read_geometry(first).uv
        second = geometry_pass.draw(AT_AN_ANGLE, SIZE)
        assert second.uv.glo != first.uv.glo
        assert (read_geometry(first).uv == before).all()
        textures = {first.uv.glo, second.uv.glo}
        del first, second
        assert geometry_pass.draw(FACING, SIZE).uv.glo in textures


def test_memory_stays_flat_over_draws_and_sizes(surface_of: SurfaceOf, resources: Resources) -> None:
    surface = surface_of(8, 8)
    before = resources.alive
    with passing(surface, quad()) as geometry_pass:
        counts = []
        for _ in range(5):
            for size in ((64, 32), (40, 40)):
                geometry_pass.draw(FACING, size)
                counts.append(resources.alive)
        assert len(set(counts)) == 1 and counts[0] > before + 8
    assert resources.alive == before


def test_a_driver_with_small_textures_refuses_by_name() -> None:
    rows, in_a_row = table_size(5_000_000, 16384, "fish")
    assert rows * in_a_row >= 5_000_000 and max(rows, 3 * in_a_row) <= 4096
    assert table_size(341 * 1024, 1024, "fish") == (1024, 341)
    with pytest.raises(InputError, match="'fish': this driver draws at most 349,184 triangles, it has 349,185"):
        table_size(341 * 1024 + 1, 1024, "fish")
    assert table_size(0, 1024, "fish") == (1, 1)
