"""What materials state is shown, or a notice names it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
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

from fieldcore.images import linear_from_display
from fieldcore.models import TexturedModel, load_model
from fieldcore.signals import Texture, domain_from_uv

PATTERN = "a test pattern stands for it"


def colours_at(model: TexturedModel, uv: np.ndarray) -> np.ndarray:
    signal = Texture.of(model)
    return signal(domain_from_uv(torch.from_numpy(np.asarray(uv, np.float32)), signal.facts)).numpy()


def seen(model: TexturedModel) -> np.ndarray:
    """The colours in the middle of the square's four quarters, from the lower left one around."""
    places = np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]])
    low, high = SQUARE[0, :2], SQUARE[2, :2]
    in_model = 2 * places - 1
    corner = {tuple(np.rint(vertex[:2]).astype(int)): uv for vertex, uv in zip(model.vertices, model.uv, strict=True)}
    start = corner[(-1, -1)]
    u, v = corner[(1, -1)] - start, corner[(-1, 1)] - start
    assert (high - low == 2).all()
    return colours_at(model, start + (in_model[:, :1] + 1) / 2 * u + (in_model[:, 1:] + 1) / 2 * v)


QUARTERS = np.array([QUADRANTS[1, 0], QUADRANTS[1, 1], QUADRANTS[0, 1], QUADRANTS[0, 0]])


def obj(folder: Path, mtl: str, use: str = "usemtl skin", head: str = "mtllib a.mtl") -> TexturedModel:
    write_quadrants(folder / "skin.png", 16)
    (folder / "a.mtl").write_text(mtl)
    return load_model(write_obj(folder / "a.obj", head=head, use=use))


def said(model: TexturedModel) -> str:
    return "; ".join(model.notices)


@pytest.mark.parametrize(
    ("options", "corners"),
    [
        ("-s 4 4 1", CORNERS * 4),
        ("-s 2 3", CORNERS * [2, 3]),
        ("-s 2", CORNERS * [2, 1]),
        ("-o 0.5 0.25", CORNERS + np.array([0.5, 0.25])),
        ("-o .5 0 0 -s -1 2 1 -blendu on -cc off", CORNERS * [-1, 2] + [0.5, 0]),
        ("-S 4 4 1 -O 1 1 1", CORNERS * 4 + 1),
    ],
)
def test_a_texture_is_scaled_and_moved_as_its_options_say(tmp_path: Path, options: str, corners: np.ndarray) -> None:
    for statement in (f"map_Kd {options} skin.png", f'map_Kd\t{options} "skin.png"', f"map_Kd skin.png {options}"):
        model = obj(tmp_path, f"newmtl skin\n{statement}\n")
        assert model.notices == ()
        order = [int(np.argmin(np.linalg.norm(model.vertices - place, axis=1))) for place in (SQUARE - [10, 20, 30])]
        assert model.uv[order] == pytest.approx(corners, abs=1e-6)


def test_contrast_and_clamping_are_obeyed(tmp_path: Path) -> None:
    model = obj(tmp_path, "newmtl skin\nmap_Kd -mm 0.2 0.5 -clamp on skin.png\n")
    assert model.notices == ()
    assert seen(model) == pytest.approx(0.2 + 0.5 * QUARTERS, abs=1e-5)
    assert model.sheet.wraps == (("clamp", "clamp"),)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("map_Kd -t 0.1 0.1 0.1 skin.png", "texture option '-t 0.1 0.1 0.1' is not shown"),
        ("map_Kd -blendu off skin.png", "texture option '-blendu off' is not shown"),
        ("map_Kd -bm 0.5 -s 1 1 1 skin.png", "texture option '-bm 0.5' is not shown"),
        ("map_Kd -imfchan r -texres 64 skin.png", "'-imfchan r' and texture option '-texres 64' are not shown"),
        ("map_Kd skin.png\nmap_d mask.png", "map_d (transparency) is not shown"),
        ("map_Kd skin.png\nd 0.5", "transparency (d 0.5) is not shown"),
        ("map_Kd skin.png\nTr 0.25", "transparency (Tr 0.25) is not shown"),
        ("map_Kd skin.png\nmap_Ke glow.png\nbump -bm 2 b.png", "bump and map_Ke (light given off) are not shown"),
        ("Kd 0.5 0.5 0.5\nKe 1 0 0", "Ke (light given off) is not shown"),
    ],
)
def test_what_is_not_shown_is_named(tmp_path: Path, line: str, named: str) -> None:
    model = obj(tmp_path, f"newmtl skin\n{line}\n")
    (notice,) = model.notices
    assert notice.startswith("model 'a.obj': material 'skin': its ") and named in notice
    if "skin.png" in line:
        assert seen(model) == pytest.approx(QUARTERS, abs=1e-5)


