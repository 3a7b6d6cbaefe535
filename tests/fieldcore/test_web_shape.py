"""A shape as one web page: what is in the file. tests/app/test_web_space.py opens it in a browser."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import fieldcore as fc
from fieldcore.cli import command_of
from fieldcore.errors import InputError
from fieldcore.web.page_size import page_within
from fieldcore.web.pages import PageSettings, kind_for, page_of
from fieldcore.web.shape_page import OFFSET, VARIANCES, page_weights
from fieldcore.web.volumes import volumes_block


@pytest.fixture(scope="module")
def ball() -> fc.Field:
    return fc.train(
        "pyramid",
        fc.FunctionSignal(lambda x: x.norm(dim=1) - 0.5, (1.0, 1.0, 1.0), name="</script>ball"),
        preset="shape",
        formula_cells=16,
    )


def unpacked(block) -> np.ndarray:
    """As volume.js does it."""
    count, cells = len(block.facts["orders"]), block.facts["cells"]
    planes = np.frombuffer(gzip.decompress(block.data), np.uint8).reshape(2, -1)
    volumes = np.ascontiguousarray(planes.T).view("<i2").reshape(count, cells, cells, cells).copy()
    for volume, order in zip(volumes, block.facts["orders"], strict=True):
        for _ in range(order):
            for axis in (2, 1, 0):
                np.cumsum(volume, axis=axis, dtype=np.int16, out=volume)
    return volumes * block.facts["step"]


def test_volumes_come_back_from_their_differences():
    rough = np.random.default_rng(0).uniform(-1, 1, (5, 5, 5))
    smooth = np.linspace(-3, 3, 125).reshape(5, 5, 5) ** 2
    block = volumes_block(np.stack([rough, smooth]), 1e-3)
    np.testing.assert_allclose(unpacked(block), [rough, smooth], atol=5.1e-4)
    np.testing.assert_allclose(unpacked(block), block.values, atol=1e-6)
    assert block.facts["orders"][0] <= block.facts["orders"][1]


@pytest.mark.parametrize("variance", [0.0, 3e-5, 1e-3, 4e-3, 0.07, 0.1])
def test_between_scales_cubic_polynomials_of_the_logarithm_are_exact(variance):
    weights = page_weights(variance)
    assert sum(weight for _, weight in weights) == pytest.approx(1)
    place = np.log(variance + OFFSET)
    read = sum(weight * np.log(VARIANCES[k] + OFFSET) ** 3 for k, weight in weights)
    assert read == pytest.approx(place**3)


def test_a_page_holds_the_distance_at_each_scale(ball):
    page = page_of(ball, PageSettings(size=20))
    block, header = page.document.blocks["volume"], page.document.header
    assert header["volume"]["cells"] == 20 and tuple(header["volume"]["variances"]) == VARIANCES
    grid = fc.Grid((20,) * 3, (-1.2,) * 3, (1.2,) * 3)
    for variance, volume in zip(VARIANCES, unpacked(block), strict=True):
        expected = fc.evaluate(ball, grid, fc.Gaussian(variance)).numpy().reshape(20, 20, 20)
        np.testing.assert_allclose(volume, expected, atol=2.4 / 20 / 512)
    assert max(page.facts["interpolation error"].values()) < 5e-3
    text = page.document.html()
    assert "</script>ball" not in text and text == page_of(ball, PageSettings(size=20)).document.html()
    assert page.document.blocks["small"].values.std() > 0.05, "the still shows something"


def test_a_smaller_page_has_fewer_cells(ball):
    page, text = page_within(ball, PageSettings(size=28), 1.0)
    without = len(replace(page.document, blocks={}).html())
    most = (0.6 * (len(text) - without) + without) / 1e6
    with pytest.raises(InputError, match=r"--size \d+ fits") as refusal:
        page_within(ball, PageSettings(size=28), most)
    size = int(re.findall(r"--size (\d+)", str(refusal.value))[0])
    assert 16 <= size < 28 and len(page_within(ball, PageSettings(size=size), most)[1]) <= most * 1e6


def test_a_surface_brings_its_colours(ball, monkeypatch):
    monkeypatch.setattr(type(ball), "has_colours", True)
    monkeypatch.setattr(type(ball), "colours_at", lambda self, x: 0.5 + 0.5 * x / x.norm(dim=1)[:, None], raising=False)
    page = page_of(ball, PageSettings(size=16))
    colours = np.frombuffer(gzip.decompress(page.document.blocks["colours"].data), np.uint8).reshape(-1, 3)
    near = np.abs(unpacked(page.document.blocks["volume"])[0]) < page.document.header["colours"]["band"]
    x = fc.Grid((16,) * 3, (-1.2,) * 3, (1.2,) * 3).centres(torch.from_numpy(np.flatnonzero(near))).numpy()
    expected = 255 * (0.5 + 0.5 * x / np.linalg.norm(x, axis=1)[:, None])
    assert np.abs(colours - expected).max() <= 0.51


def test_what_is_refused(ball, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fc.save_field("ball.safetensors", ball)
    for words, sentence in {
        "--lossy": "--lossy: has no effect on the page of a shape",
        "--size 300": "at most 256 cells a side, got 300",
    }.items():
        with pytest.raises(InputError, match=re.escape(sentence)):
            command_of(["export", "ball.safetensors", "--to", "web", "--out", "a.html", *words.split()]).run()
        assert not Path("a.html").exists()
    assert kind_for(ball, PageSettings()).size_power == 3


def test_a_notebook_shows_a_shape_too(ball, monkeypatch):
    monkeypatch.setattr(type(kind_for(ball, PageSettings())), "notebook_size", 16)
    text = ball._repr_html_()
    assert text.startswith("<iframe") and "</script>ball" not in text and "unpackedVolumes" in text
