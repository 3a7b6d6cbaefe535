"""What ``--report`` measures of a flight: how each pass agrees with the judge, and with the frame before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...record.frame import Frame
from ...work.slices import completed
from .agreement import Seen, compared
from .controls import COLOURLESS, JUDGE, Shading, TexturedMeshControls
from .open_model import TexturedMeshSubject
from .renderer import TexturedMeshRenderer

_DIGITS = 6


class TexturedMeshMeasure:
    """See ``record.path_rendering.Measure``.

    Args:
        renderer: has just drawn the passes of each frame that it is called for.
        subject: what it drew.
    """

    def __init__(self, renderer: TexturedMeshRenderer, subject: TexturedMeshSubject) -> None:
        self._renderer, self._subject = renderer, subject
        self._before: dict[str, Seen] = {}

    def __call__(
        self, controls: TexturedMeshControls, frames: Mapping[str, Frame]
    ) -> tuple[dict[str, Any], dict[str, dict[str, float | None]]]:
        """The figures of each pass: ``psnr``, ``flip``, ``flicker`` and ``milliseconds``."""
        renderer, subject, taken = self._renderer, self._subject, self._renderer.taken
        if JUDGE not in frames:
            completed(renderer.shaded(JUDGE, subject, controls, taken.shot))
        judge = renderer.seen(JUDGE, subject)
        seen = {JUDGE: judge} | {name: self._seen(name) for name in frames if name not in COLOURLESS}
        figures: dict[str, dict[str, float | None]] = {}
        for name, frame in frames.items():
            reference = None if name == JUDGE else judge
            agreement = compared(seen.get(name), reference, self._before.get(name))
            figures[name] = {**agreement, "milliseconds": frame.milliseconds["shaded_ms"]}
        self._before = {name: one for name, one in seen.items() if name in frames}
        rounded = {
            name: {key: value and round(value, _DIGITS) for key, value in of.items()} for name, of in figures.items()
        }
        return {"geometry_ms": round(taken.milliseconds, 3), "passes": rounded}, figures

    def _seen(self, name: Any) -> Seen:
        way: Shading = name
        return self._renderer.seen(way, self._subject)
