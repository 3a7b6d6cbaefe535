"""Photographs of scenes: what is read of them, and what they are as data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sphere_scenes import (
    BALL,
    ball_views,
    cameras_around,
    photograph,
    spiral,
    write_ball_scene,
    write_transforms,
)
from trimesh.creation import icosphere

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.images import write_image
from fieldcore.views.orbit import looking_at


def test_a_scene_in_memory() -> None:
    views = ball_views(9, 16, holdout=4)
    assert [view.name for view in views.held_out] == ["0", "4", "8"]
    assert len(views.training) == 6 and views.has_masks
    assert views.facts.type == "views" and len(views.facts.views) == 9
    pixels = views.views[1].pixels()
    assert pixels.shape == (16, 16, 4) and pixels.dtype == torch.float32
    assert bool((pixels[..., :3] <= pixels[..., 3:] + 1e-6).all())


def test_domain_coordinates_are_the_scenes() -> None:
    views = ball_views(9, 16)
    for camera, view in zip(cameras_around(9, 16), views.views, strict=True):
        x = torch.rand(10, 3).double() - 0.5
        matrix = views.source_from_scene
        there = x @ matrix[:3, :3].T + matrix[:3, 3]
        assert torch.allclose(view.camera.project(x)[0], camera.project(there)[0])


def test_a_true_mesh_beside_photographs_is_in_their_domain(tmp_path: Path) -> None:
    scene = write_ball_scene(tmp_path / "balls", 5, 24)
    assert fc.Views.open(scene).known_truth() is None
    icosphere(subdivisions=4, radius=0.6).export(scene / "truth.ply")
    views = fc.Views.open(scene)
    shape = views.known_truth()
    assert shape is not None
    x = 2 * torch.rand(50, 3, generator=torch.Generator().manual_seed(0)) - 1
    matrix = views.source_from_scene.float()
    there = (x @ matrix[:3, :3].T + matrix[:3, 3]).norm(dim=1) - 0.6
    assert torch.allclose(shape(x)[:, 0] * views.facts.value_scale, there, atol=3e-3)
    (scene / "truth.ply").write_bytes(b"ply, or not")
    broken = fc.Views.open(scene)
    assert broken.known_truth() is None and "no truth to compare with" in broken.notices[-1]
    of_other_names = fc.Views.open_again(replace(views.facts, views=("a", "b"), held_out_views=()), str(scene))
    assert len(of_other_names.held_out) == 5, "a field of other photographs has seen none of these"


def test_pixels_agree_with_rays(tmp_path: Path) -> None:
    """What a ray through a pixel hits has the pixel's colour: no half pixel off, no axis exchanged."""
    cameras = cameras_around(4, 32)
    scene = write_transforms(tmp_path / "a scene", cameras, [photograph(BALL, camera) for camera in cameras])
    views = fc.Views.open(scene, holdout=0)
    for view in views.views:
        matrix = views.source_from_scene
        camera = view.camera.moved(matrix)
        origins, directions = (part.double().numpy() for part in camera.rays(camera.pixel_centres().double()))
        depth, normals = BALL.hits(origins, directions)
        pixels = view.pixels().reshape(-1, 4).numpy()
        inside = pixels[:, 3] == 1
        assert np.isfinite(depth[inside]).all() and not np.isfinite(depth[pixels[:, 3] == 0]).any()
        points = origins[inside] + depth[inside, None] * directions[inside]
        assert np.abs(BALL.colours(points, normals[inside]) - pixels[inside, :3]).mean() < 0.01


def test_pictures_are_shrunk_with_their_cameras(tmp_path: Path) -> None:
    cameras = cameras_around(3, 64)
    scene = write_transforms(tmp_path, cameras, [photograph(BALL, camera) for camera in cameras])
    small, own = fc.Views.open(scene, size=16, holdout=0), fc.Views.open(scene, holdout=0)
    for view, whole in zip(small.views, own.views, strict=True):
        assert (view.camera.width, view.camera.height, view.camera.fx * 4) == (16, 16, whole.camera.fx)
        blocks = whole.pixels().reshape(16, 4, 16, 4, 4).mean((1, 3))
        assert float((view.pixels() - blocks)[..., 3].abs().max()) < 0.01
        assert float((view.pixels() - blocks).abs().mean()) < 0.01


def test_grey_palette_and_deep_pictures(tmp_path: Path) -> None:
    cameras = cameras_around(4, 8)
    scene = write_transforms(tmp_path, cameras, [np.full((8, 8, 3), 128, np.uint8)] * 4)
    from PIL import Image

    images = scene / "images"
    write_image(images / "000.png", np.full((8, 8, 1), 0.5, np.float32), bits=16)
    write_image(images / "001.png", np.full((8, 8, 1), 128, np.uint8))
    Image.fromarray(np.full((8, 8, 3), 128, np.uint8)).convert("P", palette=Image.Palette.ADAPTIVE).save(
        images / "002.png"
    )
    views = fc.Views.open(scene, holdout=0)
    assert not views.has_masks
    for view in views.views:
        assert float((view.pixels() - torch.tensor([0.5, 0.5, 0.5, 1.0])).abs().max()) < 0.01


