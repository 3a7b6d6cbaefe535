"""Signals: the truth a field is trained on."""

from .ackley import Ackley
from .picture import Picture
from .shape import Shape
from .signal import Signal, SignalFacts
from .texture import Texture, domain_from_uv

__all__ = ["Ackley", "Picture", "Shape", "Signal", "SignalFacts", "Texture", "domain_from_uv"]
