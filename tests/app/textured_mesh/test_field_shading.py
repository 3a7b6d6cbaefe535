"""The texture that is a field, against the field evaluated pixel by pixel."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from resources import Resources
from scenery import quad
from scipy.ndimage import minimum_filter
from test_model_shadings import read
from torch import Tensor
from waves import COLOUR_FACTS, GREY_FACTS, LINEAR_FACTS, Waves

from app.camera.camera import Camera
from app.gl.offscreen import Offscreen
from app.scenes.textured_mesh.controls import PIXEL_VARIANCE, TexturedMeshControls
from app.scenes.textured_mesh.edges import looks
from app.scenes.textured_mesh.field_shading import FieldShading
from app.scenes.textured_mesh.geometry_pass import GeometryArrays, GeometryPass, read_geometry
from app.scenes.textured_mesh.shading import Shot
from app.work.asking import EvaluateHere
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.images import display_from_linear
from fieldcore.signals import SignalFacts

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (48, 32)
AT_AN_ANGLE = Camera.looking_at((0.0, 0.1, 0.0), (1.0, 0.5, 1.6))


@contextmanager
def shooting(surface: Offscreen, camera: Camera = AT_AN_ANGLE, size=SIZE) -> Iterator[Shot]:
    geometry_pass = GeometryPass(surface.context, quad())
    yield Shot(geometry_pass, camera, size)
    geometry_pass.release()


def shaded(surface: Offscreen, shading: FieldShading, shot: Shot, **options: Any) -> np.ndarray:
    for _ in shading.shade(shot, TexturedMeshControls(model="model", **options)):
        pass
    return read(shading.albedo)


def pixel_by_pixel(field: Field, arrays: GeometryArrays, pixel_variance: float, variance: float) -> np.ndarray:
    """One evaluation a pixel, its point and covariance by hand."""
    half = np.array(field.facts.half_extent)
    picture = np.zeros((*arrays.coverage.shape, 3))
    for row, column in zip(*np.nonzero(arrays.covered), strict=True):
        u, v = arrays.uv[row, column]
        by_pixel = np.diag([2 * half[0], -2 * half[1]]) @ arrays.jacobian[row, column].astype(float)
        covariance = by_pixel @ by_pixel.T * pixel_variance + variance * np.eye(2)
        place = torch.tensor([[half[0] * (2 * u - 1), half[1] * (1 - 2 * v)]], dtype=torch.float32)
        with torch.no_grad():
            picture[row, column] = field(place, Gaussian(torch.tensor(covariance, dtype=torch.float32)))[0]
    return picture


@pytest.mark.parametrize("facts", [COLOUR_FACTS, LINEAR_FACTS], ids=["display", "linear"])
@pytest.mark.parametrize("pixel_filter, variance", [("gaussian", 0.0), ("box", 0.0), ("gaussian", 0.003)])
def test_it_is_the_field_evaluated_pixel_by_pixel(
    surface_of: SurfaceOf, facts: SignalFacts, pixel_filter: Any, variance: float
) -> None:
    surface, field = surface_of(8, 8), Waves(facts)
    shading = FieldShading(surface.context, field)
    with shooting(surface) as shot:
        got = shaded(surface, shading, shot, pixel_filter=pixel_filter, variance=variance)
        arrays = read_geometry(shot.geometry)
        expected = pixel_by_pixel(field, arrays, PIXEL_VARIANCE[pixel_filter], variance)
    if facts.encoding == "linear":
        expected = display_from_linear(expected.clip(0, 1).astype(np.float32))
    within = minimum_filter(arrays.coverage, 3) == 1  # its outline is more than one footprint
    assert within.sum() > 400
    assert np.abs(got[..., :3] - expected.clip(0, 1))[within].max() < 2e-3
    assert np.abs(got[..., 3] - arrays.coverage).max() < 1e-3
    assert (got[~arrays.covered] == 0).all()
    shading.release()


def test_each_covered_pixel_is_asked_for_once_and_those_near_edges_once_a_look(surface_of: SurfaceOf) -> None:
    asked: list[int] = []

    class Counting(EvaluateHere):
        def __call__(self, field: Field, x: Tensor, gaussian: Gaussian) -> Iterator[Tensor | None]:
            asked.append(len(x))
            assert gaussian.per_point == len(x)
            yield None
            yield from super().__call__(field, x, gaussian)

    surface = surface_of(8, 8)
    shading = FieldShading(surface.context, Waves(), Counting())
    with shooting(surface) as shot:
        shaded(surface, shading, shot)
        points = [int(read_geometry(look.geometry).covered.sum()) for look in looks(shot)]
        covered = int(read_geometry(shot.geometry).covered.sum())
    assert points[0] == covered and 0 < max(points[1:]) < 0.6 * covered
    assert asked == [sum(points)]
    shading.release()


def test_nothing_is_asked_where_nothing_is_seen(surface_of: SurfaceOf) -> None:
    class Never(EvaluateHere):
        def __call__(self, *_: object) -> Iterator[Tensor | None]:
            raise AssertionError

    surface = surface_of(8, 8)
    shading = FieldShading(surface.context, Waves(), Never())
    with shooting(surface, Camera((0.0, 0.0, 3.0), 180.0)) as shot:
        assert (shaded(surface, shading, shot) == 0).all()
    shading.release()


def test_evaluating_here_is_the_same_in_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Waves, "tile_points", lambda *_: 1 << 10)
    field, generator = Waves(), torch.Generator().manual_seed(0)
    x = 2 * torch.rand(3000, 2, generator=generator) - 1
    matrices = torch.eye(2) * torch.rand(3000, 1, 1, generator=generator) * 0.01
    *busy, values = EvaluateHere()(field, x, Gaussian.unchecked(matrices))
    assert busy == [None] * 3
    with torch.no_grad():
        assert values is not None and torch.equal(values, field(x, Gaussian.unchecked(matrices)))


@pytest.mark.parametrize(
    "facts", [GREY_FACTS, dataclasses.replace(COLOUR_FACTS, half_extent=(1.0, 1.0, 1.0), resolution=())]
)
def test_a_field_of_no_texture_is_refused(surface_of: SurfaceOf, facts: SignalFacts) -> None:
    with pytest.raises(InputError, match="field of 'waves': a texture is a 2-D field of 3 channels, got"):
        FieldShading(surface_of(8, 8).context, Waves(facts))


def test_memory_stays_flat(surface_of: SurfaceOf, resources: Resources) -> None:
    surface = surface_of(8, 8)
    before = resources.alive
    shading = FieldShading(surface.context, Waves())
    counts = []
    for size in ((32, 32), (48, 16)) * 3:
        with shooting(surface, size=size) as shot:
            shaded(surface, shading, shot)
        counts.append(resources.alive)
    assert len(set(counts)) == 1
    shading.release()
    assert resources.alive == before
