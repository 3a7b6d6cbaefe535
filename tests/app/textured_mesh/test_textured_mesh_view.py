"""The view: quick frames while something moves, whole ones at rest, those of a recording; with an engine behind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from driving import document_of
from patience import wait_until
from resources import Resources
from scenery import quad

from app.camera.camera import Camera
from app.document import Document
from app.gl.hidden_surface import HiddenSurface
from app.gl.offscreen import Offscreen
from app.record.frame_renderer import whole
from app.record.live import LiveRecorder
from app.scenes.textured_mesh.controls import TexturedMeshControls
from app.scenes.textured_mesh.measuring import Sights, figures_of, sights
from app.scenes.textured_mesh.open_model import ModelOptions, OpenModel, TexturedMeshSubject
from app.scenes.textured_mesh.presenter import DRESS, MOVING_S
from app.scenes.textured_mesh.renderer import TexturedMeshRenderer
from app.viewport.viewport import Viewport, Wanted
from app.work.asking import Asking, EvaluateHere
from app.work.engine import Engine
from app.work.slices import completed
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fields.field import Field
from fieldcore.signals.texture import Texture

SIZE = (96, 64)
CONTROLS = TexturedMeshControls(model="quad", camera=Camera((0.2, 0.1, 2.6), 5.0, -3.0), left="mipmap")
SurfaceOf = Callable[[int, int], Offscreen]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with closing(Engine()) as engine:
        yield engine


@pytest.fixture(scope="module")
def model() -> OpenModel:
    mesh = quad(pixels=np.random.default_rng(0).random((32, 32, 3)).astype(np.float32))
    return OpenModel(Path("quad"), ModelOptions(), mesh, Texture.of(mesh))


@pytest.fixture(scope="module")
def document(model: OpenModel) -> Document:
    torch.manual_seed(0)
    facts = model.signal.facts
    return document_of(build_field(preset_recipe("trained_pyramid", "preview", facts), facts), "texture.safetensors")


def wanted(model: OpenModel, document: Document | None = None, moving: bool = False, **controls: Any) -> Wanted:
    field = document.field if document else None
    return Wanted(
        TexturedMeshSubject(model.model, field), replace(CONTROLS, **controls), SIZE, (model, id(field)), 1.0, moving
    )


def viewport(surface: Offscreen, engine: Engine) -> Viewport:
    renderer = TexturedMeshRenderer(surface.context, Asking(engine, for_view=True))
    return Viewport(surface.context, renderer, MOVING_S, DRESS)


def until(view: Viewport, there: Callable[[], bool]) -> None:
    """Go on, a slice of work after the other, until something holds."""
    wait_until(lambda: view.advance(0.01) or there())


def labels(view: Viewport) -> dict[Any, str]:
    assert view.finished is not None
    return {way: shaded.shading.label for way, shaded in view.finished.pictures.shaded.items()}


def expected(surface: Offscreen, controls: TexturedMeshControls, model: OpenModel, field: Field | None) -> np.ndarray:
    renderer = TexturedMeshRenderer(surface.context, EvaluateHere())
    frame = whole(renderer.render(TexturedMeshSubject(model.model, field), controls, surface.framebuffer))
    renderer.release()
    assert frame.pixels is not None
    return frame.pixels


def recorder(surface: Offscreen, engine: Engine, take: Callable[..., None]) -> LiveRecorder:
    renderer = TexturedMeshRenderer(surface.context, Asking(engine, for_view=False))
    return LiveRecorder(renderer, HiddenSurface(surface.context), take)


@pytest.mark.parametrize(
    "changes",
    [{}, {"left": "neural"}, {"layout": "wipe"}, {"layout": "four", "samples": 2}, {"left": "error"}],
)
def test_at_rest_the_window_shows_what_a_flight_without_one_shows(
    surface_of: SurfaceOf, engine: Engine, model: OpenModel, document: Document, changes: dict[str, Any]
) -> None:
    surface = surface_of(*SIZE)
    view = viewport(surface, engine)
    view.want(wanted(model, document, **changes))
    until(view, lambda: view.at_rest)
    assert view.compose(labels(view)) and not view.compose(labels(view)), "only once"
    view.kept.draw(surface.framebuffer)
    shown = surface.pixels()
    view.release()
    truth = expected(surface, replace(CONTROLS, **changes), model, document.field)
    assert np.abs(shown.astype(int) - truth.astype(int)).max() <= (1 if changes.get("shading") == "neural" else 0)
    assert truth.std() > 10


@pytest.mark.parametrize("seconds", [0.0, math.inf], ids=["slowest", "fastest"])
def test_while_something_moves_frames_are_quick_and_the_latest_one_comes_to_rest(
    surface_of: SurfaceOf, engine: Engine, model: OpenModel, seconds: float
) -> None:
    """On the slowest machine, on which a slice of work is all that a pass of the loop has time for, and the fastest."""
    surface = surface_of(*SIZE)
    view = viewport(surface, engine)
    view._pace.note("supersampled", SIZE, 1000.0)
    seen = set()
    for step in range(30):
        camera = replace(CONTROLS.camera, yaw_deg=float(step))
        view.want(wanted(model, moving=True, left="supersampled", camera=camera))
        view.advance(seconds)
        if view.finished is not None:
            assert view.finished.quick and view.finished.controls.samples == 2
            seen.add(view.finished.controls.camera.yaw_deg)
    assert len(seen) > 2, "a hand that never rests sees frames all the same"
    view.want(wanted(model, left="supersampled", samples=3))
    assert not view.at_rest
    until(view, lambda: view.at_rest)
    assert view.finished is not None and view.finished.whole and view.finished.divisor == 1
    assert view.finished.controls.samples == 3 and view.finished.controls.camera == CONTROLS.camera
    view.release()


def test_light_grid_and_labels_change_without_shading_again(
    surface_of: SurfaceOf, engine: Engine, model: OpenModel
) -> None:
    surface = surface_of(*SIZE)
    view = viewport(surface, engine)
    view.want(wanted(model))
    until(view, lambda: view.at_rest)
    before = view.finished
    view.compose(labels(view))
    view.want(wanted(model, lit=False, grid=True))
    view.advance(0.01)
    assert view.at_rest and view.finished is before and view.compose(labels(view))
    view.kept.draw(surface.framebuffer)
    shown = surface.pixels()
    view.release()
    assert np.array_equal(shown, expected(surface, replace(CONTROLS, lit=False, grid=True), model, None))


def test_what_cannot_be_shaded_is_said_once_and_the_next_thing_is_shown(
    surface_of: SurfaceOf, engine: Engine, model: OpenModel, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = viewport(surface_of(*SIZE), engine)
    with monkeypatch.context() as patched:
        patched.setattr(type(document.field), "_values", lambda *_: 1 / 0)
        view.want(wanted(model, document, left="neural"))
        with pytest.raises(InputError, match="ZeroDivisionError"):
            until(view, lambda: view.at_rest)
        for _ in range(5):
            view.advance(0.01)
    view.want(wanted(model, document, left="neural", samples=3))
    until(view, lambda: view.at_rest)
    view.release()


def test_everything_is_given_back(
    surface_of: SurfaceOf, engine: Engine, model: OpenModel, document: Document, resources: Resources
) -> None:
    surface = surface_of(*SIZE)
    before = resources.alive
    taken: list[Any] = []
    view, back = viewport(surface, engine), recorder(surface, engine, lambda *frame: taken.append(frame))
    for shading in ("mipmap", "neural", "supersampled"):
        view.want(wanted(model, document, left=shading, samples=2))
        until(view, lambda: view.at_rest)
        view.compose(labels(view))
    back.film(TexturedMeshSubject(model.model, document.field), replace(CONTROLS, left="neural"), SIZE)
    while not taken:
        back.advance(0.01)
    view.release()
    back.release()
    assert resources.alive == before


def test_frames_of_a_recording_are_those_of_a_flight_without_a_window(
    surface_of: SurfaceOf, engine: Engine, model: OpenModel, document: Document
) -> None:
    surface = surface_of(*SIZE)
    taken: list[Any] = []
    back = recorder(surface, engine, lambda *frame: taken.append(frame))
    for shading in ("mipmap", "neural"):
        controls = replace(CONTROLS, left=shading, layout="wipe")
        back.film(TexturedMeshSubject(model.model, document.field), controls, SIZE)
        wait_until(lambda: back.advance(0.01) or not back.works)
    back.release()
    for (pixels, description, _), shading in zip(taken, ("mipmap", "neural"), strict=True):
        controls = replace(CONTROLS, left=shading, layout="wipe")
        assert np.array_equal(pixels, expected(surface, controls, model, document.field))
        assert description["left"] == shading and description["position"] == controls.camera.position


def test_measuring_finds_the_judge_at_no_distance_from_itself(surface_of: SurfaceOf, model: OpenModel) -> None:
    surface = surface_of(*SIZE)
    renderer, subject = TexturedMeshRenderer(surface.context, EvaluateHere()), TexturedMeshSubject(model.model)
    controls, ways = replace(CONTROLS, samples=4), ("single", "mipmap", "uv")
    before = replace(CONTROLS.camera, yaw_deg=CONTROLS.camera.yaw_deg + 0.5)
    seen: Sights = completed(sights(renderer, subject, controls, ways, SIZE, before))
    renderer.release()
    figures = figures_of(seen, lambda: False)
    assert figures is not None and set(figures) == {"supersampled", "single", "mipmap"}, "uv shows no colours"
    assert figures["supersampled"].psnr is None and figures["mipmap"].psnr > figures["single"].psnr > 5
    assert 0 < figures["mipmap"].flip < figures["single"].flip
    assert 0 < figures["mipmap"].flicker < figures["single"].flicker
    assert figures["mipmap"].size == SIZE and figures_of(seen, lambda: True) is None


def test_a_frame_whose_field_was_replaced_is_read_no_more(
    surface_of: SurfaceOf, engine: Engine, model: OpenModel, document: Document
) -> None:
    """What shaded it has been given back: who asks what is under the cursor waits for the next frame."""
    view = viewport(surface_of(*SIZE), engine)
    renderer: Any = view._renderer
    view.want(wanted(model, document, left="neural"))
    until(view, lambda: view.at_rest)
    assert view.finished is not None and renderer.holds(view.finished.pictures)
    assert renderer.has_drawn(view.finished.wanted.subject)
    torch.manual_seed(1)
    facts = model.signal.facts
    other = document_of(build_field(preset_recipe("pyramid", "picture", facts), facts), "other.safetensors")
    renderer.shadings_of(wanted(model, other).subject)
    assert not renderer.holds(view.finished.pictures) and not renderer.has_drawn(view.finished.wanted.subject)
    view.want(wanted(model, document, left="mipmap"))
    until(view, lambda: view.at_rest)
    assert renderer.holds(view.finished.pictures)
    view.release()
