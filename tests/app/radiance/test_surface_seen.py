"""Surfaces seen by the cameras of their photographs: in the scene of what cameras see, and without a window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving import DrivenSession, driven
from sphere_scenes import write_ball_scene

from app.cli import run
from app.scenes.radiance.state import radiance_fields
from app.scenes.shape.state import shapes
from fieldcore.checkpoint import TrainingFacts, load_field, save_field
from fieldcore.fields import build_field, preset_recipe
from fieldcore.fitting import Stop, fit
from fieldcore.images import read_image
from fieldcore.views.views import Views

TINY = {"points_per_step": 64, "finest_cells": 32, "samples": 8}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ball_scene(tmp_path_factory.mktemp("scene") / "balls", 9, 24)


@pytest.fixture(scope="module")
def field(scene: Path) -> Path:
    """A surface that is little more than its hull."""
    views = Views.open(scene)
    made = build_field(preset_recipe("surface", "preview", views.facts).changed(TINY, "views"), views.facts)
    for _ in fit(made, views, stop=Stop(steps=2)):
        pass
    path = scene.parent / "balls.safetensors"
    save_field(path, made.eval(), TrainingFacts())
    return path


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DrivenSession]:
    with driven(tmp_path) as session:
        session.framebuffer_px = (48, 32)
        yield session


def test_the_surface_shown_before_is_looked_at_through_the_cameras_of_its_photographs(
    session: DrivenSession, field: Path
) -> None:
    session.open([str(field)])
    session.until(lambda: shapes(session).document is not None)
    session.next_scene()
    state = radiance_fields(session)
    session.until(lambda: state.document is not None)
    assert session.scene == "radiance" and state.document is shapes(session).document
    assert state.views is not None, "its folder lies beside it"
    assert "no density" in state.output_refusal("density")
    state.next_view(1)
    state.change(layout="two_up", left="normals", right="photo")
    session.until(
        lambda: state.seen is not None and state.seen.stage.final and {"normals", "photo"} <= set(_images(session))
    )


def _images(session: DrivenSession) -> dict[str, np.ndarray]:
    seen = radiance_fields(session).seen
    return {} if seen is None else dict(seen.stage.pictures.images)


def test_frames_are_what_the_field_renders(tmp_path: Path, field: Path, scene: Path, surface_of: object) -> None:
    path = {
        "format": "fieldscope-path", "version": 1, "scene": "radiance", "field": str(field), "truth": str(scene),
        "frames_per_second": 1, "caption": False, "keyframes": [{"time": 0, "view": 3}],
    }  # fmt: skip
    (tmp_path / "path.json").write_text(json.dumps(path))
    given = ["--render-path", str(tmp_path / "path.json"), "--out", str(tmp_path / "out"), "--size", "24x24"]
    assert run([*given, "--passes", "colour,normals,photo,error"]) == 0
    views, surface = Views.open(scene), load_field(field)
    frame = read_image(next((tmp_path / "out" / "colour").glob("*.png"))).values
    expected = surface.render(views.views[3].camera).colour.numpy()  # type: ignore[operator]
    assert np.abs(frame[..., :3] - expected).max() < 2 / 255
    photo = read_image(next((tmp_path / "out" / "photo").glob("*.png"))).values
    assert np.abs(photo[..., :3] - views.views[3].pixels()[..., :3].numpy()).max() < 2 / 255


def test_a_field_without_normals_is_refused_them(session: DrivenSession, field: Path) -> None:
    session.open([str(field)])
    session.until(lambda: shapes(session).document is not None)
    session.next_scene()
    state = radiance_fields(session)
    session.until(lambda: state.document is not None)
    state.arrange(replace(state.controls, left="density"))
    assert state.controls.left == "colour"
