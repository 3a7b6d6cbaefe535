"""The settings of the fly-through."""

from __future__ import annotations

from ...entry_settings import settings_of
from ...scene import SceneName
from ...setting import Session, Setting
from .controls import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE, FlightComparison, FlightControls

_FLIGHT: tuple[SceneName, ...] = ("textured_mesh",)


def _set_comparison(session: Session, comparison: FlightComparison) -> None:
    if comparison != session.cockpit.controls.comparison:
        session.cockpit.compare(comparison)


FLIGHT_SETTINGS: tuple[Setting, ...] = (
    Setting("texture-log10-variance", "Shading", "log10 variance", "how much more than a pixel's footprint the field "
            "averages over: a variance in squared domain units of the texture, whose longer side is 2, as a power of "
            "ten; leftmost is none. The field answers to it, plain textures do not", "slider",
            get=lambda session: session.cockpit.log10_variance,
            assign=lambda session, value: session.cockpit.set_log10_variance(value),
            least=LEAST_LOG10_VARIANCE, most=MOST_LOG10_VARIANCE, scenes=_FLIGHT),
    *settings_of(FlightControls, _FLIGHT, puts={
        "shading": lambda session, shading: session.cockpit.shade(shading),
        "other": lambda session, shading: session.cockpit.shade_beside(shading),
        "comparison": _set_comparison,
    }),
)  # fmt: skip
