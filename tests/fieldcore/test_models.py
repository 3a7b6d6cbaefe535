"""Models: geometry, texture coordinates and textures of every format, by values known beforehand."""

import json
import struct

import numpy as np
import pytest
import torch
import trimesh
from model_files import (
    CORNERS,
    HALVES,
    QUADRANTS,
    SQUARE,
    data_uri,
    gltf,
    write_gltf,
    write_obj,
    write_ply,
    write_quadrants,
)

from fieldcore.images import linear_from_display, write_image
from fieldcore.models import TexturedModel, load_model
from fieldcore.signals import Texture, domain_from_uv

MTL = "newmtl skin\nKd 0.2 0.4 0.6\n"


def source_positions(model: TexturedModel) -> np.ndarray:
    homogeneous = np.concatenate([model.vertices.astype(np.float64), np.ones((len(model.vertices), 1))], 1)
    return (homogeneous @ model.source_from_model.T)[:, :3]


def uv_at(model: TexturedModel, positions: np.ndarray) -> np.ndarray:
    """Texture coordinates of the vertices nearest to positions of the file."""
    distance = np.linalg.norm(source_positions(model)[:, None] - positions[None], axis=2)
    assert distance.min(0) == pytest.approx(0, abs=1e-5)
    return model.uv[distance.argmin(0)]


def colours_at(model: TexturedModel, uv: np.ndarray) -> np.ndarray:
    signal = Texture.of(model)
    return signal(domain_from_uv(torch.from_numpy(np.asarray(uv, np.float32)), signal.facts)).numpy()


INSIDE = np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]])
COLOURS = np.array([QUADRANTS[1, 0], QUADRANTS[1, 1], QUADRANTS[0, 1], QUADRANTS[0, 0]])  # v up: the last row first


def written(folder, form):
    """The same square with the same texture in every format."""
    write_quadrants(folder / "my skin.png")
    if form == "obj":
        (folder / "square.mtl").write_text(f"{MTL}map_Kd my skin.png\n")
        return write_obj(folder / "square.obj", head="mtllib square.mtl", use="usemtl skin")
    if form.startswith("ply"):
        return write_ply(folder / "square.ply", form[4:].replace("-", " "), "binary" in folder.name, "my skin.png")
    if form == "gltf":
        return write_gltf(folder / "square.gltf", gltf(images=[{"uri": "my%20skin.png"}]))
    image = {"uri": data_uri((folder / "my skin.png").read_bytes())}
    (folder / "my skin.png").unlink()
    description = gltf(images=[image])
    text = json.dumps(description).encode()
    text += b" " * (-len(text) % 4)
    (folder / "square.glb").write_bytes(struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text), len(text), b"JSON") + text)
    return folder / "square.glb"


@pytest.mark.parametrize("form", ["obj", "ply-s-t", "ply-u-v", "ply-texture_u-texture_v", "gltf", "glb"])
@pytest.mark.parametrize("coding", ["text", "binary"])
def test_every_format_gives_the_same_square(tmp_path, form, coding):
    folder = tmp_path / coding
    folder.mkdir()
    model = load_model(written(folder, form))
    assert model.notices == ()
    assert uv_at(model, SQUARE) == pytest.approx(CORNERS, abs=1e-6)
    assert np.abs(model.vertices).max(0).tolist() == [1, 1, 0]
    assert model.normals == pytest.approx(np.tile([0, 0, 1], (len(model.vertices), 1)))
    assert len(model.triangles) == 2 and set(model.materials) == {0}
    assert colours_at(model, INSIDE) == pytest.approx(COLOURS, abs=1e-6)
    assert model.sheet.boxes.tolist() == [[0, 0, 1, 1]]
    types = [model.vertices, model.normals, model.uv, model.triangles, model.materials, model.sheet.pixels]
    assert [array.dtype.name for array in types] == ["float32"] * 3 + ["int32"] * 2 + ["float32"]


def test_source_from_model_leads_back_to_the_file(tmp_path):
    vertices = np.array([[-3.0, 100, 0.5], [5, 102, 0.5], [1, 101, 2.5], [0, 100, 1]])
    model = load_model(write_obj(tmp_path / "a.obj", vertices, faces=[[0, 1, 2], [0, 2, 3]]))
    assert uv_at(model, vertices) == pytest.approx(CORNERS)
    assert model.vertices.min(0) == pytest.approx([-1, -0.25, -0.25])
    assert model.vertices.max(0) == pytest.approx([1, 0.25, 0.25])


