"""Formats of scenes: three descriptions of the same cameras, real conventions, and what is refused in each."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from sphere_scenes import BALL, cameras_around, photograph, write_ball_scene, write_transforms

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.images import write_image
from fieldcore.views.background import mask_from_background
from fieldcore.views.formats import FORMATS, read_description
from fieldcore.views.formats.idr import decomposed
from fieldcore.views.written import WrittenScene, WrittenView

POINTS = torch.tensor([[0.0, 0.0, 0.0], [0.3, -0.2, 0.1], [-0.4, 0.1, 0.5]], dtype=torch.float64)


@pytest.fixture(scope="module")
def scene() -> WrittenScene:
    """Balls from cameras whose lenses have nothing in the middle."""
    cameras = [fc.Camera(24, 20, 40.0, 38.0, 11.0, 10.5, c.world_from_camera) for c in cameras_around(5, 8)]
    views = [WrittenView(f"v{number}", camera, photograph(BALL, camera, 2)) for number, camera in enumerate(cameras)]
    return WrittenScene(views, True, (0.1, 0.2, -0.1), 1.5)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read_again(name: str, scene: WrittenScene, tmp_path: Path) -> None:
    FORMATS[name].write(tmp_path, scene)
    assert read_description(tmp_path).format == name
    views = fc.Views.open(tmp_path, holdout=0)
    assert views.has_masks
    for view, written in zip(views.views, scene.views, strict=True):
        camera = view.camera.moved(views.source_from_scene)
        for one, other in zip(camera.project(POINTS), written.camera.project(POINTS), strict=True):
            assert torch.allclose(one, other, atol=1e-5)
        assert float((view.pixels() * 255 - torch.from_numpy(written.pixels)).abs().max()) < 1.01


def test_random_projections_and_back() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        lens = np.array([[rng.uniform(50, 90), rng.normal(), 30], [0, rng.uniform(50, 90), 20], [0, 0, 1]])
        rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        rotation *= np.linalg.det(rotation)
        centre = rng.normal(size=3)
        projection = rng.uniform(0.1, 5) * lens @ np.c_[rotation, -rotation @ centre]
        found = decomposed(projection)
        assert found is not None
        for one, other in ((found.lens, lens), (found.rotation, rotation), (found.centre, centre)):
            assert one == pytest.approx(other, abs=1e-9)
        assert np.linalg.det(decomposed(-projection).rotation) == pytest.approx(-1)  # type: ignore[union-attr]


def pictures(folder: Path, count: int, names: str = "{:03d}", size: tuple[int, int] = (20, 24)) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        write_image(folder / f"{names.format(number)}.png", np.full((*size, 3), number, np.uint8))


def test_idr_pixels_are_at_whole_numbers(tmp_path: Path) -> None:
    """By hand: OpenCV's axes, and half a pixel between its centre and ours."""
    matrices = {}
    for number in range(3):
        world = np.eye(4)
        world[:3] = np.array([[10.0, 0, 11.5], [0, 10, 9.5], [0, 0, 1]]) @ np.c_[np.eye(3), [0, 0, 2.0 + number]]
        matrices |= {f"world_mat_{number}": world, f"scale_mat_{number}": np.diag([3.0, 3, 3, 1])}
    np.savez(tmp_path / "cameras.npz", **matrices)
    pictures(tmp_path / "image", 3)
    camera = read_description(tmp_path).photographs[0].camera
    assert (camera.cx, camera.cy, camera.fx) == pytest.approx((12.0, 10.0, 10.0))
    assert camera.centre.numpy() == pytest.approx([0, 0, -2])
    seen, depth = camera.project(torch.tensor([[0.0, 0, 0], [0.2, 0, 0], [0, 0.2, 0]]))  # y of the world is down
    assert seen.numpy() == pytest.approx(np.array([[12, 10], [13, 10], [12, 11]]), abs=1e-5)
    assert depth.numpy() == pytest.approx(np.array([2, 2, 2]))


