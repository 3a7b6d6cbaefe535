"""Mixing across edges, against the same sum written out in numpy, and by what it must leave alone."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl
import numpy as np
import pytest
from scenery import model_of
from scipy.ndimage import minimum_filter
from scipy.stats import norm

from app.flythrough.camera import Camera
from app.flythrough.controls import PIXEL_VARIANCE, FlightControls
from app.flythrough.edges import EdgedAlbedo, edge_weights
from app.flythrough.geometry_pass import Geometry, GeometryPass, read_geometry
from app.flythrough.model_shadings import ModelShadings
from app.flythrough.shading import Shot, read_albedo
from app.headless import offscreen
from fieldcore.models import TexturedModel

SIZE = (40, 24)


@pytest.fixture(scope="module")
def context() -> Iterator[moderngl.Context]:
    with offscreen((4, 4)) as surface:
        yield surface.context


def two_walls(left: float = 0.0) -> TexturedModel:
    """A black wall near by over the right half of what is seen, a white one behind it."""
    walls = []
    for x0, z in ((-3.0, -1.0), (left, 0.0)):
        walls += [(x0, -2, z), (3, -2, z), (3, 2, z), (x0, 2, z)]
    uv = [(0.05, 0.1), (0.45, 0.1), (0.45, 0.9), (0.05, 0.9), (0.55, 0.1), (0.95, 0.1), (0.95, 0.9), (0.55, 0.9)]
    pixels = np.zeros((64, 64, 3))
    pixels[:, :32] = 1.0
    return model_of(walls, uv, [(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7)], pixels=pixels)


def shown(context: moderngl.Context, model: TexturedModel, name: str, camera: Camera) -> tuple[np.ndarray, Geometry]:
    shadings = ModelShadings(context, model)
    shot = Shot(shadings.geometry_pass, camera, SIZE)
    for _ in shadings.shadings[name].shade(shot, FlightControls("", samples=16)):
        pass
    return read_albedo(shadings.shadings[name].albedo), shot.geometry


def test_weights_are_those_of_the_pixel_filter():
    for pixel_filter, variance in PIXEL_VARIANCE.items():
        within, beyond = edge_weights(pixel_filter)
        assert within + 2 * beyond == pytest.approx(1)
        assert within == pytest.approx(norm.cdf(0.5, scale=variance**0.5) - norm.cdf(-0.5, scale=variance**0.5))


def test_a_wall_before_another_has_the_edge_that_many_samples_give(context):
    # The edge lies between two columns of pixels, so each pixel sees one wall alone: the sum is exact there.
    camera = Camera(position=(0.0, 0.0, 2.0), fov_deg=40.0)
    judge, _ = shown(context, two_walls(), "supersampled", camera)
    mixed, _ = shown(context, two_walls(), "mipmap", camera)
    edge = SIZE[0] // 2
    within, beyond = edge_weights("gaussian")
    assert np.allclose(mixed[:, edge - 1, 0], within + beyond, atol=2e-3)
    assert np.allclose(mixed[:, edge, 0], beyond, atol=2e-3)
    assert np.abs(mixed - judge)[..., :3].max() < 0.03
    assert np.array_equal(mixed[:, : edge - 1, 0], np.ones((SIZE[1], edge - 1)))


@pytest.mark.parametrize("wrap", ["repeat", "mirror"])
@pytest.mark.parametrize("tiles", [1.0, 3.2])
def test_one_surface_is_left_alone(context, wrap, tiles):
    """A plane seen at an angle, whose neighbours' uv is far from equal but just what the Jacobian foretells.

    Neither do the seams of a texture that is laid on several times count as edges.
    """
    corners = [(-4, -4, 0), (4, -4, 0), (4, 4, 0), (-4, 4, 0)]
    uv = [(0, 0), (tiles, 0), (tiles, tiles), (0, tiles)]
    model = model_of(corners, uv, [(0, 1, 2), (0, 2, 3)], wraps=((wrap, wrap),))
    camera = Camera.looking_at((0.0, 0.0, 0.0), (0.5, 0.3, 2.0))
    geometry = GeometryPass(context, model).draw(camera, SIZE)
    albedo = EdgedAlbedo(context)
    albedo.begin(SIZE)
    drawn = np.random.default_rng(0).uniform(0, 1, (SIZE[1], SIZE[0], 4)).astype(np.float16)
    albedo.unfinished.write(drawn.tobytes())
    albedo.finish_over(geometry, "gaussian")
    # At the model's own outline pixels look at a place beside their centre; that may be told from a smooth surface.
    whole = minimum_filter(read_geometry(geometry).coverage, 3) == 1
    assert whole.mean() > 0.5
    left = read_albedo(albedo.texture)
    assert np.abs(left - drawn[::-1].astype(np.float32))[whole].max() < 1e-3
    albedo.release()
