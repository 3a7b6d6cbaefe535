"""The group *Histogram*: how often each value is shown, and each error."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..histogram import Histograms
from . import theme
from .board import NONE, Board, Tag
from .plots import Curves

_VALUES = "how often each value is there in what is shown, from black (0) to white (1), of each channel"
_ERRORS = (
    "how often each error is there in what is shown: the mean over the channels, as a share of the range from black "
    "to white, or of a shape the distance to the true surface. The truth must be among what is shown: press E"
)
_CHANNELS = {"R": (232, 92, 80), "G": (96, 176, 80), "B": (96, 150, 240)}
_LEAST_SHARE = 1e-5


def build(board: Board, header: Tag) -> None:
    """Make it."""
    session = board.session
    facts = board.fact("values", _VALUES), board.fact("errors", _ERRORS)
    values = Curves(board, "value", "share", {**_CHANNELS, "grey": theme.colours.ink}, _VALUES, logarithmic="y")
    errors = Curves(board, "error", "share", {"error": theme.colours.accent}, _ERRORS, logarithmic="y")
    shown: list[Histograms | None] = [None]

    def refresh() -> None:
        found = session.state.histograms
        if found is shown[0]:
            return
        shown[0] = found
        for fact, words in zip(facts, found.figures if found else (NONE, NONE), strict=True):
            fact.show(words or NONE)
        _show(found, values, errors)

    board.refreshed(header, refresh)


def _show(found: Histograms | None, values: Curves, errors: Curves) -> None:
    shares = (_LEAST_SHARE, 1.0)
    curves = {} if found is None else {name: _floored(curve) for name, curve in found.values.items()}
    values.show(curves, ((0.0, 1.0), shares))
    error = None if found is None else found.error
    errors.show({} if error is None else {"error": _floored(error)}, (None, shares))


def _floored(curve: Any) -> Any:
    """A logarithm has no zero."""
    return curve[0], np.maximum(curve[1], _LEAST_SHARE)