def test_colmap_by_hand(tmp_path: Path) -> None:
    """A camera turned by 90 degrees about y: what is on its world's +x is straight ahead."""
    folder = colmap_text(tmp_path, "1 SIMPLE_PINHOLE 24 20 10 12 10")
    half = 0.5**0.5
    lines = [f"{n + 1} {half} 0 {-half} 0 0 0 {n} 1 {n:03d}.png\n" for n in range(3)]
    (folder / "images.txt").write_text("# comment\n" + "1.0 2.0 -1\n".join(lines) + "\n")
    camera = read_description(tmp_path).photographs[0].camera
    seen, depth = camera.project(torch.tensor([[2.0, 0, 0], [2.0, 0.4, 0.0], [2.0, 0, -0.4]]))
    assert depth.numpy() == pytest.approx(np.array([2, 2, 2]), abs=1e-6)
    assert seen.numpy() == pytest.approx(np.array([[12, 10], [12, 12], [14, 10]]), abs=1e-5)


def colmap_text(scene: Path, camera: str, count: int = 3) -> Path:
    pictures(scene / "images", count)
    folder = scene / "sparse" / "0"
    folder.mkdir(parents=True)
    (folder / "cameras.txt").write_text(f"# comment\n{camera}\n")
    lines = [f"{n} 1 0 0 0 {n} 0 3 1 {n:03d}.png\n\n" for n in range(count)]
    (folder / "images.txt").write_text("".join(lines))
    return folder


def test_colmap_binary_is_as_text(tmp_path: Path) -> None:
    colmap_text(tmp_path / "text", "7 OPENCV 24 20 30 31 12 10 0.01 -0.02 0.001 0.002".replace("7 ", "1 "))
    other = tmp_path / "binary"
    pictures(other / "images", 3)
    (other / "sparse").mkdir()
    parameters = (30.0, 31.0, 12.0, 10.0, 0.01, -0.02, 0.001, 0.002)
    (other / "sparse" / "cameras.bin").write_bytes(struct.pack("<QiiQQ8d", 1, 1, 4, 24, 20, *parameters))
    content = struct.pack("<Q", 3)
    for n in range(3):
        content += struct.pack("<idddddddi", n, 1, 0, 0, 0, n, 0, 3, 1) + f"{n:03d}.png\0".encode()
        content += struct.pack("<Q", 2) + bytes(48)
    (other / "sparse" / "images.bin").write_bytes(content)
    for one, another in zip(*(read_description(p).photographs for p in (tmp_path / "text", other)), strict=True):
        assert one.name == another.name and one.distortion == another.distortion
        assert torch.equal(one.camera.matrix, another.camera.matrix)
    (other / "sparse" / "images.bin").write_bytes(content[:-30])
    with pytest.raises(InputError, match="the file is cut short or damaged"):
        read_description(other)


def test_a_bent_picture_becomes_straight(tmp_path: Path) -> None:
    """A bent line of bright pixels, drawn by the lens's formula, is where the straight camera sees the line."""
    size, k1 = 64, 0.15
    rows, columns = np.mgrid[:size, :size]
    x, y = (columns - 31.5) / 60, (rows - 31.5) / 60
    ideal_x, ideal_y = x.copy(), y.copy()
    for _ in range(30):
        factor = 1 + k1 * (ideal_x**2 + ideal_y**2)
        ideal_x, ideal_y = x / factor, y / factor
    picture = np.exp(-(((ideal_x - 0.3 * ideal_y - 0.1) * 15) ** 2))
    (tmp_path / "images").mkdir()
    frames = []
    for number, camera in enumerate(cameras_around(3, size)):
        write_image(tmp_path / "images" / f"{number}.png", picture.astype(np.float32)[..., None])
        matrix = camera.world_from_camera.tolist()
        frames.append({"file_path": f"images/{number}.png", "transform_matrix": matrix, "mask_path": None})
    lens = {"fl_x": 60.0, "cx": 32.0, "cy": 32.0, "k1": k1}
    (tmp_path / "transforms.json").write_text(json.dumps({**lens, "frames": frames}))
    view = fc.Views.open(tmp_path, holdout=0).views[0]
    grey = view.pixels()[..., 0]
    _, directions = view.camera.rays(view.camera.pixel_centres())
    there = directions @ view.camera.rotation.float()
    a, b = there[:, 0] / -there[:, 2], -there[:, 1] / -there[:, 2]
    expected = torch.exp(-(((a - 0.3 * b - 0.1) * 15) ** 2)).reshape(size, size)
    assert float((grey - expected).abs().max()) < 0.06
    assert view.camera.fx != 60


