"""Bakes and their textures: what is shown while a finer one arrives, and the box that holds a level set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ball import cell_centres

from app.camera.camera import Camera
from app.gl.offscreen import Offscreen
from app.scenes.shape.bake import Bake
from app.scenes.shape.sight import Bounds, Sight
from app.scenes.shape.surface_buffers import SurfaceBuffers
from app.scenes.shape.surface_pass import SurfacePass
from app.scenes.shape.volume_texture import VolumeTexture
from app.work.slices import completed
from fieldcore.errors import InputError

SurfaceOf = Callable[[int, int], Offscreen]


def ball(cells: int, radius: float, middle: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Bake:
    return Bake((np.linalg.norm(cell_centres(cells) - middle, axis=-1) - radius).astype(np.float32))


def depth_in_the_middle(surface: Offscreen, volume: VolumeTexture) -> float:
    drawing, buffers = SurfacePass(surface.context), SurfaceBuffers(surface.context, (9, 9))
    drawing.draw(buffers, volume, Sight(Camera((0.0, 0.0, 3.0)), 0.0, Bounds()))
    depth = float(buffers.read().position[4, 4, 2])
    drawing.release()
    buffers.release()
    return depth


def test_values_lie_by_z_y_x(surface_of: SurfaceOf) -> None:
    surface = surface_of(8, 8)
    values = cell_centres(16)[..., 2].astype(np.float32)  # the plane z = 0, inside below
    volume = VolumeTexture(surface.context)
    completed(volume.bringing(Bake(values)))
    assert depth_in_the_middle(surface, volume) == pytest.approx(0, abs=1e-4)
    completed(volume.bringing(Bake(values - 0.3)))
    assert depth_in_the_middle(surface, volume) == pytest.approx(0.3, abs=1e-4)
    volume.release()


def test_a_finer_bake_takes_over_when_it_is_whole(surface_of: SurfaceOf) -> None:
    surface = surface_of(8, 8)
    volume = VolumeTexture(surface.context)
    assert volume.is_empty
    completed(volume.bringing(ball(16, 0.5)))
    volume.want(ball(128, 0.8))
    slabs = 0
    while volume.busy:
        slabs += 1
        assert volume.cell == 2.4 / 16
        if slabs < 3:
            assert depth_in_the_middle(surface, volume) == pytest.approx(0.5, abs=0.02)
        volume.advance()
    assert slabs > 2
    assert volume.cell == 2.4 / 128
    assert depth_in_the_middle(surface, volume) == pytest.approx(0.8, abs=1e-3)
    volume.want(ball(128, 0.2))
    volume.advance()
    volume.want(ball(16, 0.2))
    assert depth_in_the_middle(surface, volume) == pytest.approx(0.8, abs=1e-3)
    volume.release()
    assert volume.is_empty


@pytest.mark.parametrize("level", [-0.1, 0.0, 0.3])
def test_bounds_hold_all_of_a_level_set_and_little_more(surface_of: SurfaceOf, level: float) -> None:
    volume = VolumeTexture(surface_of(8, 8).context)
    middle, radius = np.array((0.3, -0.2, 0.1)), 0.4 + level
    completed(volume.bringing(ball(48, 0.4, (0.3, -0.2, 0.1))))
    bounds = volume.bounds(level, 0.0)
    assert bounds is not None
    assert (np.array(bounds.lower) <= middle - radius).all() and (np.array(bounds.upper) >= middle + radius).all()
    assert (np.array(bounds.lower) > middle - radius - 0.11).all()
    assert (np.array(bounds.upper) < middle + radius + 0.11).all()
    assert volume.bounds(-0.6, 0.0) is None
    volume.release()


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_steepness_of_a_bake(factor: float) -> None:
    bake = Bake(ball(40, 0.5).values * np.float32(factor))
    assert bake.steepness == pytest.approx(factor, rel=0.05)


def test_bakes_that_are_none_are_told() -> None:
    with pytest.raises(InputError, match=r"bake: expected n x n x n values, n at least 2, got 4 x 5 x 4; bake a cube"):
        Bake(np.zeros((4, 5, 4), np.float32))


def test_cells_that_no_driver_holds_are_told(surface_of: SurfaceOf, monkeypatch: pytest.MonkeyPatch) -> None:
    surface = surface_of(8, 8)
    monkeypatch.setitem(surface.context.info, "GL_MAX_3D_TEXTURE_SIZE", 8)
    volume = VolumeTexture(surface.context)
    with pytest.raises(InputError, match="this driver holds at most 8 cells an axis, got 16; bake fewer"):
        completed(volume.bringing(ball(16, 0.5)))
    assert volume.is_empty
