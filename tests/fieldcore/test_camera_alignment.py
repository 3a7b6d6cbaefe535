"""Aligning cameras with the exact ones, in closed form."""

import pytest
import torch
from sphere_scenes import ball_views, cameras_around

from fieldcore.fields.refined_poses import rotations
from fieldcore.fields.surface_looking import Rendering
from fieldcore.views.alignment import aligning, best_similarity, camera_errors
from fieldcore.views.camera import Camera
from fieldcore.views_scoring import view_scores


def similarity() -> torch.Tensor:
    matrix = torch.eye(4, dtype=torch.float64)
    matrix[:3, :3] = 1.7 * rotations(torch.tensor([[0.3, -1.2, 0.5]], dtype=torch.float64))[0]
    matrix[:3, 3] = torch.tensor([0.4, -0.1, 2.0])
    return matrix


def test_a_random_similarity_is_undone_exactly() -> None:
    points = torch.randn(20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    moved = points @ similarity()[:3, :3].T + similarity()[:3, 3]
    assert torch.allclose(best_similarity(points, moved), similarity(), atol=1e-12)


def test_moved_cameras_have_no_errors_and_turned_ones_their_angle() -> None:
    exact = cameras_around(9, 64)
    small = torch.eye(4, dtype=torch.float64)
    small[:3, :3] = 1.01 * rotations(torch.tensor([[0.02, -0.01, 0.03]], dtype=torch.float64))[0]
    none = camera_errors([camera.moved(small) for camera in exact], exact)
    assert max(none.rotation_deg_most, none.centre_most, none.pixels_most) < 1e-5
    turned = []
    for number, camera in enumerate(exact):  # about their own axes, to and fro, so that nothing is in common
        about = rotations((0.01 if number % 2 else -0.01) * camera.rotation[:, 2][None])[0]
        pose = camera.world_from_camera.clone()
        pose[:3, :3] = about @ pose[:3, :3]
        turned.append(type(camera)(64, 64, camera.fx, camera.fy, camera.cx, camera.cy, pose))
    found = camera_errors(turned, exact)
    assert found.rotation_deg == pytest.approx(0.573, abs=0.15) and found.centre < 0.02 and found.pixels > 0.05


def test_unseen_views_are_judged_where_refined_cameras_have_the_scene() -> None:
    """A field in coordinates of its own, which shows every photograph exactly to the camera that took it."""
    views = ball_views(9, 16, holdout=3, source_from_scene=torch.eye(4))
    turned = similarity()
    turned[:3, 3] = 0  # both have the scene's middle at the origin
    own = [view.camera.moved(turned.inverse()) for view in views.training]
    found = aligning(own, [view.camera for view in views.training])

    class Exact:
        def render(self, camera: Camera) -> Rendering:
            there = camera.moved(turned)
            view = min(views.views, key=lambda one: float((one.camera.centre - there.centre).norm()))
            assert torch.allclose(there.world_from_camera, view.camera.world_from_camera, atol=1e-6)
            pixels = view.pixels()
            return Rendering(pixels[..., :3], pixels[..., 3], pixels[..., 3], pixels[..., :3])

    assert min(score.psnr for score in view_scores(Exact(), views, found).values()) > 100
