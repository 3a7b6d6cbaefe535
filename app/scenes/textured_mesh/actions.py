"""The actions of the scene of textured meshes."""

from __future__ import annotations

from ...action import Action, next_choice, nothing_shown, toggle
from ...camera.actions import CAMERA_GESTURES
from ...session import Session
from .state import textured_meshes


def _ask_measuring(session: Session) -> None:
    textured_meshes(session).measure_asked = True
    session.notice("measuring all ways of shading on this view; the table in the panel fills")


ACTIONS: tuple[Action, ...] = (
    toggle("light", "I", "Camera", "Light", "let light fall on the model, or show its bare texture", "lit"),
    Action("next-shading", "N", "Shading", "Next", "look the texture up in the next way",
            lambda session: textured_meshes(session).next_shading(), nothing_shown),
    Action("next-right", "Q", "Shading", "Next right", "the same on the right of a wipe or a two-up",
            lambda session: textured_meshes(session).next_right(), nothing_shown),
    Action("uv", "V", "Shading", "UV pass", "show the pass itself, u as red and v as green, or the texture again",
            lambda session: textured_meshes(session).toggle_uv(), nothing_shown,
            lambda session: textured_meshes(session).shading == "uv"),
    next_choice("pixel-box", "F", "Shading", "Box pixel", "average over a pixel's box instead of a Gaussian, or back",
            "pixel_filter"),
    Action("measure", "J", "Shading", "Measure all", "judge every way of shading on this view: time, PSNR, FLIP, "
            "flicker", _ask_measuring, nothing_shown, lambda session: textured_meshes(session).measure_asked),
)  # fmt: skip

GESTURES: tuple[tuple[str, str, str], ...] = (
    *CAMERA_GESTURES,
    ("View", "Drop", "open a model, a field for its texture, a picture to lay on it, or a flight"),
)
