"""All ways of shading by name, and what becomes of those by a field when it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
import torch
from resources import Resources
from scenery import quad
from waves import Waves

from app.camera.camera import Camera
from app.gl.offscreen import Offscreen
from app.scenes.textured_mesh.controls import BY_FIELD, Shading, TexturedMeshControls
from app.scenes.textured_mesh.shading import Shot, read_albedo
from app.scenes.textured_mesh.shading_set import Shadings
from fieldcore.errors import InputError

SurfaceOf = Callable[[int, int], Offscreen]


def picture(shadings: Shadings, name: Shading) -> np.ndarray:
    shot = Shot(shadings.geometry_pass, Camera(), (24, 16))
    for _ in shadings[name].shade(shot, TexturedMeshControls(model="", samples=2)):
        pass
    return read_albedo(shadings[name].albedo)


def test_every_way_has_its_name_and_all_is_given_back(surface_of: SurfaceOf, resources: Resources):
    surface = surface_of(8, 8)
    before = resources.alive
    shadings = Shadings(surface.context, quad(), field=Waves())
    for name in get_args(Shading):
        if name != "shader":  # of another kind of field
            assert picture(shadings, name)[8, 12, 3] == 1
            assert shadings[name] is shadings[name]
    shadings.release()
    assert resources.alive == before


@pytest.mark.parametrize("name", BY_FIELD)
def test_without_a_field_it_says_how_to_train_one(surface_of: SurfaceOf, name: Shading):
    shadings = Shadings(surface_of(8, 8).context, quad())
    with pytest.raises(InputError, match=f"{name}: the model has no field; train one with 'fieldcore fit"):
        shadings[name]
    shadings.release()


def test_another_field_is_another_texture(surface_of: SurfaceOf):
    shadings, bright = Shadings(surface_of(8, 8).context, quad(), field=Waves()), Waves()
    with torch.no_grad():
        bright.mean += 0.05  # nothing is clipped
    once = picture(shadings, "neural")
    shadings.use(bright)
    again = picture(shadings, "neural")
    inside = (once[..., 3] == 1) & (again[..., :3] < 0.99).all(-1)
    np.testing.assert_allclose((again - once)[inside][:, :3], 0.05, atol=2e-3)
    shadings.release()