@pytest.mark.parametrize("line", ["d 1", "Tr 1", "Tr 0", "illum 2\nNs 10\nKa 0 0 0\nKs 1 1 1\nNi 1.4\nKe 0 0 0"])
def test_what_changes_nothing_is_not(tmp_path: Path, line: str) -> None:
    assert obj(tmp_path, f"newmtl skin\nmap_Kd skin.png\n{line}\n").notices == ()


def test_light_that_is_given_off_is_shown_where_there_is_no_texture(tmp_path: Path) -> None:
    model = obj(tmp_path, "newmtl skin\nKd 0 0 0\nKe 1 1 1\nmap_Ke skin.png\n")
    assert model.notices == () and seen(model) == pytest.approx(QUARTERS, abs=1e-5)
    plain = obj(tmp_path, "newmtl skin\nKd 0 0 0\nKe 0.2 0.4 0.6\n")
    assert plain.notices == () and seen(plain) == pytest.approx(np.tile([0.2, 0.4, 0.6], (4, 1)), abs=1e-6)


def test_the_only_material_is_meant_where_none_is_named(tmp_path: Path) -> None:
    model = obj(tmp_path, "newmtl skin\nmap_Kd skin.png\n", use="")
    assert model.notices == () and seen(model) == pytest.approx(QUARTERS, abs=1e-5)
    several = obj(tmp_path, "newmtl skin\nmap_Kd skin.png\nnewmtl other\nKd 1 0 0\n", use="")
    assert said(several) == f"model 'a.obj': it does not say which of its 2 materials is meant; {PATTERN}"


def test_names_of_materials(tmp_path: Path) -> None:
    assert obj(tmp_path, "newmtl SKIN\nmap_Kd skin.png\n").notices == (), "in another case"
    assert obj(tmp_path, "newmtl two words\nmap_Kd skin.png\n", use="usemtl two words").notices == ()
    unknown = obj(tmp_path, "newmtl hide\nmap_Kd skin.png\n")
    assert said(unknown) == f"model 'a.obj': material 'skin': it is not in the material file; {PATTERN}"


@pytest.mark.parametrize(
    "head", ["mtllib a.mtl b.mtl", "mtllib a.mtl\nmtllib b.mtl", 'mtllib "b.mtl"', "mtllib .\\b.mtl"]
)
def test_several_material_files(tmp_path: Path, head: str) -> None:
    (tmp_path / "b.mtl").write_text("newmtl skin\nmap_Kd skin.png\n")
    model = obj(tmp_path, "newmtl other\nKd 1 0 0\n", head=head)
    assert model.notices == () and seen(model) == pytest.approx(QUARTERS, abs=1e-5)


