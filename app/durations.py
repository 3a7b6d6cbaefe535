"""Durations for people."""

from __future__ import annotations


def in_words(seconds: float) -> str:
    """About so long: ``14 s``, ``4 min``, ``2.5 h``."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"