def test_without_masks_the_domain_is_where_cameras_look() -> None:
    target = np.array([4.0, 1.0, -2.0])
    poses = [looking_at(centre + target, target) for centre in spiral(8)]
    cameras = [fc.Camera(8, 8, 12.0, 12.0, 4.0, 4.0, pose) for pose in poses]
    views = fc.Views(cameras, [np.full((8, 8, 4), 255, np.uint8)] * 8)
    assert views.source_from_scene[:3, 3].numpy() == pytest.approx(target)
    assert min(float(view.camera.centre.abs().max()) for view in views.views) == pytest.approx(1)
    assert "the point that the cameras look at, (4, 1, -2)" in views.notices[0]


def test_cameras_that_look_nowhere_together() -> None:
    poses = torch.eye(4, dtype=torch.float64).repeat(4, 1, 1)
    poses[:, 0, 3] = torch.arange(4)
    cameras = [fc.Camera(8, 8, 12.0, 12.0, 4.0, 4.0, pose) for pose in poses]
    views = fc.Views(cameras, [np.full((8, 8, 4), 255, np.uint8)] * 4)
    assert "look at no common point" in views.notices[0]
    assert all(float(view.camera.centre.abs().max()) <= 1 for view in views.views)


def test_frames_without_a_picture_are_left_out(tmp_path: Path) -> None:
    cameras = cameras_around(6, 8)
    scene = write_transforms(tmp_path, cameras, [photograph(BALL, camera) for camera in cameras])
    (scene / "images" / "001.png").unlink()
    (scene / "images" / "004.png").unlink()
    views = fc.Views.open(scene, holdout=0)
    assert [view.name for view in views.views] == ["000", "002", "003", "005"]
    assert "2 of its 6 pictures are not there ('images/001.png' is the first); the other 4 are used" in views.notices[0]


def test_names_without_suffix_and_angles_of_view(tmp_path: Path) -> None:
    """As the synthetic scenes of NeRF have them, with test views of their own."""
    cameras = cameras_around(4, 8)
    scene = write_transforms(tmp_path, cameras, [photograph(BALL, camera) for camera in cameras], "train")
    frames = json.loads((scene / "transforms.json").read_text())["frames"]
    for frame in frames:
        frame["file_path"] = "./" + frame["file_path"].removesuffix(".png")
    angle = {"camera_angle_x": 2 * np.arctan(4 / cameras[0].fx)}
    (scene / "transforms_train.json").write_text(json.dumps(angle | {"frames": frames[:3]}))
    (scene / "transforms_test.json").write_text(json.dumps(angle | {"frames": frames[3:]}))
    (scene / "transforms.json").unlink()
    views = fc.Views.open(scene)
    assert [view.held_out for view in views.views] == [False, False, False, True]
    assert views.views[0].camera.fx == pytest.approx(cameras[0].fx)
    assert len(fc.Views.open(scene, holdout=0).views) == 3


def change(scene: Path, change: dict, frame: dict) -> None:
    content = json.loads((scene / "transforms.json").read_text())
    content["frames"][1] |= frame
    (scene / "transforms.json").write_text(json.dumps(content | change))


MIRROR = np.diag([1.0, 1, -1, 1]).tolist()


@pytest.mark.parametrize(
    "of_file, of_frame, message",
    [
        ({"frames": []}, {}, "it has no frames"),
        ({"fl_x": 0.0}, {}, "frame 0 .*focal lengths are 0 and"),
        ({"fl_x": "wide"}, {}, "its fl_x is 'wide'; expected a number"),
        ({"fl_x": None, "fl_y": None}, {}, "it has no focal length"),
        ({"camera_model": "OPENCV_FISHEYE"}, {}, "model OPENCV_FISHEYE are not read"),
        ({}, {"transform_matrix": MIRROR}, r"frame 1 \('images/001.png'\): its matrix mirrors"),
        ({}, {"transform_matrix": [[0.0] * 4] * 4}, "frame 1 .*singular"),
        ({}, {"transform_matrix": [1, 2]}, "its matrix has shape"),
        ({}, {"transform_matrix": "eye"}, "no matrix of numbers"),
        ({}, {"file_path": 3}, "frame 1: it has no file_path"),
        ({}, {"mask_path": "nowhere.png"}, "its mask 'nowhere.png' is not there"),
        ({}, {"k3": 0.1}, "its lens has k3, which is not read"),
        ({}, {"mask_path": 5}, "its mask '5' is not there"),
        ({}, {"transform_matrix": [[10**400] * 4] * 4}, "no matrix of numbers"),
        ({}, {"transform_matrix": np.diag([1.0, 1, 1, 2]).tolist()}, r"last row of its matrix is \(0, 0, 0, 2\)"),
        ({}, {"transform_matrix": np.diag([1e300, 1, 1, 1]).tolist()}, "beyond 3e38"),
        ({"fl_x": 10**400}, {}, r"its fl_x is 10+\.\.\.; expected a number"),
        ({"fl_x": None, "fl_y": None, "camera_angle_x": 36}, {}, "its camera_angle_x is 36; expected radians"),
        ({"camera_model": "MAGIC"}, {}, "model MAGIC are not read, only PINHOLE"),
    ],
)
def test_wrong_transforms_are_refused(tmp_path: Path, of_file: dict, of_frame: dict, message: str) -> None:
    cameras = cameras_around(3, 8)
    scene = write_transforms(tmp_path, cameras, [np.full((8, 8, 3), 99, np.uint8)] * 3)
    change(scene, of_file, of_frame)
    with pytest.raises(InputError, match=message) as refusal:
        fc.Views.open(scene)
    assert "\n" not in str(refusal.value)


