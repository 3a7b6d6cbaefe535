"""A textured mesh as one web page: what is in the file. tests/app/test_space_pages.py opens it in a browser."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from model_files import write_obj, write_quadrants

import fieldcore as fc
from fieldcore.cli import command_of
from fieldcore.errors import InputError
from fieldcore.models import load_model
from fieldcore.web.mesh_page import mesh_of, mixing
from fieldcore.web.pages import PageSettings, page_of


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_quadrants(folder / "skin.png")
    (folder / "square.mtl").write_text("newmtl skin\nmap_Kd skin.png\n")
    return write_obj(folder / "square.obj", head="mtllib square.mtl", use="usemtl skin")


@pytest.fixture(scope="module")
def texture(model: Path) -> fc.Pyramid:
    field = fc.train("pyramid", fc.Texture.of(load_model(model)), preset="texture")
    assert isinstance(field, fc.Pyramid)
    return field


def tables(block) -> dict[str, np.ndarray]:
    """As decode.js unpacks them."""
    planes = np.frombuffer(gzip.decompress(block.data), np.uint8).reshape(2, -1)
    numbers, at, found = np.ascontiguousarray(planes.T).view("<u2").ravel(), 0, {}
    for name, rows, count in block.facts["tables"]:
        columns = numbers[at : at + rows * count].reshape(count, rows)
        found[name], at = np.cumsum(columns, 1, dtype=np.uint16).T.astype(np.int64), at + rows * count
    return found


def test_a_model_comes_back_to_a_part_of_its_box(model):
    whole = load_model(model)
    block, kept = mesh_of(whole)
    for name in ("vertices", "normals", "uv"):
        exact, numbers = getattr(whole, name), getattr(kept, name)
        assert np.abs(exact - numbers).max() <= np.ptp(exact, 0).max() / 65535
    read = tables(block)
    np.testing.assert_array_equal(read["low"] + 65536 * read["high"], whole.triangles)
    np.testing.assert_array_equal(read["materials"][:, 0], whole.materials)
    many = np.arange(300_000).reshape(-1, 3)
    larger = replace(whole, triangles=many, materials=np.zeros(len(many), np.int32))
    packed = tables(mesh_of(larger)[0])
    np.testing.assert_array_equal(packed["low"] + 65536 * packed["high"], many)


def test_the_page_says_what_the_shader_asks_for(model, texture):
    page = page_of(texture, PageSettings(model=str(model)))
    header = page.document.header
    assert page.facts["triangles"] == 2 and page.facts["samples"] == (8, 8)
    np.testing.assert_allclose(header["fading"]["weights"], mixing(texture).weights.numpy(), atol=1e-6)
    assert header["domain_by_uv"] == [2.0, -2.0] and header["mesh"]["repeats"] == [True, True]
    # One over the sum of a line's weights, and one over the deviation of its indices.
    for either_side, (share, step) in enumerate(header["probe_lines"][1:4], 1):
        index = np.arange(-either_side, either_side + 1)
        weights = np.exp(-0.5 * (index * 2.5 / either_side) ** 2)
        assert share == pytest.approx(1 / weights.sum(), rel=1e-5)
        assert step == pytest.approx((weights.sum() / (weights @ index**2)) ** 0.5, rel=1e-5)
    text = page.document.html()
    assert text == page_of(texture, PageSettings(model=str(model))).document.html()
    json.dumps(header)


def test_cubic_textures_are_mixed_too(model):
    cubic = fc.train("pyramid", fc.Texture.of(load_model(model)), preset="picture")
    linear = mixing(cubic)
    assert linear.recipe.interpolation == "linear" and float(linear.weights.sum(0).std()) < 1e-5
    np.testing.assert_array_equal(linear.samples.numpy(), cubic.samples.numpy())


def test_what_is_refused(model, texture, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fc.save_field("skin.safetensors", texture)
    fc.save_field("wide.safetensors", fc.train("pyramid", fc.Texture(np.zeros((8, 16, 3), np.float32))))
    fc.save_field("photo.safetensors", fc.train("pyramid", np.zeros((8, 8, 3), np.float32)))
    for words, sentence in {
        "skin.safetensors --model no.glb": "--model 'no.glb': no such file; give the model",
        f"skin.safetensors --model {model} --truth sample:astronaut": "--truth: has no effect on the page of a model",
        f"wide.safetensors --model {model}": "its texture has 8 x 8 pixels, and the field is of one with sides as 1 to",
        f"photo.safetensors --model {model}": "--model: has no effect on the page of a picture",
    }.items():
        with pytest.raises(InputError, match=re.escape(sentence)):
            command_of(["export", *words.split(), "--to", "web", "--out", "a.html"]).run()
        assert not Path("a.html").exists()
