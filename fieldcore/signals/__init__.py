"""Signals: the truth a field is trained on. ``SIGNALS`` holds every type by its name, imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..registry import Registry, lazy_names
from .signal import Dataset, Signal, SignalFacts, check_fits, same_signal

if TYPE_CHECKING:
    from .ackley import Ackley
    from .function import FunctionSignal
    from .light_stage import LightStage
    from .picture import Picture
    from .shape import Shape
    from .texture import Texture, domain_from_uv
    from .video import Video

SIGNALS: Registry[type[Dataset]] = Registry(
    "signal",
    {
        "picture": "fieldcore.signals.picture:Picture",
        "texture": "fieldcore.signals.texture:Texture",
        "shape": "fieldcore.signals.shape:Shape",
        "video": "fieldcore.signals.video:Video",
        "light_stage": "fieldcore.signals.light_stage:LightStage",
        "ackley": "fieldcore.signals.ackley:Ackley",
        "function": "fieldcore.signals.function:FunctionSignal",
        "views": "fieldcore.views.views:Views",
    },
)
"""Every type of signal by its name; the one place where a new type is entered."""

__all__ = [
    "SIGNALS",
    "Ackley",
    "Dataset",
    "FunctionSignal",
    "LightStage",
    "Picture",
    "Shape",
    "Signal",
    "SignalFacts",
    "Texture",
    "Video",
    "check_fits",
    "domain_from_uv",
    "same_signal",
    "signal_type",
]

_MODULES = {
    "Ackley": "ackley",
    "FunctionSignal": "function",
    "LightStage": "light_stage",
    "Picture": "picture",
    "Shape": "shape",
    "Texture": "texture",
    "Video": "video",
    "domain_from_uv": "texture",
}


if not TYPE_CHECKING:  # else type checkers would take any name for granted
    __getattr__ = lazy_names(__name__, _MODULES)


def signal_type(facts: SignalFacts) -> type[Dataset]:
    """The class of the signal that these facts are of; of one that nobody registered, the base of all signals.

    Example:
        >>> signal_type(Ackley().facts).__name__
        'Ackley'
    """
    return SIGNALS.get(facts.type, Signal)
