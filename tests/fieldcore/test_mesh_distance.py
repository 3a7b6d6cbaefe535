"""Exact signed distance: against closed forms and against every triangle tried one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh
from solids import cube, cube_distance, mesh_of

from fieldcore.signals.mesh_distance import MeshDistance


def points(count: int = 500, half: float = 1.6, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-half, half, (count, 3))


def distance_of(solid: trimesh.Trimesh) -> MeshDistance:
    mesh = mesh_of(solid)
    return MeshDistance(mesh.vertices, mesh.triangles)


def distance_to_triangle(point: np.ndarray, corners: np.ndarray) -> float:
    """By hand: to the plane where the foot lies inside, else to the nearest side."""
    a, b, c = corners
    normal = np.cross(b - a, c - a)
    foot = point - normal * (np.dot(point - a, normal) / np.dot(normal, normal))
    sides = [(a, b), (b, c), (c, a)]
    if all(np.dot(np.cross(end - start, foot - start), normal) >= 0 for start, end in sides):
        return float(np.linalg.norm(point - foot))
    nearest = []
    for start, end in sides:
        share = np.clip(np.dot(point - start, end - start) / np.dot(end - start, end - start), 0, 1)
        nearest.append(np.linalg.norm(point - start - share * (end - start)))
    return float(min(nearest))


def test_a_cube_has_its_closed_form() -> None:
    x = points()
    expected = cube_distance(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(distance_of(cube())(x), expected, atol=1e-12)


def test_every_triangle_tried_one_by_one_gives_the_same() -> None:
    solid = trimesh.creation.icosphere(subdivisions=1)
    solid.vertices *= 1 + 0.3 * np.random.default_rng(1).standard_normal((len(solid.vertices), 1))
    x = points(60)
    expected = [min(distance_to_triangle(point, corners) for corners in solid.triangles) for point in x]
    np.testing.assert_allclose(np.abs(distance_of(solid)(x)), expected, atol=1e-10)


def test_an_inside_out_mesh_is_as_solid() -> None:
    solid = cube()
    solid.invert()
    np.testing.assert_allclose(distance_of(solid)(points()), distance_of(cube())(points()), atol=1e-12)


def test_two_bodies_are_the_nearer_of_both() -> None:
    one, other = cube(0.6), cube(0.6)
    one.apply_translation((-0.8, 0, 0))
    other.apply_translation((0.8, 0.1, 0))
    x = points()
    expected = np.minimum(distance_of(one)(x), distance_of(other)(x))
    np.testing.assert_allclose(distance_of(trimesh.util.concatenate([one, other]))(x), expected, atol=1e-9)


def test_a_missing_side_is_closed_by_the_winding_number() -> None:
    solid = cube()
    open_cube = trimesh.Trimesh(solid.vertices, solid.faces[np.abs(solid.face_normals @ (0, 0, 1) - 1) > 1e-6])
    assert len(open_cube.faces) == 10
    deep, outside = distance_of(open_cube)(np.array([[0.0, 0, -0.5], [0, 0, 1.5]]))
    assert deep == pytest.approx(-0.5)
    assert outside == pytest.approx(np.hypot(1, 0.5))


def test_what_encloses_nothing_has_no_inside() -> None:
    plane = trimesh.Trimesh([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], [[0, 1, 2], [0, 2, 3]], process=False)
    x = points(half=0.99)
    np.testing.assert_allclose(distance_of(plane)(x), np.abs(x[:, 2]), atol=1e-12)


def test_batched_equals_looped_bit_for_bit() -> None:
    distance, x = distance_of(trimesh.creation.icosphere(subdivisions=2)), points(50)
    looped = np.concatenate([distance(x[i : i + 1]) for i in range(50)])
    assert np.array_equal(distance(x), looped)
    assert distance(np.zeros((0, 3))).shape == (0,)