def test_what_is_no_scene_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "transforms.json").write_text("{")
    for path, message in (
        (tmp_path / "nowhere", "no such file or folder"),
        (tmp_path, "it has no file that describes cameras"),
        (tmp_path / "broken", "it is no JSON"),
    ):
        with pytest.raises(InputError, match=message):
            fc.Views.open(path)


def test_too_few_views_are_refused(tmp_path: Path) -> None:
    for count, message in ((1, "one view has no depth"), (2, "it has 2 views, expected at least 3")):
        cameras = cameras_around(count, 8)
        scene = write_transforms(tmp_path / str(count), cameras, [np.full((8, 8, 3), 99, np.uint8)] * count)
        with pytest.raises(InputError, match=message):
            fc.Views.open(scene)


def test_cameras_in_one_place_are_refused(tmp_path: Path) -> None:
    camera = cameras_around(1, 16)[0]
    scene = write_transforms(tmp_path, [camera] * 4, [photograph(BALL, camera)] * 4)
    with pytest.raises(InputError, match="all 4 cameras stand in one place, so there is no depth"):
        fc.Views.open(scene)


def test_a_picture_that_is_listed_twice_is_taken_once(tmp_path: Path) -> None:
    """So that none is both trained on and held out; and with a byte order mark the file is JSON, too."""
    scene = write_ball_scene(tmp_path, 5, 16)
    content = json.loads((scene / "transforms.json").read_text())
    (scene / "transforms_test.json").write_text(json.dumps(content | {"frames": content["frames"][3:]}))
    content["frames"].append(content["frames"][0])
    (scene / "transforms.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(content).encode())
    views = fc.Views.open(scene)
    assert [view.held_out for view in views.views] == [False, False, False, True, True]
    assert "3 pictures are listed more than once" in " ".join(views.notices)


def test_what_holdout_leaves_has_depth(tmp_path: Path) -> None:
    scene = write_ball_scene(tmp_path, 3, 16)
    with pytest.raises(InputError, match=r"2 of its 3 views are kept for testing, .*--holdout 0"):
        fc.Views.open(scene, holdout=2)
    assert len(fc.Views.open(scene, holdout=3).training) == 2


def test_silence_is_broken_about_masks_and_shapes(tmp_path: Path) -> None:
    """A mask for some, values of 0 and 1, two for one picture, and a camera that is of another shape of picture."""
    cameras = cameras_around(4, 16)
    drawn = [photograph(BALL, camera) for camera in cameras]
    mixed = write_transforms(tmp_path / "mixed", cameras, [drawn[0][..., :3], *drawn[1:]])
    views = fc.Views.open(mixed)
    assert not views.has_masks and "1 of 4 views (000) have no mask, so those of the others" in " ".join(views.notices)
    scene = write_transforms(tmp_path / "dark", cameras, [pixels[..., :3] for pixels in drawn])
    change(scene, {}, {"w": 8})
    (scene / "masks").mkdir()
    for number, pixels in enumerate(drawn):
        write_image(scene / "masks" / f"{number:03d}.png", (pixels[..., 3] > 127).astype(np.uint8))
    with pytest.raises(InputError, match="are empty: no value is above 1 of 255; write masks of 0 and 255"):
        fc.Views.open(scene)
    write_image(scene / "masks" / "001.jpg", drawn[1][..., 3])
    with pytest.raises(InputError, match=r"there are several for 1 of 4 pictures, such as '001.png'"):
        fc.Views.open(scene)
    (scene / "masks").rename(tmp_path / "aside")
    told = " ".join(fc.Views.open(scene).notices)
    assert "1 of 4 views (001) have another shape (001: 16 x 16) than their cameras were described for (8 x 16)" in told


def test_a_scene_opens_again_as_a_field_saw_it(tmp_path: Path) -> None:
    folder = write_ball_scene(tmp_path / "a scene", count=6, size=32)
    views = fc.Views.open(folder, size=24, holdout=3)
    facts = views.facts
    assert facts.held_out_views == tuple(view.name for view in views.held_out) and facts.longest_side_px == 24
    again = fc.Views.open_again(facts, str(folder))
    assert again.facts == facts
    for one, other in zip(views.views, again.views, strict=True):
        assert one.held_out == other.held_out
        assert torch.allclose(one.camera.world_from_camera, other.camera.world_from_camera, atol=1e-12)
