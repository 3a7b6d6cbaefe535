"""The settings of scenes that show a field under one filter, beside its truth: pictures and shapes."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from fieldcore.errors import InputError

from .scene_names import SMOOTHED
from .scenes.picture.controls import Comparison
from .setting import Session, Setting, joined, numbers_of

if TYPE_CHECKING:
    from .scenes.shape.stand import Stand
else:  # as with the session
    Stand = Any

_MOST_VARIANCE = 100.0  # five times as wide as what is shown: it is one colour by then
_PLACES = {3: list(combinations_with_replacement(range(2), 2)), 6: list(combinations_with_replacement(range(3), 2))}
"""Row and column of each entry of a covariance, on the diagonal and above, by how many there are."""


def _shown(session: Session) -> Session | Stand:
    return session.stand if session.scene == "shape" else session


def _set_variance(session: Session, value: float) -> None:
    _check(value)
    shown = _shown(session)
    places = _PLACES[len(shown.controls.covariance)]
    shown.change(covariance=tuple(value if row == column else 0.0 for row, column in places))


def _set_covariance(session: Session, text: str) -> None:
    shown = _shown(session)
    entries = numbers_of(text, len(shown.controls.covariance), "covariance")
    matrix = _matrix(entries)
    _check(matrix)
    if max(row[at] for at, row in enumerate(matrix)) > _MOST_VARIANCE:
        raise InputError(f"covariance: expected variances up to {_MOST_VARIANCE:g}, got '{text}'")
    shown.change(covariance=entries)


def _check(covariance: float | list[list[float]]) -> None:
    """Raise InputError unless it is the variance or the covariance of a Gaussian."""
    from fieldcore.filters import Gaussian  # not before one is set: it imports torch

    Gaussian(covariance)


def _matrix(entries: tuple[float, ...]) -> list[list[float]]:
    by_place = dict(zip(_PLACES[len(entries)], entries, strict=True))
    side = max(by_place)[0] + 1
    return [[by_place[min(row, column), max(row, column)] for column in range(side)] for row in range(side)]


def _set_comparison(session: Session, comparison: Comparison) -> None:
    if comparison != _shown(session).controls.comparison:
        _shown(session).compare(comparison)


SMOOTHING_SETTINGS: tuple[Setting, ...] = (
    Setting("variance", "Filter", "variance", "the variance of an isotropic filter, in squared domain units", "number",
            get=lambda session: _shown(session).controls.covariance[0], assign=_set_variance, most=_MOST_VARIANCE,
            flag=True, scenes=SMOOTHED),
    Setting("covariance", "Filter", "covariance", "the covariance matrix, in squared domain units: xx,xy,yy of a "
            "picture, y down the height; xx,xy,xz,yy,yz,zz of a shape", "text",
            get=lambda session: joined(_shown(session).controls.covariance), assign=_set_covariance, flag=True,
            scenes=SMOOTHED, metavar="XX,XY,YY"),
    Setting("comparison", "Compare", "show", "the field, the truth, how far apart they are, a wipe between them, or "
            "two side by side: two fields of a picture, of a shape the field and the truth", "choice",
            get=lambda session: _shown(session).controls.comparison, assign=_set_comparison,
            choices=lambda session: ("field", "truth", "error", "wipe", "two_up"), flag=True, flag_type=Comparison,
            scenes=SMOOTHED, usual="field"),
)  # fmt: skip
