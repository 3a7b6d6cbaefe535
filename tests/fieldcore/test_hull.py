"""The visual hull and the scene's box, on balls whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sphere_scenes import BALL, THREE, Balls, ball_views, cameras_around, photograph, spiral

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.views.hull import visual_hull
from fieldcore.views.orbit import looking_at

VERTICES = 41


def in_scene(views: fc.Views, vertices: int) -> np.ndarray:
    """Positions of a hull's vertices in the scene's coordinates, (z, y, x, 3)."""
    axis = torch.linspace(-1, 1, vertices, dtype=torch.float64)
    z, y, x = torch.meshgrid(axis, axis, axis, indexing="ij")
    matrix = views.source_from_scene
    return (torch.stack([x, y, z], -1) @ matrix[:3, :3].T + matrix[:3, 3]).numpy()


@pytest.mark.long
def test_a_hull_contains_the_object_and_shrinks_with_every_view() -> None:
    whole = ball_views(24, 48, THREE)
    x = in_scene(whole, VERTICES)
    truth = THREE.distance(x.reshape(-1, 3)).reshape(x.shape[:3]) / whole.facts.value_scale
    share = 1.0
    for count in (3, 6, 12, 24):
        hull = visual_hull("scene", whole.views[:count], VERTICES)
        assert bool((hull.distance.numpy()[truth < -0.02] < 0).all())
        assert hull.share < share
        share = hull.share
    assert share < 1.1 * (truth < 0).mean()


@pytest.mark.long
def test_the_distance_is_that_to_the_object() -> None:
    views = ball_views(30, 72)
    hull = visual_hull("scene", views.views, VERTICES)
    truth = BALL.distance(in_scene(views, VERTICES).reshape(-1, 3)).reshape((VERTICES,) * 3) / views.facts.value_scale
    off = np.abs(hull.distance.numpy() - truth)
    assert off[np.abs(truth) < 0.1].mean() < 0.006
    assert off.max() < 0.04
    x = 2 * torch.rand(500, 3) - 1
    matrix = views.source_from_scene.numpy()
    there = BALL.distance(x.double().numpy() @ matrix[:3, :3].T + matrix[:3, 3]) / views.facts.value_scale
    assert np.abs(hull(x).numpy() - there).mean() < 0.01
    assert min(hull.agreement) > 0.99 and hull.mesh.watertight


def test_the_box_is_the_objects() -> None:
    """Wherever the object is, whatever its size, and however the scene's axes lie."""
    for shift, size in (((0.0, 0.0, 0.0), 1.0), ((5.0, -2.0, 1.0), 3.0)):
        poses = [looking_at(centre * size + shift, np.array(shift)) for centre in spiral(18)]
        cameras = [fc.Camera(64, 64, 98.0, 98.0, 32.0, 32.0, pose) for pose in poses]
        balls = Balls(BALL.centres + shift, BALL.radii * size)
        views = fc.Views(cameras, [photograph(balls, camera, 2) for camera in cameras], holdout=0, has_masks=True)
        assert views.source_from_scene[:3, 3].numpy() == pytest.approx(shift, abs=0.02 * 1.2 * size)
        assert views.facts.value_scale * 1.8 == pytest.approx(1.2 * size, rel=0.02)


def test_a_scene_that_lies_on_its_side_stands_upright() -> None:
    turn = torch.tensor([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]]).double()  # y up becomes z up
    upright, pixels = cameras_around(12, 32), [photograph(THREE, camera, 2) for camera in cameras_around(12, 32)]
    one = fc.Views(upright, pixels, holdout=0, has_masks=True)
    other = fc.Views([camera.moved(turn) for camera in upright], pixels, holdout=0, has_masks=True)
    assert torch.allclose(other.source_from_scene, turn @ one.source_from_scene, atol=1e-6)
    for here, there in zip(one.views, other.views, strict=True):
        assert torch.allclose(here.camera.world_from_camera, there.camera.world_from_camera, atol=1e-6)


def test_views_that_do_not_belong_are_named() -> None:
    cameras = cameras_around(12, 32)
    pixels = [photograph(BALL, camera, 2) for camera in cameras]
    aside = torch.eye(4, dtype=torch.float64)
    aside[:3, 3] = torch.tensor([0.0, 3.0, 0.0])
    cameras[5] = cameras[5].moved(aside)
    with pytest.raises(InputError, match="the mask of view 5 shares no point in space with the others") as refusal:
        fc.Views(cameras, pixels, holdout=0, has_masks=True)
    assert "cameras or masks do not belong together" in str(refusal.value)
    flipped = [replace(camera, world_from_camera=camera.world_from_camera @ _BACK) for camera in cameras_around(12, 32)]
    with pytest.raises(InputError, match="check the cameras' axes"):
        fc.Views(flipped, pixels, holdout=0, has_masks=True)