def test_colours_of_vertices_are_named(tmp_path: Path) -> None:
    write_quadrants(tmp_path / "skin.png")
    coloured = np.concatenate([SQUARE, np.eye(4)[:, :3]], 1)
    lines = [f"v {' '.join(map(str, row))}" for row in coloured]
    lines += [f"vt {u} {v}" for u, v in CORNERS] + ["f 1/1 2/2 3/3", "f 1/1 3/3 4/4"]
    (tmp_path / "skin.obj").write_text("\n".join(lines) + "\n")
    assert "the colours of its vertices are not shown" in said(load_model(tmp_path / "skin.obj"))

    ply = write_ply(tmp_path / "a.ply", texture="skin.png").read_text().split("\n")
    at = ply.index("element face 2")
    vertices = [f"{line} {i} 0 255" for i, line in enumerate(ply[at + 2 : at + 6])]
    colours = [f"property uchar {name}" for name in ("red", "green", "blue")]
    (tmp_path / "c.ply").write_text("\n".join([*ply[:at], *colours, *ply[at : at + 2], *vertices, *ply[at + 6 :]]))
    model = load_model(tmp_path / "c.ply")
    assert said(model) == "model 'c.ply': the colours of its vertices are not shown"
    assert seen(model) == pytest.approx(QUARTERS, abs=1e-5)


def glb(path: Path, description: dict[str, Any]) -> Path:
    text = json.dumps(description).encode()
    text += b" " * (-len(text) % 4)
    path.write_bytes(struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text), len(text), b"JSON") + text)
    return path


def gltf_of(folder: Path, material: dict[str, Any], form: str = "gltf", **changes: Any) -> TexturedModel:
    image = {"uri": data_uri(write_quadrants(folder / "skin.png", 16).read_bytes())}
    description = gltf(materials=[{"name": "skin", **material}], images=[image], **changes)
    return load_model((glb if form == "glb" else write_gltf)(folder / f"a.{form}", description))


@pytest.mark.parametrize("form", ["gltf", "glb"])
@pytest.mark.parametrize("base", [{}, {"pbrMetallicRoughness": {"baseColorFactor": [0, 0, 0, 1]}}])
def test_an_emissive_picture_is_shown_where_there_is_no_other(tmp_path: Path, form: str, base: dict) -> None:
    model = gltf_of(tmp_path, {"emissiveTexture": {"index": 0}, "emissiveFactor": [1, 1, 1], **base}, form)
    assert model.notices == () and seen(model) == pytest.approx(QUARTERS, abs=1e-5)


def test_emissive_factor_and_strength_are_obeyed(tmp_path: Path) -> None:
    extensions = {"KHR_materials_emissive_strength": {"emissiveStrength": 2.0}, "KHR_materials_unlit": {}}
    light = {"emissiveTexture": {"index": 0}, "emissiveFactor": [0.25, 0.1, 1.0], "extensions": extensions}
    model = gltf_of(tmp_path, light)
    assert model.notices == ()
    expected = linear_from_display(QUARTERS) * [0.5, 0.2, 1.0]
    assert linear_from_display(seen(model)) == pytest.approx(expected, abs=1e-4)
    black = {"baseColorFactor": [0, 0, 0, 1]}
    plain = gltf_of(tmp_path, {"emissiveFactor": [0, 1, 0], "pbrMetallicRoughness": black})
    assert plain.notices == () and seen(plain) == pytest.approx(np.tile([0.0, 1, 0], (4, 1)), abs=1e-6)


def test_an_emissive_picture_has_coordinates_of_its_own(tmp_path: Path) -> None:
    transform = {"KHR_texture_transform": {"offset": [0.5, 0.0], "scale": [1, 1]}}
    reference = {"index": 0, "texCoord": 1, "extensions": transform}
    description = gltf(materials=[{"emissiveTexture": reference, "emissiveFactor": [1, 1, 1]}])
    description["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_1"] = 1
    del description["meshes"][0]["primitives"][0]["attributes"]["TEXCOORD_0"]
    write_quadrants(tmp_path / "skin.png", 16)
    model = load_model(write_gltf(tmp_path / "a.gltf", description))
    assert seen(model) == pytest.approx(QUARTERS[[1, 0, 3, 2]], abs=1e-5), "moved by half a width"


