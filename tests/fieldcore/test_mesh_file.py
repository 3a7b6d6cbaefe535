"""Reading meshes: all triangles of whatever can be read, and one sentence for what cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from solids import cube

from fieldcore.errors import InputError
from fieldcore.signals import Shape
from fieldcore.signals.mesh_file import Mesh, cleaned_mesh, read_mesh

SHARED_BAD = Path(__file__).parents[3] / "shared" / "data" / "shapes_bad"


@pytest.mark.parametrize("suffix", ["ply", "obj", "stl", "off", "glb"])
def test_formats_give_the_same_cube(tmp_path: Path, suffix: str) -> None:
    cube(3.0).export(tmp_path / f"cube.{suffix}")
    mesh = read_mesh(tmp_path / f"cube.{suffix}")
    assert mesh.name == f"cube.{suffix}"
    assert len(mesh.triangles) == 12
    np.testing.assert_allclose([mesh.vertices.min(), mesh.vertices.max()], [-1.5, 1.5])


def test_placed_bodies_of_a_scene_are_joined(tmp_path: Path) -> None:
    scene = trimesh.Scene()
    for shift in (-2.0, 2.0):
        scene.add_geometry(cube(1.0), transform=trimesh.transformations.translation_matrix((shift, 0, 0)))
    scene.export(tmp_path / "two.glb")
    mesh = read_mesh(tmp_path / "two.glb")
    assert len(mesh.triangles) == 24
    np.testing.assert_allclose([mesh.vertices[:, 0].min(), mesh.vertices[:, 0].max()], [-2.5, 2.5])


def test_unused_vertices_and_triangles_without_area_are_left_out() -> None:
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [np.nan, 0, 0]])
    mesh = cleaned_mesh(vertices, np.array([[0, 1, 2], [0, 1, 3]]), "odd")
    assert mesh.triangles.tolist() == [[0, 1, 2]]
    assert mesh.vertices.shape == (3, 3)


def test_watertight_means_two_triangles_at_every_edge(tmp_path: Path) -> None:
    cube().export(tmp_path / "cube.off")
    mesh = read_mesh(tmp_path / "cube.off")
    assert mesh.watertight
    assert not cleaned_mesh(mesh.vertices, mesh.triangles[1:], "open").watertight


TRIANGLE = np.array([[0, 1, 2]])


@pytest.mark.parametrize(
    ("vertices", "triangles", "expected"),
    [
        ([[0, 0, 0], [1, 0, 0], [np.nan, 1, 0]], TRIANGLE, "1 of its 3 vertices are NaN or infinite"),
        ([[0, 0, 0], [1, 0, 0], [np.inf, 1, 0]], TRIANGLE, "1 of its 3 vertices are NaN or infinite"),
        ([[5, 5, 5]] * 3, TRIANGLE, "all its vertices are in one point"),
        ([[0, 0, 0], [1, 1, 1], [2, 2, 2]], TRIANGLE, "none of its 1 triangles has an area"),
        (
            [[0, 0, 0], [1, 0, 0], [0, 1, 0]],
            [[0, 1, 7]],
            r"a triangle names vertex 7 \(counted from 0\), but there are 3",
        ),
        ([[0, 0, 0], [1e40, 0, 0], [0, 1e40, 0]], TRIANGLE, "cannot be computed with"),
    ],
)
def test_refusals_are_one_sentence(vertices: list, triangles: list, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        cleaned_mesh(np.array(vertices, np.float64), np.array(triangles), "bad")


TETRAHEDRON = ([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])


@pytest.mark.parametrize("number", [np.float32, np.float64, np.int16, list])
@pytest.mark.parametrize("index", [np.int32, np.uint8, np.int64, list])
def test_a_mesh_is_made_from_arrays_and_lists_of_any_numbers(number: type, index: type) -> None:
    vertices, triangles = number(TETRAHEDRON[0]), index(TETRAHEDRON[1])
    mesh = Mesh(vertices, triangles)
    assert mesh.vertices.dtype == np.float64 and mesh.triangles.dtype == np.int64
    assert mesh.watertight and mesh.digest == Mesh(*TETRAHEDRON).digest
    shape = Shape(Mesh([*TETRAHEDRON[0], [9, 9, 9], [np.nan] * 3], triangles))
    assert shape.facts.value_scale == 0.5, "vertices that no triangle uses count for nothing"


@pytest.mark.parametrize(
    ("vertices", "triangles", "expected"),
    [
        (np.zeros((4, 2)), TRIANGLE, r"vertices: expected an array of shape \(v, 3\), got \(4, 2\)"),
        ("words", TRIANGLE, r"vertices: expected an array of shape \(v, 3\), got \(\)"),
        ([[0, 0, 0], [1, 0]], TRIANGLE, "vertices: expected an array of shape .* got uneven rows"),
        (np.zeros((4, 3), complex), TRIANGLE, "vertices: expected numbers, got complex128"),
        (TETRAHEDRON[0], [], "it has no triangles"),
        (TETRAHEDRON[0], [[0.0, 1.0, 2.0]], "expected whole numbers, indices of vertices, got float64"),
        (TETRAHEDRON[0], [[0, 1, 2, 3]], r"triangles: expected an array of shape \(t, 3\), got \(1, 4\)"),
        (TETRAHEDRON[0], [[0, 1, 4]], r"a triangle names vertex 4 \(counted from 0\), but there are 4"),
        (TETRAHEDRON[0], [[0, 1, -1]], "a triangle names vertex -1"),
    ],
)
def test_what_is_no_mesh_is_refused_in_one_sentence(vertices: object, triangles: object, expected: str) -> None:
    for make in (Mesh, cleaned_mesh):
        with pytest.raises(InputError, match=f"^mesh 'odd': .*{expected}"):
            make(vertices, triangles, "odd")


def test_triangles_without_an_area_are_told() -> None:
    vertices, triangles = TETRAHEDRON
    shape = Shape(Mesh(vertices, [*triangles, [0, 1, 1]], "flat.ply"))
    assert shape.notices == ("mesh 'flat.ply': 1 triangle without an area left out",)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("none.ply", None, "no such file"),
        ("empty.ply", b"", "the file is empty"),
        ("noise.ply", b"\x00\x01\x02 not a mesh", "cannot be read as PLY; it is broken or cut short"),
        ("points.obj", b"v 0 0 0\nv 1 0 0\n", "it has no triangles"),
        ("words.docx", b"words", "the suffix '.docx' is no mesh format; use PLY, OBJ"),
    ],
)
def test_files_that_hold_no_mesh(tmp_path: Path, name: str, content: bytes | None, expected: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=expected):
        read_mesh(tmp_path / name)


@pytest.mark.skipif(not SHARED_BAD.is_dir(), reason="needs ../shared/data/shapes_bad, which is not here")
def test_broken_files_give_a_mesh_or_a_sentence() -> None:
    refused = {}
    for file in sorted(SHARED_BAD.iterdir()):
        try:
            assert len(read_mesh(file).triangles) > 0
        except InputError as error:
            refused[file.name] = str(error)
    empty = {"empty.obj", "empty.ply", "empty.stl", "obj_points.obj", "obj_wireframe.obj", "ply_points_ascii.ply"}
    assert set(refused) == empty
    assert all("it has no triangles" in sentence for sentence in refused.values())