def test_transforms_of_a_scene_are_applied_and_mirrored_parts_keep_their_front(tmp_path):
    write_quadrants(tmp_path / "skin.png")
    nodes = [{"children": [1, 2]}, {"mesh": 0}, {"mesh": 0, "scale": [-2, 1, 1], "translation": [0, 5, 0]}]
    model = load_model(write_gltf(tmp_path / "a.gltf", gltf(nodes=nodes)))
    assert uv_at(model, SQUARE) == pytest.approx(CORNERS, abs=1e-6)
    assert uv_at(model, SQUARE * [-2, 1, 1] + [0, 5, 0]) == pytest.approx(CORNERS, abs=1e-5)
    assert model.sheet.boxes.shape == (1, 4) and len(model.triangles) == 4
    a, b, c = (model.vertices[model.triangles[:, corner]] for corner in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > 0).tolist() == [False, False, True, True] or (
        np.cross(b - a, c - a)[:, 2] > 0
    ).all()
    assert model.normals[:, 2].min() == pytest.approx(1.0)


def test_samplers_give_the_wrap_and_an_option_overrides_it(tmp_path):
    write_quadrants(tmp_path / "skin.png")
    sampler = {"wrapS": 33071, "wrapT": 33648}
    path = write_gltf(tmp_path / "a.gltf", gltf(samplers=[sampler]))
    assert load_model(path).sheet.wraps == (("clamp", "mirror"),)
    assert load_model(path, wrap="repeat").sheet.wraps == (("repeat", "repeat"),)
    assert load_model(write_gltf(path, gltf())).sheet.wraps == (("repeat", "repeat"),)


def test_a_material_chooses_its_set_of_coordinates_and_may_transform_them(tmp_path):
    write_quadrants(tmp_path / "skin.png")
    description = gltf()
    attributes = description["meshes"][0]["primitives"][0]["attributes"]
    attributes.update({"TEXCOORD_0": 0, "TEXCOORD_1": 1})
    transform = {"offset": [0.5, 0.25], "scale": [2, 3], "rotation": np.pi / 2}
    reference = {"index": 0, "texCoord": 1, "extensions": {"KHR_texture_transform": transform}}
    description["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"] = reference
    model = load_model(write_gltf(tmp_path / "a.gltf", description))
    # The extension's own formula on stored coordinates (v down): offset + rotation scale (u, v).
    stored = CORNERS * [1, -1] + [0, 1]
    expected = np.stack([0.5 + 3 * stored[:, 1], 0.25 - 2 * stored[:, 0]], -1)
    assert uv_at(model, SQUARE) == pytest.approx(expected * [1, -1] + [0, 1], abs=1e-5)


def test_whole_numbers_as_coordinates_are_normalised(tmp_path):
    write_quadrants(tmp_path / "skin.png")
    description = gltf()
    stored = ((CORNERS * [1, -1] + [0, 1]) * 65535).astype("<u2")
    description["buffers"][1] = {"uri": data_uri(stored.tobytes()), "byteLength": stored.nbytes}
    description["bufferViews"][1]["byteLength"] = stored.nbytes
    description["accessors"][1].update(componentType=5123, normalized=True)
    assert uv_at(load_model(write_gltf(tmp_path / "a.gltf", description)), SQUARE) == pytest.approx(CORNERS)


def test_base_colour_stands_alone_and_tints_a_texture(tmp_path):
    write_image(tmp_path / "skin.png", np.full((4, 4, 3), 188, np.uint8))
    material = {"pbrMetallicRoughness": {"baseColorFactor": [0.5, 0.25, 1, 1]}}
    alone = load_model(write_gltf(tmp_path / "a.gltf", gltf(materials=[material])))
    linear = linear_from_display(alone.sheet.pixels.reshape(-1, 3))
    assert linear == pytest.approx(np.tile([0.5, 0.25, 1], (len(linear), 1)), abs=1e-5)
    material["pbrMetallicRoughness"]["baseColorTexture"] = {"index": 0}
    tinted = load_model(write_gltf(tmp_path / "b.gltf", gltf(materials=[material])))
    grey = linear_from_display(np.float32([188 / 255]))[0]
    assert linear_from_display(tinted.sheet.pixels[0, 0]) == pytest.approx([grey / 2, grey / 4, grey], abs=1e-5)
    assert alone.notices == tinted.notices == ()


