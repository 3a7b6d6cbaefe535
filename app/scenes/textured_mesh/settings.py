"""The settings of the scene of textured meshes."""

from __future__ import annotations

from typing import Any

from ...entry_settings import settings_of
from ...setting import Session, Setting
from .controls import TexturedMeshComparison, TexturedMeshControls


def _state(session: Session) -> Any:
    return session.state_of("textured_mesh")


def _set_comparison(session: Session, comparison: TexturedMeshComparison) -> None:
    if comparison != _state(session).controls.comparison:
        _state(session).compare(comparison)


SETTINGS: tuple[Setting, ...] = (
    *settings_of(TexturedMeshControls, ("textured_mesh",), puts={
        "shading": lambda session, shading: _state(session).shade(shading),
        "other": lambda session, shading: _state(session).shade_beside(shading),
        "comparison": _set_comparison,
    }),
)  # fmt: skip
