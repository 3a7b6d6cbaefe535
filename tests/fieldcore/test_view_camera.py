"""Cameras: rays and projections agree, with the conventions of docs/conventions.md."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.views.camera import similarity_parts
from fieldcore.views.domain import nearest_to_axes, upright_axes


def rotation(seed: int) -> torch.Tensor:
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return torch.tensor(q * np.sign(np.linalg.det(q)))


def random_camera(seed: int, **lens: float) -> fc.Camera:
    rng = np.random.default_rng(seed)
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, :3], pose[:3, 3] = rotation(seed), torch.tensor(rng.normal(size=3) * 3)
    values = {"fx": rng.uniform(50, 90), "fy": rng.uniform(50, 90), "cx": rng.uniform(20, 40), "cy": 22.5} | lens
    return fc.Camera(64, 48, world_from_camera=pose, **values)


def test_a_ray_is_seen_where_it_began() -> None:
    for seed in range(5):
        camera = random_camera(seed, skew=3.0)
        pixels = torch.rand(50, 2, dtype=torch.float64) * torch.tensor([64.0, 48.0], dtype=torch.float64)
        origins, directions = camera.rays(pixels)
        assert torch.allclose(directions.norm(dim=1), torch.ones(50, dtype=torch.float64))
        along = torch.linspace(0.1, 20, 50, dtype=torch.float64)[:, None]
        seen, depth = camera.project(origins + along * directions)
        assert torch.allclose(seen, pixels, atol=1e-9)
        assert torch.allclose(depth, along[:, 0] * -(directions @ camera.rotation)[:, 2])
        floats, _ = camera.project((origins + along * directions).float())
        assert torch.allclose(floats, pixels.float(), atol=2e-3)


def test_rays_are_of_the_positions_type() -> None:
    for dtype in (torch.float32, torch.float64):
        assert {part.dtype for part in random_camera(0).rays(torch.zeros(3, 2, dtype=dtype))} == {dtype}


def test_projections_by_hand() -> None:
    camera = fc.Camera(4, 2, 10.0, 20.0, 2.0, 1.0, torch.eye(4, dtype=torch.float64), skew=2.0)
    points = torch.tensor([[0.0, 0, -1], [0.1, 0, -1], [0, 0.1, -1], [0.2, 0.1, -2], [0, 0, 1]])
    seen, depth = camera.project(points)
    assert torch.allclose(seen[:4], torch.tensor([[2.0, 1], [3, 1], [1.8, -1], [2.9, 0]]))
    assert depth.tolist() == [1, 1, 1, 2, -1]


def test_up_is_up_and_the_first_pixel_is_in_the_upper_left_corner() -> None:
    camera = fc.Camera(4, 2, 4.0, 4.0, 2.0, 1.0, torch.eye(4, dtype=torch.float64))
    centres = camera.pixel_centres()
    assert centres.tolist() == [[x, y] for y in (0.5, 1.5) for x in (0.5, 1.5, 2.5, 3.5)]
    _, directions = camera.rays(centres)
    assert (directions[0, 0] < 0, directions[0, 1] > 0, directions[0, 2] < 0) == (True, True, True)


def test_a_smaller_picture_shows_the_same() -> None:
    camera = random_camera(3, skew=1.5)
    small = camera.resized(16, 24)
    points = camera.centre + torch.tensor([[0.0, 0, 0]]) - camera.rotation[:, 2] * 4 + torch.randn(20, 3).double()
    factor = torch.tensor([0.25, 0.5], dtype=torch.float64)
    assert torch.allclose(small.project(points)[0], camera.project(points)[0] * factor)


def test_other_coordinates_show_the_same() -> None:
    camera = random_camera(4)
    similarity = torch.eye(4, dtype=torch.float64)
    similarity[:3, :3], similarity[:3, 3] = 2.5 * rotation(9), torch.tensor([1.0, -2, 3])
    points = torch.randn(20, 3).double()
    moved = points @ similarity[:3, :3].T + similarity[:3, 3]
    there = camera.moved(similarity)
    assert torch.allclose(there.project(moved)[0], camera.project(points)[0])
    assert torch.allclose(there.project(moved)[1], camera.project(points)[1] * 2.5)
    scale, turned, shift = similarity_parts(similarity)
    assert scale == pytest.approx(2.5)
    assert torch.allclose(turned, rotation(9)) and torch.allclose(shift, similarity[:3, 3])


def test_what_is_no_camera_is_refused() -> None:
    eye = torch.eye(4, dtype=torch.float64)
    mirrored, singular = torch.diag(torch.tensor([1.0, 1, -1, 1])), torch.diag(torch.tensor([1.0, 1, 0, 1]))
    sheared = eye.clone()
    sheared[0, 1] = 0.5
    for change, message in (
        ({"fx": 0.0}, "focal lengths are 0 and"),
        ({"fy": -3.0}, "expected numbers above 0"),
        ({"fx": math.nan}, "focal lengths"),
        ({"cx": math.inf}, "principal point"),
        ({"width": 0}, "at least one pixel"),
        ({"world_from_camera": mirrored.double()}, "mirrors"),
        ({"world_from_camera": singular.double()}, "singular"),
        ({"world_from_camera": eye * math.nan}, "NaN"),
        ({"world_from_camera": sheared}, "no rotation"),
    ):
        good = {"width": 4, "height": 4, "fx": 1.0, "fy": 1.0, "cx": 2.0, "cy": 2.0, "world_from_camera": eye}
        with pytest.raises(InputError, match=message):
            fc.Camera(**(good | change))  # type: ignore[arg-type]
    for matrix in (mirrored, singular, sheared, eye * math.nan):
        with pytest.raises(InputError, match="expected a similarity"):
            similarity_parts(matrix.double())


def test_the_point_nearest_to_lines() -> None:
    point = torch.tensor([1.0, 2, 3], dtype=torch.float64)
    directions = torch.nn.functional.normalize(torch.randn(6, 3).double(), dim=1)
    found, certainty = nearest_to_axes(point + 3 * directions, directions)
    assert torch.allclose(found, point) and certainty > 0.1
    assert nearest_to_axes(torch.randn(6, 3).double(), directions[:1].expand(6, 3))[1] < 1e-9


def test_the_domain_stands_upright() -> None:
    """Whichever axis of the scene is up, it is y of the domain."""
    for axis in range(3):
        for sign in (1.0, -1.0):
            up = torch.zeros(3, dtype=torch.float64)
            up[axis] = sign
            pose = torch.eye(4, dtype=torch.float64)
            pose[:3, :3] = torch.stack([up.roll(1), up, torch.linalg.cross(up.roll(1), up)], 1)
            axes = upright_axes([fc.Camera(4, 4, 4.0, 4.0, 2.0, 2.0, pose)] * 3)
            assert torch.equal(axes[:, 1], up)
            assert float(torch.linalg.det(axes)) == 1 and torch.equal(axes.T @ axes, torch.eye(3).double())