@pytest.mark.parametrize(("mode", "expected"), [("OPAQUE", [1, 0, 0]), ("BLEND", [1, 0.8, 0.8])])
def test_alpha_is_composited_on_white_where_a_material_blends(tmp_path, mode, expected):
    pixels = np.tile(np.array([255, 0, 0, 51], np.uint8), (4, 4, 1))
    write_image(tmp_path / "skin.png", pixels)
    material = {"alphaMode": mode, "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}
    model = load_model(write_gltf(tmp_path / "a.gltf", gltf(materials=[material])))
    assert model.sheet.pixels[1, 1] == pytest.approx(np.array(expected), abs=1e-6)
    by_option = load_model(write_obj(tmp_path / "b.obj"), texture=tmp_path / "skin.png")
    assert by_option.sheet.pixels[1, 1] == pytest.approx(np.array([1, 0.8, 0.8]), abs=1e-6)


def test_grey_sixteen_bit_and_single_pixel_textures(tmp_path):
    obj = write_obj(tmp_path / "a.obj")
    write_image(tmp_path / "grey.png", np.full((3, 5, 1), 30000, np.uint16))
    assert load_model(obj, texture=tmp_path / "grey.png").sheet.pixels == pytest.approx(
        np.full((3, 5, 3), 30000 / 65535), abs=1e-6
    )
    write_image(tmp_path / "dot.png", np.array([[[255, 0, 51]]], np.uint8))
    dot = load_model(obj, texture=tmp_path / "dot.png").sheet.pixels
    assert dot == pytest.approx(np.tile([1, 0, 0.2], (2, 2, 1)), abs=1e-6)


@pytest.mark.parametrize(
    "statement",
    [
        "map_Kd my skin.png",
        "map_kd  -s 1 1 1 my skin.png",
        "map_Kd -mm 0 1 -blendu on my skin.png",
        'map_Kd "my skin.png"',
        "map_Kd C:\\Users\\somebody\\textures\\my skin.png",
        "map_Kd /home/somebody/MY SKIN.PNG",
    ],
)
def test_texture_names_as_people_write_them(tmp_path, statement):
    write_quadrants(tmp_path / "my skin.png")
    (tmp_path / "a b.mtl").write_text(f"{MTL}{statement}\n")
    model = load_model(write_obj(tmp_path / "a.obj", head="mtllib a b.mtl", use="usemtl skin"))
    assert model.notices == ()
    assert colours_at(model, INSIDE) == pytest.approx(COLOURS, abs=1e-6)


def test_an_mtl_may_clamp(tmp_path):
    write_quadrants(tmp_path / "skin.png")
    (tmp_path / "a.mtl").write_text(f"{MTL}map_Kd -clamp on skin.png\n")
    model = load_model(write_obj(tmp_path / "a.obj", head="mtllib a.mtl", use="usemtl skin"))
    assert model.sheet.wraps == (("clamp", "clamp"),)


def test_indices_that_count_from_the_end(tmp_path):
    near, far = SQUARE, SQUARE + np.array([0, 0, 5])
    text = "".join(
        "".join(f"v {x} {y} {z}\n" for x, y, z in part)
        + "".join(f"vt {u} {v}\n" for u, v in CORNERS)
        + "f -4/-4 -3/-3 -2/-2\nf -4/-4 -2/-2 -1/-1\n"
        for part in (near, far)
    )
    (tmp_path / "a.obj").write_text(text)
    model = load_model(tmp_path / "a.obj")
    assert len(model.triangles) == 4
    assert uv_at(model, np.concatenate([near, far])) == pytest.approx(np.concatenate([CORNERS, CORNERS]))


def test_the_one_picture_whose_name_fits_is_taken_and_said(tmp_path):
    path = write_obj(tmp_path / "cow_triangulated.obj")
    write_image(tmp_path / "other.png", np.zeros((4, 4, 3), np.uint8))
    write_quadrants(tmp_path / "cow_texture.png")
    model = load_model(path)
    assert colours_at(model, INSIDE) == pytest.approx(COLOURS, abs=1e-6)
    assert "'cow_texture.png' beside it is taken" in model.notices[0]
    write_quadrants(tmp_path / "cow_other.png")
    (notice,) = load_model(path).notices
    assert "2 pictures beside it might be meant" in notice and "test pattern" in notice


def test_a_missing_texture_gives_a_test_pattern_and_says_so(tmp_path):
    (tmp_path / "a.mtl").write_text(f"{MTL}map_Kd gone away.png\n")
    model = load_model(write_obj(tmp_path / "a.obj", head="mtllib a.mtl", use="usemtl skin"))
    assert model.notices == (
        "model 'a.obj': material 'skin': its texture 'gone away.png' is not there; a test pattern stands for it",
    )
    # All cells of the pattern differ, so that every place on a model can be told.
    cells = model.sheet.pixels.reshape(8, 128, 8, 128, 3)[:, 3:7, :, 3:7].mean((1, 3)).reshape(64, 3)
    distance = np.abs(cells[:, None] - cells[None]).max(2) + np.eye(64)
    assert distance.min() > 0.02


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n0000"])
def test_a_broken_texture_gives_a_test_pattern_and_says_so(tmp_path, content):
    (tmp_path / "skin.png").write_bytes(content)
    (notice,) = load_model(write_gltf(tmp_path / "a.gltf", gltf())).notices
    assert "'skin.png'" in notice and "a test pattern stands for it" in notice


def test_a_large_texture_is_shrunk_to_what_is_allowed(tmp_path):
    write_image(tmp_path / "wide.png", np.full((32, 300, 3), 100, np.uint8))
    model = load_model(write_obj(tmp_path / "a.obj"), texture=tmp_path / "wide.png", max_texture_px=150)
    assert model.sheet.pixels.shape == (16, 150, 3)
    assert model.sheet.pixels == pytest.approx(np.full((16, 150, 3), 100 / 255), abs=1e-5)
    assert model.notices == ("model 'a.obj': a texture of 300 x 32 pixels is too large and was shrunk to 150 x 16",)


def test_normals_of_a_sphere_point_outwards_across_the_seam_of_its_texture(tmp_path):
    sphere = trimesh.creation.uv_sphere(radius=3, count=[32, 32])
    angles = np.arctan2(sphere.vertices[:, 1], sphere.vertices[:, 0]) / (2 * np.pi)
    uv = np.stack([angles, sphere.vertices[:, 2] / 6 + 0.5], -1)
    faces = sphere.faces
    # Every triangle with vertices of its own, as if all of them lay on seams.
    path = write_obj(
        tmp_path / "s.obj", sphere.vertices[faces.ravel()], uv[faces.ravel()], np.arange(faces.size).reshape(-1, 3)
    )
    model = load_model(path)
    directions = model.vertices / np.linalg.norm(model.vertices, axis=1, keepdims=True)
    assert np.einsum("vd,vd->v", model.normals, directions).min() > 0.999
    assert np.linalg.norm(model.normals, axis=1) == pytest.approx(1, abs=1e-6)


def test_normals_of_a_cube_do_not_depend_on_how_its_sides_are_split(tmp_path):
    box = trimesh.creation.box()
    model = load_model(write_obj(tmp_path / "b.obj", box.vertices, box.vertices[:, :2], box.faces))
    assert model.normals == pytest.approx(model.vertices / np.sqrt(3), abs=1e-6)


def test_a_sheet_with_two_sides_keeps_both(tmp_path):
    both = np.concatenate([HALVES, HALVES[:, ::-1] + 4])
    path = write_obj(tmp_path / "a.obj", np.tile(SQUARE, (2, 1)), np.tile(CORNERS, (2, 1)), both)
    normals = load_model(path).normals[:, 2]
    assert sorted(normals.tolist()) == pytest.approx([-1] * 4 + [1] * 4)


def test_an_atlas_gives_every_triangle_a_place_of_its_own(tmp_path):
    box = trimesh.creation.box(extents=(4, 2, 2))
    model = load_model(write_obj(tmp_path / "b.obj", box.vertices, None, box.faces), atlas=True)
    assert "a test pattern stands for it" in model.notices[0]
    assert model.uv.min() >= 0 and model.uv.max() <= 1
    corners = model.uv[model.triangles].astype(np.float64)
    (x1, y1), (x2, y2) = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    in_uv = np.abs(x1 * y2 - x2 * y1) / 2
    a, b, c = (source_positions(model)[model.triangles[:, corner]] for corner in range(3))
    on_surface = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    assert on_surface.sum() == pytest.approx(2 * (4 * 2 + 4 * 2 + 2 * 2))
    assert in_uv / on_surface == pytest.approx(in_uv.sum() / on_surface.sum(), rel=1e-2)  # nothing is stretched
    seen = np.zeros((200, 200), int)
    centres = (np.stack(np.meshgrid(np.arange(200), np.arange(200)), -1) + 0.5) / 200
    for triangle in corners:
        weights = np.linalg.solve(
            np.concatenate([triangle.T, np.ones((1, 3))]),
            np.concatenate([centres.reshape(-1, 2).T, np.ones((1, 40000))]),
        )
        seen += (weights > 1e-6).all(0).reshape(200, 200)
    assert seen.max() == 1
