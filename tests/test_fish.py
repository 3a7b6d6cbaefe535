"""The shipped model: what its script makes, fit to be drawn, and hard on whoever samples its texture naively."""

import json

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from app.path.path_file import read_path
from app.resources import asset_path
from assets.fish import atlas
from assets.fish.body import body
from assets.fish.fin_paint import FIN_PAINTS
from assets.fish.flight import write_flight
from assets.fish.glb import fish_texture
from assets.fish.mesh import fish_mesh

PATCHES = [atlas.BODY, atlas.EYE, *(paint.patch for paint in FIN_PAINTS)]


@pytest.fixture(scope="module")
def shipped():
    (model,) = trimesh.load(asset_path("fish.glb"), process=False).geometry.values()
    return model


@pytest.fixture(scope="module")
def texture(shipped):
    """Display-encoded, in [0, 1]."""
    return np.asarray(shipped.visual.material.baseColorTexture.convert("RGB")) / 255


@pytest.fixture(scope="module")
def painted():
    """What the script paints, before it is a JPEG."""
    return fish_texture() / 255


def facing(positions, triangles):
    """Twice the area of each triangle, as a vector along its normal."""
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a)


def test_the_shipped_mesh_is_what_the_script_makes(shipped):
    made = fish_mesh(body())
    np.testing.assert_array_equal(shipped.faces, made.triangles)
    np.testing.assert_allclose(shipped.vertices, made.positions, atol=1e-6)
    np.testing.assert_allclose(shipped.vertex_normals, made.normals, atol=1e-5)
    np.testing.assert_allclose(shipped.visual.uv, made.uv, atol=1e-6)


@pytest.mark.long
def test_the_shipped_texture_is_what_the_script_paints(texture, painted):
    difference = texture - painted
    assert difference.shape == (2048, 2048, 3)
    assert np.sqrt((difference**2).mean()) < 0.035  # what JPEG leaves out
    assert np.abs(difference.mean((0, 1))).max() < 0.002


def test_one_double_sided_material(shipped):
    assert shipped.visual.material.doubleSided is True
    assert asset_path("fish.glb").stat().st_size < 3.5e6


def test_it_fills_the_unit_cube(shipped):
    np.testing.assert_allclose(shipped.bounds.sum(0), 0, atol=1e-6)
    np.testing.assert_allclose(np.abs(shipped.bounds[:, 0]), 1, atol=1e-6)
    assert np.abs(shipped.bounds).max() < 1 + 1e-6


def test_every_triangle_has_an_area_on_the_fish(shipped):
    areas = np.linalg.norm(facing(shipped.vertices, shipped.faces), axis=-1) / 2
    assert areas.min() > 1e-9
    assert 5_000 < len(areas) < 15_000


def test_every_triangle_lies_in_one_patch_of_the_texture(shipped):
    """Texture coordinates are in [0, 1], and no triangle reaches across from one patch into the next."""
    corners = shipped.visual.uv[shipped.faces] * atlas.SIZE
    inside = np.zeros(len(corners), int)
    for patch in PATCHES:
        low = np.array([patch.left, patch.bottom])
        size = np.array([patch.width, patch.height])
        inside += ((corners >= low) & (corners <= low + size)).all((1, 2))
    np.testing.assert_array_equal(inside, 1)


def test_patches_tile_the_texture():
    owners = np.zeros((atlas.SIZE, atlas.SIZE), int)
    for patch in PATCHES:
        owners[patch.window] += 1
    np.testing.assert_array_equal(owners, 1)


def test_texels_and_texture_coordinates_agree():
    """A texel's centre has the texture coordinates of its place in the picture, whose first row is on top."""
    for patch in PATCHES:
        rows, columns = patch.window
        a, b = patch.texels()
        expected_u = (np.arange(columns.start, columns.stop) + 0.5) / atlas.SIZE
        expected_v = 1 - (np.arange(rows.start, rows.stop) + 0.5) / atlas.SIZE
        np.testing.assert_allclose(patch.uv(a, b)[..., 0], np.broadcast_to(expected_u, a.shape), atol=1e-12)
        np.testing.assert_allclose(patch.uv(a, b)[..., 1], np.broadcast_to(expected_v[:, None], a.shape), atol=1e-12)