def test_pictures_of_another_size_than_their_cameras(tmp_path: Path) -> None:
    """Half as large: the camera is scaled. Of another shape: it stays, and recentring moves it."""
    folder = colmap_text(tmp_path, "1 SIMPLE_PINHOLE 48 40 20 24 20")
    views = fc.Views.open(tmp_path)
    assert (views.views[0].camera.fx, views.views[0].camera.cx) == (10, 12)
    assert "another number of pixels (24 x 20)" in " ".join(views.notices)
    (folder / "cameras.txt").write_text("1 SIMPLE_PINHOLE 30 40 20 14 20\n")
    write_image(tmp_path / "images" / "001.png", np.zeros((22, 24, 3), np.uint8))
    views = fc.Views.open(tmp_path)
    assert (views.views[1].camera.height, views.views[1].camera.cx, views.views[1].camera.cy) == (22, 14, 20)
    assert "of 2 sizes, but all cameras have one principal point (14, 20)" in " ".join(views.notices)
    views = fc.Views.open(tmp_path, recentre=True)
    assert [(view.camera.cx, view.camera.cy) for view in views.views] == [(12, 10), (12, 11), (12, 10)]
    assert views.facts.recentred and "principal" not in " ".join(views.notices)


def test_turned_pictures_are_as_their_cameras_see_them(tmp_path: Path) -> None:
    from PIL import Image

    folder = colmap_text(tmp_path, "1 SIMPLE_PINHOLE 24 20 10 12 10")
    pixels = np.zeros((20, 24, 3), np.uint8)
    pixels[:5, :5] = 255
    for number in range(3):
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(pixels).save(tmp_path / "images" / f"{number:03d}.png", exif=exif)
    views = fc.Views.open(tmp_path)
    assert "3 pictures are marked as turned (EXIF); they are read as stored" in " ".join(views.notices)
    assert torch.equal(views.views[0].pixels()[..., 0] * 255, torch.from_numpy(pixels[..., 0]).float())
    (folder / "cameras.txt").write_text("1 SIMPLE_PINHOLE 20 24 10 10 12\n")
    views = fc.Views.open(tmp_path)
    assert "they are read upright" in " ".join(views.notices)
    assert torch.equal(views.views[0].pixels()[..., 0] * 255, torch.from_numpy(np.rot90(pixels, -1)[..., 0].copy()))


def test_masks_are_found_by_name(tmp_path: Path) -> None:
    """By the picture's name, never by order, and kept soft."""
    cameras = cameras_around(4, 16)
    drawn = [photograph(BALL, camera) for camera in cameras]
    for how in ("{}.png", "mask_{}.png", "{}_mask.png", "{}.png.png"):
        scene = write_transforms(tmp_path / how.format("x"), cameras, [pixels[..., :3] for pixels in drawn])
        (scene / "masks").mkdir()
        for number, pixels in enumerate(drawn):
            write_image(scene / "masks" / how.format(f"{number:03d}"), pixels[..., 3])
        write_image(scene / "masks" / "0000.png", np.zeros((16, 16), np.uint8))  # sorted first, and nobody's
        views = fc.Views.open(scene, holdout=0)
        assert views.has_masks
        for view, pixels in zip(views.views, drawn, strict=True):
            assert torch.equal(view.pixels()[..., 3] * 255, torch.from_numpy(pixels[..., 3]).float())
        elsewhere = (scene / "masks").rename(scene / "elsewhere")
        assert not fc.Views.open(scene, holdout=0).has_masks
        assert fc.Views.open(scene, holdout=0, masks=elsewhere).facts.masks == str(elsewhere)


def test_masks_by_number_where_no_name_is_the_same(tmp_path: Path) -> None:
    """As the DTU scenes of IDR and NeuS have them: image/000000.png and mask/000.png."""
    cameras = cameras_around(4, 16)
    drawn = [photograph(BALL, camera) for camera in cameras]
    scene = write_transforms(tmp_path, cameras, [pixels[..., :3] for pixels in drawn])
    (scene / "mask").mkdir()
    for number, pixels in enumerate(drawn):
        write_image(scene / "mask" / f"{number:06d}.png", pixels[..., 3])
    for view, pixels in zip(fc.Views.open(scene, holdout=0).views, drawn, strict=True):
        assert torch.equal(view.pixels()[..., 3] * 255, torch.from_numpy(pixels[..., 3]).float())


