"""How values become what a display shows: exposure, offset and tone curve, as entries, and where a picture begins."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from ..entries import Controls, entry

Curve = Literal["srgb", "none", "aces", "reinhard", "false_colour"]
"""Display-encoded; linear light as it is; a film's curve; x / (1 + x); or the luminance as colours with a scale."""

CURVES: tuple[Curve, ...] = get_args(Curve)

MIDDLE_GREY = 0.18
"""Linear light that a picture's median is brought to, as photographers measure it."""

MOST_STOPS = 16.0

_SAMPLES = 1 << 16
_WEIGHTS = (0.2126, 0.7152, 0.0722)


@dataclass(frozen=True, kw_only=True)
class ToneControls(Controls):
    """The entries.

    Attributes:
        exposure: linear light is multiplied by two to this power.
        offset: added to linear light after that.
        tone: the curve from there to the display.
    """

    exposure: float = entry(
        0.0,
        "exposure, stops",
        "multiply the light of what is shown by two to this power; error maps stay as they are",
        group="Tone",
        least=-MOST_STOPS,
        most=MOST_STOPS,
        renders=("picture", "light_stage"),
    )
    offset: float = entry(
        0.0,
        "offset",
        "added to the light after that, 1 being white",
        group="Tone",
        least=-1.0,
        most=1.0,
        renders=("picture", "light_stage"),
    )
    tone: Curve = entry(
        "srgb",
        "tone curve",
        "from light to the display: srgb clips at white, none shows light unencoded, aces and reinhard compress what "
        "is brighter than white, false_colour shows luminance as colours with a scale",
        group="Tone",
        along="constant",
        renders=("picture", "light_stage"),
    )

    @property
    def is_toned(self) -> bool:
        """Whether values are shown otherwise than as they are by themselves."""
        return (self.exposure, self.offset, self.tone) != (0.0, 0.0, "srgb")

    def is_light(self, output: str) -> bool:
        """Whether an output shows light, which all of this is about."""
        return True

    @property
    def tone_words(self) -> tuple[tuple[str, bool], ...]:
        """What a caption says of it, in parts, and whether each is a value; nothing of what is usual."""
        named = {"exposure": f"{self.exposure:+.3g}", "offset": f"{self.offset:+.3g}", "tone": self.tone}
        usual = ToneControls()
        told = [(name, value) for name, value in named.items() if getattr(self, name) != getattr(usual, name)]
        return tuple(part for name, value in told for part in ((f"   {name}  ", False), (value, True)))

    @property
    def tone_described(self) -> dict[str, Any]:
        """For reports: nothing where values are shown as they are by themselves."""
        return {"exposure": self.exposure, "offset": self.offset, "tone": self.tone} if self.is_toned else {}


def first_exposure(signal: Any) -> float:
    """With how many stops more a picture in linear light is no darker than others, judged by its median; else 0.

    Args:
        signal: anything; only pictures in linear light, at least a stop too dark, are given more.
    """
    pixels = getattr(signal, "pixels", None)
    if pixels is None or signal.facts.encoding != "linear":
        return 0.0
    step = max(1, math.isqrt(pixels.shape[0] * pixels.shape[1] // _SAMPLES))
    some = np.asarray(pixels[::step, ::step])
    lights = some @ np.array(_WEIGHTS) if some.shape[-1] == 3 else some.mean(-1)
    lit = lights[lights > 0]
    if not len(lit):
        return 0.0
    stops = round(4 * math.log2(MIDDLE_GREY / float(np.median(lit)))) / 4
    return min(stops, MOST_STOPS) if stops >= 1 else 0.0