def test_normals_are_unit_and_on_the_side_that_triangles_face(shipped):
    normals = shipped.vertex_normals
    np.testing.assert_allclose(np.linalg.norm(normals, axis=-1), 1, atol=1e-5)
    faces = facing(shipped.vertices, shipped.faces)
    faces /= np.linalg.norm(faces, axis=-1, keepdims=True)
    assert (faces * normals[shipped.faces].mean(1)).sum(-1).min() > 0


def test_the_skin_is_closed_and_faces_outward(shipped):
    """Body and fins enclose a positive volume; the largest is the body, which nothing looks into."""
    welded = trimesh.Trimesh(shipped.vertices.round(6), shipped.faces, process=False)
    welded.merge_vertices(merge_norm=True, merge_tex=True)
    parts = sorted(welded.split(only_watertight=False), key=lambda part: len(part.faces))
    assert parts[-1].is_watertight
    assert parts[-1].volume > 0.1
    assert min(part.volume for part in parts) > 0


@pytest.mark.long
def test_both_sides_wear_the_same_coat_but_for_their_scales(painted):
    """Eyes, gill covers and stripes are on both sides: the patch of the body is symmetric about the back."""
    height, width = atlas.BODY.height, atlas.BODY.width
    coarse = painted[atlas.BODY.window].reshape(height // 40, 40, width // 64, 64, 3).mean((1, 3))
    assert np.abs(coarse - coarse[::-1]).mean() < 0.04 < coarse.std()


def test_the_texture_is_rich_near_its_nyquist_frequency(texture):
    """More than a twelfth of the contrast of the scales is finer than four texels."""
    scaled = texture[708:1948, 800:2000].mean(-1)
    window = np.outer(*(np.hanning(n) for n in scaled.shape))
    power = np.abs(np.fft.fft2((scaled - scaled.mean()) * window)) ** 2
    rows, columns = (np.abs(np.fft.fftfreq(n)) for n in scaled.shape)
    fine = np.maximum(rows[:, None], columns) > 1 / 4
    assert power[fine].sum() / power.sum() > 1 / 12


def test_every_fourth_texel_is_a_poor_stand_in_for_the_mean_of_sixteen(texture):
    """Sampled naively from afar, the coat of scales misses its mean by a tenth of the range."""
    scaled = texture[708:1948, 800:2000].mean(-1)
    means = scaled.reshape(310, 4, 300, 4).mean((1, 3))
    assert np.sqrt(((scaled[2::4, 2::4] - means) ** 2).mean()) > 0.1


def test_the_shipped_flight_is_what_the_script_makes(tmp_path):
    made = tmp_path / "flight.json"
    write_flight(made, tmp_path / "fish.glb")
    made, shipped = (json.loads(file.read_text()) for file in (made, asset_path("flight.json")))
    keyframes = [(document.pop("keyframes")) for document in (made, shipped)]
    assert made == shipped
    for new, old in zip(*keyframes, strict=True):
        np.testing.assert_allclose(np.hstack(list(new.values())), np.hstack(list(old.values())), atol=2e-3)


def test_the_flight_is_a_loop_near_and_far_and_never_inside(shipped):
    path = read_path(asset_path("flight.json"))
    assert path.still.model == str(asset_path("fish.glb"))
    times = path.frame_times()
    assert (path.closed, len(times)) == (True, 240)
    cameras = [path.at(time).camera for time in times]
    positions = np.array([camera.position for camera in cameras])
    distances = cKDTree(shipped.triangles_center).query(positions)[0]
    assert 0.15 < distances.min() < 0.3
    assert distances.max() > 2
    steps = np.linalg.norm(positions - np.roll(positions, 1, axis=0), axis=-1)
    assert steps.max() < 0.2
    for camera in cameras:
        seen = (shipped.vertices - camera.position) @ camera.axes.T
        ahead = seen[seen[:, 2] > 0.01]
        half = np.tan(np.radians(camera.fov_deg / 2))
        in_frame = np.abs(ahead[:, :2]) < ahead[:, 2:] * half * np.array([16 / 9, 1])
        assert in_frame.all(-1).mean() > 0.02