def test_names_of_another_machine(tmp_path: Path) -> None:
    scene = write_ball_scene(tmp_path / "scene", 4, 16)
    content = json.loads((scene / "transforms.json").read_text())
    for frame, before in zip(
        content["frames"], ("/home/ada/", "C:\\ada\\", "/elsewhere/data/", "../other/"), strict=True
    ):
        frame["file_path"] = before + frame["file_path"]
    (scene / "transforms.json").write_text(json.dumps(content))
    assert len(fc.Views.open(scene).views) == 4


def test_masks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    cameras = cameras_around(4, 16)
    scene = write_transforms(tmp_path, cameras, [photograph(BALL, camera)[..., :3] for camera in cameras])
    with pytest.raises(InputError, match="no such folder"):
        fc.Views.open(scene, masks=scene / "nowhere")
    (scene / "masks").mkdir()
    for number in range(3):
        write_image(scene / "masks" / f"{number:03d}.png", np.zeros((16, 16), np.uint8))
    with pytest.raises(InputError, match=r"there is none for 1 of 4 pictures, such as '003.png'"):
        fc.Views.open(scene)
    write_image(scene / "masks" / "003.png", np.zeros((8, 9), np.uint8))
    with pytest.raises(InputError, match=r"003.png': it is 9 x 8 pixels, and its picture '003.png' is 16 x 16"):
        fc.Views.open(scene)


def test_masks_from_the_background(tmp_path: Path) -> None:
    cameras = cameras_around(6, 32)
    drawn = [photograph(BALL, camera) for camera in cameras]
    blue = np.array([30, 60, 220])
    on_blue = [(p[..., :3] + (1 - p[..., 3:] / 255) * blue).astype(np.uint8) for p in drawn]
    scene = write_transforms(tmp_path, cameras, on_blue)
    assert not fc.Views.open(scene).has_masks
    views = fc.Views.open(scene, holdout=0, mask_from_background=True)
    assert views.has_masks and views.facts.masks == "background"
    for view, pixels in zip(views.views, drawn, strict=True):
        differing = (view.pixels()[..., 3] > 0.5).numpy() != (pixels[..., 3] > 127)
        assert differing.mean() < 0.03
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    write_image(scene / "images" / "002.png", noise)
    with pytest.raises(InputError, match="of one colour, so no mask can be made from the background; give --masks"):
        fc.Views.open(scene, mask_from_background=True)


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    scene = write_ball_scene(tmp_path, 4, 16)
    path = scene / "images" / "002.png"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InputError, match=r"picture '.*002.png'"):
        fc.Views.open(scene)


def idr_scene(folder: Path, count: int = 3, **changed: object) -> Path:
    pictures(folder / "image", count)
    matrices: dict[str, object] = {}
    for number, camera in enumerate(cameras_around(3, 24)):
        matrix = np.eye(4)
        matrix[:3] = camera.matrix.numpy()
        matrices |= {f"world_mat_{number}": matrix, f"scale_mat_{number}": np.eye(4)}
    np.savez(folder / "cameras.npz", **(matrices | changed))
    return folder


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"world_mat_1": np.zeros((4, 4))}, r"camera 1 \('001.png'\): its projection is singular"),
        ({"world_mat_1": np.full((4, 4), np.nan)}, "singular or not finite"),
        ({"world_mat_1": np.diag([1.0, 1, -1, 1])}, "its matrix mirrors"),
        ({"world_mat_1": np.eye(3)}, r"its world_mat_1 is float64 of shape \(3, 3\)"),
        ({"scale_mat_2": np.diag([1.0, 2, 1, 1])}, "its scale_mat_2 is no similarity"),
        ({"scale_mat_0": np.diag([1.0, 1, -1, 1])}, "its scale_mat_0 is no similarity"),
        ({"scale_mat_1": np.diag([2.0, 2, 2, 2])}, "its scale_mat_1 is no similarity"),
        ({"world_mat_0": np.array([{}], dtype=object)}, "it holds pickled objects, which are never opened"),
        ({"world_mat_3": np.eye(4)}, "it has 4 cameras, and '.*image' has 3 pictures"),
    ],
)
def test_wrong_archives_are_refused(tmp_path: Path, changed: dict, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        read_description(idr_scene(tmp_path, **changed))
    assert "\n" not in str(refusal.value)


def test_archives_with_other_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"it has 3 cameras, and '.*image' has 5 pictures"):
        read_description(idr_scene(tmp_path / "more", 5))
    with pytest.raises(InputError, match="there is no folder 'image' with its pictures"):
        (idr_scene(tmp_path / "none") / "image").rename(tmp_path / "aside")
        read_description(tmp_path / "none")
    np.save(tmp_path / "single.npy", np.zeros((3, 3)))
    (tmp_path / "single.npy").rename(tmp_path / "cameras.npz")
    with pytest.raises(InputError, match=r"it is a single array \(.npy\)"):
        read_description(tmp_path)
    (tmp_path / "cameras.npz").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(InputError, match="it is no archive of arrays"):
        read_description(tmp_path)