_BACK = torch.diag(torch.tensor([1.0, -1, -1, 1], dtype=torch.float64))


def test_masks_that_say_nothing_are_refused() -> None:
    cameras = cameras_around(6, 16)
    pixels = [photograph(BALL, camera, 2) for camera in cameras]
    empty, full = np.zeros((16, 16, 4), np.uint8), np.full((16, 16, 4), 255, np.uint8)
    for wrong, message in (
        ([1], "the mask of view 1 is empty; leave out"),
        ([1, 3, 4], "the masks of views 1, 3 and 4 are empty"),
    ):
        with pytest.raises(InputError, match=message):
            fc.Views(cameras, [empty if n in wrong else p for n, p in enumerate(pixels)], has_masks=True)
    with pytest.raises(InputError, match="the mask of view 2 is full; leave out"):
        fc.Views(cameras, [full if n == 2 else p for n, p in enumerate(pixels)], has_masks=True)
    views = fc.Views(cameras, [full] * 6, "all white", has_masks=True)
    assert not views.has_masks and "masks are full in all views" in views.notices[0]
    with pytest.raises(InputError, match="views 'all white': these views have no masks; give --masks DIR"):
        views.hull()


def test_a_turned_view_is_named() -> None:
    """A camera that is off by some degrees leaves a hull, but one that its mask alone cuts."""
    cameras = cameras_around(16, 48)
    pixels = [photograph(BALL, camera, 2) for camera in cameras]
    angle = np.radians(6.0)
    turn = torch.eye(4, dtype=torch.float64)
    turn[:2, :2] = torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    cameras[5] = replace(
        cameras[5], world_from_camera=cameras[5].world_from_camera @ turn[[0, 2, 1, 3]][:, [0, 2, 1, 3]]
    )
    views = fc.Views(cameras, pixels, holdout=0, has_masks=True)
    (notice,) = visual_hull("scene", views.views, VERTICES).notices
    assert "scene: view 5 alone takes away" in notice and "does not belong to the others" in notice


def of_a_box(camera: fc.Camera, sides: tuple[float, float, float], supersampling: int = 3) -> np.ndarray:
    """A white picture of a box around the origin."""
    fine = camera.resized(camera.width * supersampling, camera.height * supersampling)
    origins, directions = (part.numpy() for part in fine.rays(fine.pixel_centres().double()))
    half = np.array(sides) / 2
    ends = np.stack([(-half - origins) / directions, (half - origins) / directions])
    hit = ends.min(0).max(1) < ends.max(0).min(1)
    alpha = hit.reshape(camera.height, supersampling, camera.width, supersampling).mean((1, 3))
    return np.repeat((alpha * 255 + 0.5).astype(np.uint8)[..., None], 4, axis=2)


def test_thin_parts_are_not_lost() -> None:
    """A sheet of a tenth of a cell, across all axes of the lattice, has its box, and stays whole."""
    cameras = cameras_around(20, 64)
    turn = torch.eye(4, dtype=torch.float64)
    turn[:3, :3] = torch.linalg.matrix_exp(torch.tensor([[0, -0.3, 0.2], [0.3, 0, -0.5], [-0.2, 0.5, 0]]).double())
    sides = (1.2, 0.8, 0.004)
    views = fc.Views(
        [camera.moved(turn) for camera in cameras],
        [of_a_box(camera, sides) for camera in cameras],
        holdout=0,
        has_masks=True,
    )
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * np.array(sides) / 2
    extent = np.ptp(corners @ turn[:3, :3].numpy().T, axis=0).max()
    assert views.facts.value_scale * 1.8 == pytest.approx(extent, rel=0.03)
    hull = visual_hull("scene", views.views, VERTICES)
    assert np.mean(hull.agreement) > 0.95 and hull.share < 0.05


def test_what_all_pictures_cut_off_ends() -> None:
    """A pole that goes on below all pictures does not go on forever."""
    cameras = [replace(camera, cy=camera.cy - 10.0) for camera in cameras_around(16, 48)]
    cameras = [camera for camera in cameras if abs(float(camera.centre[1])) < 1.5]
    views = fc.Views(cameras, [of_a_box(camera, (0.3, 40.0, 0.3), 2) for camera in cameras], holdout=0, has_masks=True)
    assert "touch their pictures' border" in " ".join(views.notices)
    assert views.facts.value_scale * 1.8 < 3.0
