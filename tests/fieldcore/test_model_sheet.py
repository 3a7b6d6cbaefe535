"""Several textures in one sheet: boxes, gutters and what each triangle's material leads to."""

import numpy as np
import pytest
from model_files import CORNERS, HALVES, SQUARE, write_obj, write_quadrants

from fieldcore.borders import folded_index
from fieldcore.images import write_image
from fieldcore.models import load_model
from fieldcore.models.sheet import lay_out

WRAPS = [("repeat", "clamp"), ("mirror", "repeat"), ("clamp", "mirror")]


@pytest.fixture
def textures():
    random = np.random.default_rng(0)
    return [random.random((h, w, 3), np.float32) for h, w in ((20, 40), (33, 7), (16, 16))]


def inside(sheet, box):
    """Rows and columns of a box, from v up to rows down."""
    height, width = sheet.pixels.shape[:2]
    left, bottom, w, h = box * [width, height, width, height]
    assert np.array([left, bottom, w, h]) == pytest.approx(np.round([left, bottom, w, h]))
    return round(height - bottom - h), round(left), round(h), round(w)


def test_each_box_holds_its_texture(textures):
    sheet = lay_out(textures, WRAPS, 4096)
    assert sheet.wraps == tuple(WRAPS)
    for texture, box in zip(textures, sheet.boxes, strict=True):
        top, left, rows, columns = inside(sheet, box)
        assert np.array_equal(sheet.pixels[top : top + rows, left : left + columns], texture)


def test_gutters_continue_each_texture_in_its_own_way(textures):
    sheet = lay_out(textures, WRAPS, 4096)
    gutter = 5  # an eighth of the longest side
    for texture, box, (along_u, along_v) in zip(textures, sheet.boxes, WRAPS, strict=True):
        top, left, rows, columns = inside(sheet, box)
        y, x = np.arange(-gutter, rows + gutter), np.arange(-gutter, columns + gutter)
        expected = texture[folded_index(y, rows, along_v)][:, folded_index(x, columns, along_u)]
        assert np.array_equal(sheet.pixels[np.ix_(top + y, left + x)], expected)


def test_boxes_with_gutters_do_not_overlap():
    random = np.random.default_rng(1)
    sizes = random.integers(2, 90, (25, 2))
    sheet = lay_out([np.zeros((h, w, 3), np.float32) for h, w in sizes], [("clamp", "clamp")] * 25, 4096)
    taken = np.zeros(sheet.pixels.shape[:2], int)
    for box in sheet.boxes:
        top, left, rows, columns = inside(sheet, box)
        taken[top - 11 : top + rows + 11, left - 11 : left + columns + 11] += 1
    assert taken.max() == 1
    assert (taken > 0).mean() > 0.6  # little is wasted


def test_a_sheet_is_shrunk_to_what_is_allowed():
    plain = [np.full((300, 200, 3), value, np.float32) for value in (0.25, 0.5, 1.0)]
    sheet = lay_out(plain, [("repeat", "repeat")] * 3, 256)
    assert max(sheet.pixels.shape) <= 256
    for box, value in zip(sheet.boxes, (0.25, 0.5, 1.0), strict=True):
        top, left, rows, columns = inside(sheet, box)
        assert rows / columns == pytest.approx(1.5, rel=0.05)
        assert sheet.pixels[top : top + rows, left : left + columns] == pytest.approx(value, abs=1e-5)


def test_the_digest_tells_pixels_boxes_and_wraps_apart(textures):
    digest = lay_out(textures, WRAPS, 4096).digest
    assert digest == lay_out([t.copy() for t in textures], WRAPS, 4096).digest
    assert digest != lay_out(textures, WRAPS[::-1], 4096).digest
    assert digest != lay_out([textures[0] + 0.1, *textures[1:]], WRAPS, 4096).digest


def test_triangles_know_the_box_of_their_material(tmp_path):
    write_quadrants(tmp_path / "a.png")
    write_image(tmp_path / "b.png", np.full((6, 6, 3), (0, 51, 255), np.uint8))
    (tmp_path / "m.mtl").write_text("newmtl one\nmap_Kd a.png\nnewmtl two\nmap_Kd b.png\nnewmtl three\nKd 1 0.5 0\n")
    vertices = np.concatenate([SQUARE + np.array([0, 0, 5 * k]) for k in range(3)])
    lines = ["mtllib m.mtl", *(f"v {x} {y} {z}" for x, y, z in vertices), *(f"vt {u} {v}" for u, v in CORNERS)]
    for k, name in enumerate(("one", "two", "three")):
        lines.append(f"usemtl {name}")
        corner = "{0}/{1}" if name != "three" else "{0}"  # a plain colour needs no coordinates
        lines += ["f " + " ".join(corner.format(4 * k + i + 1, i + 1) for i in face) for face in HALVES]
    (tmp_path / "m.obj").write_text("\n".join(lines) + "\n")
    model = load_model(tmp_path / "m.obj")
    assert model.notices == () and sorted(model.materials) == [0, 0, 1, 1, 2, 2]
    height, width = model.sheet.pixels.shape[:2]
    colours = {}
    for triangle, material in zip(model.triangles, model.materials, strict=True):
        depth = float(model.vertices[triangle, 2].mean())
        left, bottom, w, h = model.sheet.boxes[material]
        u, v = model.uv[triangle].mean(0)
        pixel = model.sheet.pixels[int((1 - bottom - v * h) * height), int((left + u * w) * width)]
        colours.setdefault(round(depth), []).append([round(float(channel), 2) for channel in pixel])
    # Of the quadrants the lower right triangle's middle is yellow, the upper left one's red.
    assert sorted(colours[-1]) == [[1, 0, 0], [1, 1, 0]]
    assert colours[0] == [[0, 0.2, 1]] * 2 and colours[1] == [[1, 0.5, 0]] * 2
    assert model.sheet.borders == ("clamp", "clamp")
    one = load_model(write_obj(tmp_path / "q.obj", vertices[:4]), texture=tmp_path / "a.png", wrap="mirror")
    assert one.sheet.borders == ("mirror", "mirror")