def test_pictures_belong_to_cameras_by_number(tmp_path: Path) -> None:
    """10.png comes before 2.png by name."""
    pictures(tmp_path / "image", 11, "{}")
    matrices = {f"world_mat_{number}": np.eye(4) for number in range(11)}
    for matrix, camera in zip(matrices.values(), cameras_around(11, 24), strict=True):
        matrix[:3] = camera.matrix.numpy()
    np.savez(tmp_path / "cameras.npz", **matrices)
    assert [each.name for each in read_description(tmp_path).photographs] == [str(number) for number in range(11)]


@pytest.mark.parametrize(
    "camera, message",
    [
        ("1 OPENCV_FISHEYE 24 20 10 10 12 10 0 0 0 0", "model OPENCV_FISHEYE are not read, only SIMPLE_PINHOLE"),
        ("1 MAGIC 24 20 10", "model MAGIC are not read"),
        ("1 PINHOLE 24 20 10", "a PINHOLE has 4 parameters, got 1"),
        ("1 PINHOLE 24 20 -10 10 12 10", "image '000.png': its focal lengths are -10 and 10"),
        ("2 PINHOLE 24 20 10 10 12 10", "its camera 1 is not in the list of cameras"),
        ("one PINHOLE 24 20 10 10 12 10", "line 2: expected a camera's number"),
    ],
)
def test_wrong_models_are_refused(tmp_path: Path, camera: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        colmap_text(tmp_path, camera)
        read_description(tmp_path)


def test_wrong_images_of_models_are_refused(tmp_path: Path) -> None:
    folder = colmap_text(tmp_path, "1 PINHOLE 24 20 10 10 12 10")
    for content, message in (
        ("", "it has no images|has no images"),
        ("1 0 0 0 0 0 0 3 1 000.png\n\n", "its quaternion is .* which is no rotation"),
        ("1 1 0 0\n\n", "line 1: expected an image's number, quaternion"),
        ("1 1 0 0 0 0 0 3 1 000.png\n2 1 0 0 0 0 0 3 1 001.png\n", "line 2: expected the points of image '000.png'"),
        ("1 1 0 0 0 0 0 3 1 gone.png\n\n", "none of its 1 pictures is there"),
    ):
        (folder / "images.txt").write_text(content)
        with pytest.raises(InputError, match=message):
            read_description(tmp_path)


def test_a_ring_keeps_its_hole() -> None:
    rows, columns = np.mgrid[:80, :80] - 39.5
    radius = np.hypot(rows, columns)
    ring = (radius > 12) & (radius < 30)
    colours = np.where(ring[..., None], np.float32([0.8, 0.3, 0.2]), np.float32([0.4, 0.45, 0.5])).astype(np.float32)
    colours[3, 4] = 1.0
    colours[39 - 20, 39] = (0.4, 0.45, 0.5)
    colours += np.random.default_rng(0).normal(0, 0.008, colours.shape).astype(np.float32)
    assert np.array_equal(mask_from_background(colours, "ring")[..., 0] > 0.5, ring)


@pytest.mark.parametrize(
    "name, file", [("transforms", "transforms.json"), ("idr", "cameras.npz"), ("colmap", "sparse/0/images.txt")]
)
def test_garbled_files_are_read_or_refused(name: str, file: str, scene: WrittenScene, tmp_path: Path) -> None:
    """Whatever is in them: no exception but ours, in one sentence."""
    FORMATS[name].write(tmp_path, scene)
    sound = (tmp_path / file).read_bytes()
    dice = np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        start, end = sorted(dice.integers(0, len(sound), 2))
        text = bytes(dice.choice(list(b'0123456789-.naif{}[]", '), dice.integers(0, 6)).astype(np.uint8))
        (tmp_path / file).write_bytes(sound[:start] + text + sound[min(end, start + 12) :])
        try:
            read_description(tmp_path)
        except InputError as error:
            assert "\n" not in str(error) and "Traceback" not in str(error)
            refused += 1
    assert refused > 20
