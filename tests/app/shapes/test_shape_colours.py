"""Shapes from photographs: opened, trained while they are looked at, and shown in their own colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ball import RADIUS, Ball, cell_centres
from driving import DrivenSession, driven
from sphere_scenes import THREE, write_ball_scene
from torch import Tensor
from trimesh.creation import icosphere

from app.camera.camera import rays
from app.gl.offscreen import Offscreen
from app.opening import opened_scenes
from app.record.frame_renderer import whole
from app.scenes.shape.baking import ShapeSubject
from app.scenes.shape.colour_bake import FieldColours, bake_colours
from app.scenes.shape.commands import fit_command
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.renderer import ShapeRenderer
from app.scenes.shape.state import shapes
from app.work.asking import EvaluateHere
from fieldcore.checkpoint import save_field
from fieldcore.errors import InputError
from fieldcore.fitting import Stop
from fieldcore.training import train
from fieldcore.views.views import Views

pytestmark = pytest.mark.usefixtures("coarse_shapes")

SurfaceOf = Callable[[int, int], Offscreen]


class ColouredBall(Ball):
    """Its colours are the directions that it faces."""

    has_colours = True

    def colours_at(self, x: Tensor) -> Tensor:
        return 0.5 + 0.5 * x / x.norm(dim=1, keepdim=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_ball_scene(tmp_path / "balls", 6, 24, THREE)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        session.training.plan = replace(session.training.plan, rule="steps", steps=2)
        yield session


def test_colours_are_those_of_the_nearest_place_everywhere() -> None:
    colours = bake_colours(ColouredBall(), 32)
    assert colours is not None
    centres = cell_centres(32)
    distance = np.linalg.norm(centres, axis=-1)
    expected = 0.5 + 0.5 * centres / distance[..., None]
    off = np.abs(colours.values / 255 - expected)
    assert off[np.abs(distance - RADIUS) < 0.1].max() < 3e-3, "asked for itself"
    assert off[(distance > 0.4) & (distance < 1.2)].max() < 0.12, "of a cell near the surface in that direction"


def test_a_shape_that_vanishes_has_no_colours() -> None:
    assert bake_colours(ColouredBall(error=5.0), 16) is None


def test_colours_are_baked_anew_when_weights_change_or_cells_are_finer() -> None:
    field, known = ColouredBall(), FieldColours()
    first = known.of(field, 0, 16)
    assert known.of(field, 0, 16) is first and known.latest(field) is first
    assert known.of(field, 1, 8) is first, "finer ones of other weights are better than coarse ones"
    second = known.of(field, 1, 16)
    assert second is not first and known.of(field, 1, 32) is not second
    assert known.of(Ball(), 0) is None and known.latest(Ball()) is None


def test_frames_are_in_the_colours_of_the_field(surface_of: SurfaceOf) -> None:
    surface = surface_of(96, 72)
    field = ColouredBall()
    renderer = ShapeRenderer(surface.context, EvaluateHere())
    controls = replace(ShapeControls(), cells=64, grid=False, caption=False, colouring="colours")
    subject = ShapeSubject(field, colours=lambda: bake_colours(field, 64))
    frame = whole(renderer.render(subject, controls, surface.framebuffer))
    looking = rays(controls.camera, (96, 72))
    forward, right, up = (np.array(looking[f"ray_{way}"]) for way in ("forward", "right", "up"))
    x, y = np.meshgrid(np.arange(96) + 0.5 - looking["ray_origin"][0], 71.5 - np.arange(72) - looking["ray_origin"][1])
    directions = forward + x[..., None] * right + y[..., None] * up
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    eye = np.array(looking["eye"])
    along = directions @ -eye
    inside = along**2 - (eye @ eye - RADIUS**2)
    hit = inside > 0.05
    places = eye + (along - np.sqrt(np.where(hit, inside, 0)))[..., None] * directions
    expected = 0.5 + 0.5 * places / RADIUS
    assert hit.sum() > 300
    assert np.abs(frame.pixels / 255 - expected)[hit].max() < 0.02
    renderer.release()


@pytest.mark.long
def test_a_folder_with_masks_opens_as_a_shape_and_is_trained_in_its_own_colours(
    session: DrivenSession, folder: Path
) -> None:
    assert opened_scenes([str(folder)]) == ("shape",)
    session.open([str(folder)])
    state = shapes(session)
    session.until(lambda: state.document is not None and session.training.state == "idle")
    document = state.document
    assert session.scene == "shape" and document is not None and document.field.kind == "surface"
    assert state.controls.colouring == "colours" and document.path.is_file()
    session.until(lambda: state.baker.settled is not None)
    assert state.baker.baked is not None and state.baker.baked.stage.colours is not None
    assert not state.train_refusal
    assert fit_command(session).startswith(f"fieldcore fit surface {folder} ")
    session.open([str(document.path)])


@pytest.mark.long
def test_a_field_of_a_surface_opens_as_a_shape(tmp_path: Path, folder: Path) -> None:
    icosphere(subdivisions=2, radius=0.4).export(folder / "truth.ply")
    field = train("surface", Views.open(folder), Stop(steps=1))
    save_field(tmp_path / "balls.safetensors", field)
    assert opened_scenes([str(tmp_path / "balls.safetensors")]) == ("shape",)
    with driven(tmp_path) as session:
        session.open([str(tmp_path / "balls.safetensors")])
        state = shapes(session)
        session.until(lambda: state.document is not None and state.baker.settled is not None)
        assert session.scene == "shape" and state.controls.colouring == "colours"
        assert state.output_refusal("truth") == "", "the folder of its photographs lies beside it, and has a truth.ply"


def test_colours_are_refused_where_there_are_none(session: DrivenSession) -> None:
    state = shapes(session)
    state.change(colouring="curvature")
    state.change(colouring="colours")
    assert state.controls.colouring == "material", "so that the key goes round"
    message = session.messages.shown(session.now)
    assert message is not None and "no colours of its own" in message.text
    with pytest.raises(InputError, match="a ball field has no colours of its own"):
        Ball().colours_at(torch.zeros(1, 3))