def test_a_transform_may_choose_another_set_of_coordinates(tmp_path: Path) -> None:
    reference = {"index": 0, "texCoord": 0, "extensions": {"KHR_texture_transform": {"texCoord": 1}}}
    description = gltf(materials=[{"pbrMetallicRoughness": {"baseColorTexture": reference}}])
    attributes = description["meshes"][0]["primitives"][0]["attributes"]
    attributes["TEXCOORD_0"], attributes["TEXCOORD_1"] = 3, 1
    zeros = np.zeros((4, 2), "<f4")
    description["buffers"].append({"uri": data_uri(zeros.tobytes()), "byteLength": zeros.nbytes})
    description["bufferViews"].append({"buffer": 3, "byteLength": zeros.nbytes})
    description["accessors"].append({"bufferView": 3, "componentType": 5126, "count": 4, "type": "VEC2"})
    write_quadrants(tmp_path / "skin.png", 16)
    assert seen(load_model(write_gltf(tmp_path / "a.gltf", description))) == pytest.approx(QUARTERS, abs=1e-5)


BASE = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}


@pytest.mark.parametrize(
    ("material", "named"),
    [
        ({"emissiveTexture": {"index": 0}, "emissiveFactor": [1, 1, 1]}, "its emissive texture is not shown"),
        ({"emissiveFactor": [1, 0, 0]}, "its emissive colour is not shown"),
        ({"normalTexture": {"index": 0}}, "its normal texture is not shown"),
        ({"occlusionTexture": {"index": 0}, "normalTexture": {"index": 0}}, "normal texture and occlusion texture are"),
        ({"extensions": {"KHR_materials_transmission": {}}}, "its KHR_materials_transmission is not shown"),
    ],
)
def test_what_is_not_shown_of_a_gltf_material_is_named(tmp_path: Path, material: dict, named: str) -> None:
    model = gltf_of(tmp_path, {**BASE, **material})
    (notice,) = model.notices
    assert notice.startswith("model 'a.gltf': material 'skin': its ") and named in notice
    assert seen(model) == pytest.approx(QUARTERS, abs=1e-5)


def test_transparency_is_named_where_there_is_some(tmp_path: Path) -> None:
    assert gltf_of(tmp_path, {**BASE, "alphaMode": "BLEND"}).notices == (), "opaque all the same"
    faint = {"baseColorTexture": {"index": 0}, "baseColorFactor": [1, 1, 1, 0.5]}
    assert "its transparency is not shown" in said(
        gltf_of(tmp_path, {"pbrMetallicRoughness": faint, "alphaMode": "BLEND"})
    )
    assert gltf_of(tmp_path, {"pbrMetallicRoughness": faint}).notices == (), "alpha means nothing to what is opaque"


@pytest.mark.parametrize(("colour", "named"), [([1, 1, 1], False), ([0.5, 0.2, 1], True)])
def test_vertex_colours_of_a_gltf_are_named_unless_white(tmp_path: Path, colour: list, named: bool) -> None:
    values = np.tile(np.array(colour, "<f4"), (4, 1))
    description = gltf(images=[{"uri": data_uri(write_quadrants(tmp_path / "skin.png", 16).read_bytes())}])
    description["buffers"].append({"uri": data_uri(values.tobytes()), "byteLength": values.nbytes})
    description["bufferViews"].append({"buffer": 3, "byteLength": values.nbytes})
    description["accessors"].append({"bufferView": 3, "componentType": 5126, "count": 4, "type": "VEC3"})
    description["meshes"][0]["primitives"][0]["attributes"]["COLOR_0"] = 3
    model = load_model(write_gltf(tmp_path / "a.gltf", description))
    assert ("the colours of its vertices are not shown" in said(model)) == named
    assert seen(model) == pytest.approx(QUARTERS, abs=1e-5)


def test_a_path_may_be_text(tmp_path: Path) -> None:
    picture = write_quadrants(tmp_path / "skin.png", 16)
    model = load_model(str(write_obj(tmp_path / "a.obj", faces=HALVES)), texture=str(picture))
    assert seen(model) == pytest.approx(QUARTERS, abs=1e-5)
