"""Bad models: each is one clear sentence, or a right model with a notice."""

from pathlib import Path

import numpy as np
import pytest
import trimesh
from model_files import CORNERS, HALVES, SQUARE, data_uri, gltf, write_gltf, write_obj, write_ply, write_quadrants

from fieldcore.errors import InputError
from fieldcore.models import NoTextureCoordinates, load_model

SHARED = Path(__file__).parents[3] / "shared" / "data"


def refused(path, **options) -> str:
    """The sentence that a model is refused with: one line that names the file."""
    with pytest.raises(InputError) as caught:
        load_model(path, **options)
    sentence = str(caught.value)
    assert str(path) in sentence and "\n" not in sentence and "Traceback" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.obj", b"", "the file is empty"),
        ("a.glb", b" \n", "the file is empty"),
        ("a.obj", b"# nothing\n", "no triangles"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "no triangles"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nl 1 2 3\n", "no triangles"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nf 1/1 2/1 9/1\n", "cannot be read as OBJ"),
        (
            "a.obj",
            b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nf 0/1 1/1 2/1\n",
            "line 5 has index 0, but indices count from 1",
        ),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nf -4/1 1/1 2/1\n", "line 5 has index -4"),
        ("a.obj", bytes(range(256)) * 20, ""),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 3\n", ""),
        ("a.ply", b"not a ply at all", "cannot be read as PLY"),
        ("a.glb", b"glTF\x02\x00\x00\x00\xff\xff\xff\x7f\xff\xff\xff\x7fJSON{}", "cannot be read as GLB"),
        ("a.glb", b"glTF", "cannot be read as GLB"),
        ("a.gltf", b"{}", "no triangles"),
        ("a.gltf", b"[1, 2]", "cannot be read as GLTF"),
        ("a.gltf", b'{"asset": {"version": "1.0"}}', "it is glTF 1.0, only glTF 2 is read"),
        ("a.stl", b"solid nothing\nendsolid\n", ""),
        ("a.pickle", b"cos\nsystem\n(S'true'\ntR.", "no model format; use .obj"),
    ],
)
def test_broken_files_are_refused_in_one_sentence(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    assert expected in refused(tmp_path / name)


def test_what_is_not_there_is_said(tmp_path):
    assert "no such file" in refused(tmp_path / "gone.obj")
    assert "that is a folder" in refused(tmp_path)
    with pytest.raises(InputError, match=r"gone\.png': no such file"):
        load_model(write_obj(tmp_path / "a.obj"), texture=tmp_path / "gone.png")


@pytest.mark.parametrize("form", ["ply", "glb", "gltf"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated_files_are_refused(tmp_path, form, share):
    if form == "ply":
        path = write_ply(tmp_path / "a.ply", binary=True)
    elif form == "glb":
        path = tmp_path / "a.glb"
        visual = trimesh.visual.TextureVisuals(CORNERS, trimesh.visual.material.PBRMaterial())
        trimesh.Trimesh(SQUARE, HALVES, visual=visual, process=False).export(path)
    else:
        path = write_gltf(tmp_path / "a.gltf", gltf(materials=[{}]))
    assert load_model(path).triangles.shape == (2, 3)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    refused(path)


@pytest.mark.parametrize(("faces", "index"), [([[0, 1, 7]], 7), ([[0, -2, 1]], -2)])
def test_indices_outside_are_refused(tmp_path, faces, index):
    sentence = refused(write_ply(tmp_path / "a.ply", faces=faces, binary=True))
    assert "cannot be read as PLY" in sentence or f"vertex {index} (counted from 0), but there are 4" in sentence


def test_a_buffer_that_is_too_short_is_refused(tmp_path):
    description = gltf(materials=[{}])
    description["buffers"][0]["uri"] = data_uri(b"1234")
    assert "cannot be read as GLTF" in refused(write_gltf(tmp_path / "a.gltf", description))
    description["buffers"][0]["uri"] = "http://example.invalid/buffer.bin"
    assert "buffer.bin' is on the network, which is never asked" in refused(
        write_gltf(tmp_path / "a.gltf", description)
    )


def test_extensions_that_are_needed_but_unknown_are_named(tmp_path):
    path = write_gltf(tmp_path / "a.gltf", gltf(extensionsRequired=["KHR_draco_mesh_compression"]))
    assert "needs the glTF extension KHR_draco_mesh_compression" in refused(path)


def test_nan_positions_leave_the_rest(tmp_path):
    broken = SQUARE.copy()
    broken[3] = np.nan
    write_quadrants(tmp_path / "a.png")
    model = load_model(write_obj(tmp_path / "a.obj", broken))
    assert len(model.triangles) == 1 and np.isfinite(model.vertices).all()
    assert "model 'a.obj': 1 triangle with NaN or infinite positions left out" in model.notices[-1]
    assert "every triangle has NaN" in refused(write_obj(tmp_path / "a.obj", np.full((4, 3), np.nan)))


def test_nan_coordinates_become_zero_or_count_as_none(tmp_path):
    broken = CORNERS.copy()
    broken[1] = np.nan, 1
    model = load_model(write_obj(tmp_path / "a.obj", uv=broken))
    assert np.isfinite(model.uv).all() and any("1 texture coordinates that are NaN" in n for n in model.notices)
    with pytest.raises(NoTextureCoordinates, match="no texture coordinates; add --atlas"):
        load_model(write_obj(tmp_path / "a.obj", uv=np.full((4, 2), np.nan)))


def test_triangles_without_area_are_left_out(tmp_path):
    vertices = np.concatenate([SQUARE, [[10, 19, 30], [9, 19, 30]]])
    faces = [*HALVES.tolist(), [0, 4, 1], [0, 5, 2], [3, 3, 3]]  # on a line, with a doubled corner, a point
    model = load_model(write_obj(tmp_path / "a.obj", vertices, np.concatenate([CORNERS, CORNERS[:2]]), faces))
    assert len(model.triangles) == 2 and np.linalg.norm(model.normals, axis=1) == pytest.approx(1)
    assert "model 'a.obj': 3 triangles without area left out" in model.notices


def test_nothing_but_degenerate_is_refused(tmp_path):
    assert "all its vertices are at one place" in refused(write_obj(tmp_path / "a.obj", np.ones((4, 3))))
    assert "none of its triangles has an area" in refused(
        write_obj(tmp_path / "a.obj", np.outer([0, 1, 2, 3], [1, 2, 3]))
    )
    assert "its coordinates are too large" in refused(write_obj(tmp_path / "a.obj", (SQUARE - [10, 20, 30]) * 1.7e308))
    for atlas_input in (np.ones((4, 3)), np.outer([0, 1, 2, 3], [1, 2, 3]), np.full((4, 3), np.nan)):
        refused(write_obj(tmp_path / "a.obj", atlas_input, None), atlas=True)


def test_a_mesh_without_coordinates_is_offered_an_atlas(tmp_path):
    path = write_obj(tmp_path / "a.obj", uv=None)
    with pytest.raises(NoTextureCoordinates, match=r"a.obj': it has no texture coordinates; add --atlas to make some"):
        load_model(path)
    coloured = trimesh.Trimesh(SQUARE, HALVES, vertex_colors=[[255, 0, 0, 255]] * 4, process=False)
    coloured.export(tmp_path / "c.ply")
    with pytest.raises(NoTextureCoordinates):
        load_model(tmp_path / "c.ply")


OUTCOMES = {
    "busted.STL": "no texture coordinates",
    "empty.obj": "no triangles",
    "empty.ply": "no triangles",
    "empty.stl": "no triangles",
    "multibody.stl": "no texture coordinates",
    "nancolor.obj": "no texture coordinates",
    "negative_indices.obj": 12,
    "noimg.obj": 1000,
    "not_convex.obj": "no texture coordinates",
    "notenoughindices.obj": "no texture coordinates",
    "obj_points.obj": "no triangles",
    "obj_wireframe.obj": "no triangles",
    "plane.ply": 2,
    "ply_points_ascii.ply": "no triangles",
    "soup.stl": "no texture coordinates",
    "wallhole.obj": 55,
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_shared_bad_shapes(name):
    path = SHARED / "shapes_bad" / name
    if not path.is_file():
        pytest.skip("needs ../shared/data/shapes_bad, which is not here")
    if isinstance(OUTCOMES[name], str):
        assert OUTCOMES[name] in refused(path)
    else:
        model = load_model(path)
        assert len(model.triangles) == OUTCOMES[name]
        assert any("a test pattern stands for it" in notice for notice in model.notices)
        for values in (model.vertices, model.normals, model.uv, model.sheet.pixels):
            assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("name", "triangles", "texture_px", "notice"),
    [
        ("spot/spot_triangulated.obj", 5856, 1024, "'spot_texture.png' beside it is taken"),
        ("fuze/fuze.obj", 1000, 1024, ""),
        ("Duck.glb", 4212, 512, ""),
        ("BoxTextured.glb", 12, 256, ""),
    ],
)
def test_shared_textured_models(name, triangles, texture_px, notice):
    path = SHARED / "textured" / name
    if not path.is_file():
        pytest.skip("needs ../shared/data/textured, which is not here")
    model = load_model(path)
    assert (len(model.triangles), model.sheet.pixels.shape) == (triangles, (texture_px, texture_px, 3))
    assert notice in " ".join(model.notices) and len(model.notices) == bool(notice)
    assert model.sheet.pixels.std() > 0.05  # no plain colour
    assert np.linalg.norm(model.normals, axis=1) == pytest.approx(1, abs=1e-5)
