"""The actions of the fly-through."""

from __future__ import annotations

from functools import partial

from ...action import Action, comparison, smoothing
from ...camera.actions import CAMERA_GESTURES
from ...session import Session
from .state import textured_meshes


def _needs_model(session: Session) -> str:
    return "" if textured_meshes(session).model else "no model is open: drop one on the view"


_comparison = partial(comparison, prefix="shadings", group="Shading")


def _toggle_grid(session: Session) -> None:
    state = textured_meshes(session)
    state.change(grid=not state.controls.grid)


def _toggle_light(session: Session) -> None:
    state = textured_meshes(session)
    state.change(lit=not state.controls.lit)


def _toggle_filter(session: Session) -> None:
    state = textured_meshes(session)
    state.change(pixel_filter="box" if state.controls.pixel_filter == "gaussian" else "gaussian")


def _ask_measuring(session: Session) -> None:
    textured_meshes(session).measure_asked = True
    session.notice("measuring all ways of shading on this view; the table in the panel fills")


ACTIONS: tuple[Action, ...] = (
    Action("grid", "B", "Camera", "Grid", "show or hide the ground's grid and the axes", _toggle_grid, _needs_model,
            lambda session: textured_meshes(session).controls.grid),
    Action("light", "I", "Camera", "Light", "let light fall on the model, or show its bare texture", _toggle_light,
            _needs_model, lambda session: textured_meshes(session).controls.lit),
    Action("next-shading", "N", "Shading", "Next", "look the texture up in the next way",
            lambda session: textured_meshes(session).next_shading(), _needs_model),
    Action("next-beside", "G", "Shading", "Next right", "the same on the right of a wipe or a two-up",
            lambda session: textured_meshes(session).next_beside(), _needs_model),
    Action("uv", "V", "Shading", "UV pass", "show the pass itself, u as red and v as green, or the texture again",
            lambda session: textured_meshes(session).toggle_uv(), _needs_model,
            lambda session: textured_meshes(session).controls.shading == "uv"),
    Action("pixel-box", "F", "Shading", "Box pixel", "average over a pixel's box instead of a Gaussian, or back",
            _toggle_filter, _needs_model, lambda session: textured_meshes(session).controls.pixel_filter == "box"),
    _comparison("wipe", "X", "Wipe", "two ways of shading with a divider between that can be dragged"),
    _comparison("two_up", "2", "Two-up", "two ways of shading side by side"),
    _comparison("four", "4", "Four", "four ways of shading at once"),
    _comparison("error", "E", "Error", "show how far the shading is from the judge, as colours with a scale"),
    *smoothing(("smoother-texture", "sharper-texture"), "Shading", " in the texture"),
    Action("measure", "J", "Shading", "Measure all", "judge every way of shading on this view: time, PSNR, FLIP, "
            "flicker", _ask_measuring, _needs_model, lambda session: textured_meshes(session).measure_asked),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    *CAMERA_GESTURES,
    ("View", "Drop", "open a model, a field for its texture, a picture to lay on it, or a flight"),
)
