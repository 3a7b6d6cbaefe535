"""How near a page's drafts, which are seen while something changes, are to what is seen when it rests."""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldcore.fields.field import Field
from fieldcore.measures import psnr

_PIXELS = 512
_FILTERS = {f"{variance:g}": f"variance={variance:g}" for variance in (1e-5, 3e-5, 1e-4, 1e-3, 1e-2, 1e-1)}
_STREAK = {"streak": "variance=1e-2&minor=1e-5&angle=30"}


def draft_decibels(window: Any, field: Field) -> dict[str, float]:
    """dB of drafts on the page that is open against whole frames, by variance."""
    from open_page import values_shown  # type: ignore[import-not-found]

    def values(fragment: str, draft: bool) -> np.ndarray:
        return values_shown(window, fragment, _PIXELS, _PIXELS, draft=draft)[..., : field.facts.channels]

    return {
        f"draft_{name}_dB": psnr(values(fragment, True), values(fragment, False), field.facts.value_range)
        for name, fragment in (_FILTERS | _STREAK).items()
    }
