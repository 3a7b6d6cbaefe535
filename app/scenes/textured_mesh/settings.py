"""The settings of the fly-through."""

from __future__ import annotations

from typing import Any

from ...entry_settings import settings_of
from ...setting import Session, Setting
from .controls import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, TexturedMeshComparison, TexturedMeshControls


def _state(session: Session) -> Any:
    return session.state_of("textured_mesh")


def _set_comparison(session: Session, comparison: TexturedMeshComparison) -> None:
    if comparison != _state(session).controls.comparison:
        _state(session).compare(comparison)


SETTINGS: tuple[Setting, ...] = (
    Setting("texture-log10-variance", "Shading", "log10 variance", "how much more than a pixel's footprint the field "
            "averages over: a variance in squared domain units of the texture, whose longer side is 2, as a power of "
            "ten; leftmost is none. The field answers to it, plain textures do not", "slider",
            get=lambda session: _state(session).log10_variance,
            assign=lambda session, value: _state(session).set_log10_variance(value),
            least=LEAST_LOG10_VARIANCE, most=MOST_LOG10_VARIANCE, least_is_none=True),
    *settings_of(TexturedMeshControls, ("textured_mesh",), puts={
        "shading": lambda session, shading: _state(session).shade(shading),
        "other": lambda session, shading: _state(session).shade_beside(shading),
        "comparison": _set_comparison,
    }),
)  # fmt: skip
