"""The settings of scenes that show a field under one filter, beside its truth: pictures and shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from fieldcore.errors import InputError

from .covariance import covariance_matrix, dim_of, isotropic
from .scene import SceneName
from .scene_names import COMPARED, SMOOTHED
from .setting import Session, Setting, joined, numbers_of

Comparison = Literal["field", "truth", "error", "wipe", "two_up"]
"""What is shown: see the controls of the scenes."""

_MOST_VARIANCE = 100.0  # five times as wide as what is shown: it is one colour by then


def _shown(session: Session, scenes: Sequence[SceneName] = SMOOTHED) -> Any:
    """The state of the scene shown; while that is none of these, which have such a filter, of the first of them."""
    return session.state_of(session.scene if session.scene in scenes else scenes[0])


def _set_variance(session: Session, value: float) -> None:
    _check(value)
    shown = _shown(session)
    shown.change(covariance=isotropic(value, dim_of(shown.controls.covariance)))


def _set_covariance(session: Session, text: str) -> None:
    shown = _shown(session)
    covariance = numbers_of(text, len(shown.controls.covariance), "covariance")
    matrix = covariance_matrix(covariance)
    _check(matrix.tolist())
    if matrix.diagonal().max() > _MOST_VARIANCE:
        raise InputError(f"covariance: expected variances up to {_MOST_VARIANCE:g}, got '{text}'")
    shown.change(covariance=covariance)


def _check(covariance: float | list[list[float]]) -> None:
    """Raise InputError unless it is the variance or the covariance of a Gaussian."""
    from fieldcore.filters import Gaussian  # not before one is set: it imports torch

    Gaussian(covariance)


def _set_comparison(session: Session, comparison: str) -> None:
    shown = _shown(session, COMPARED)
    if comparison != shown.controls.comparison:
        shown.compare(comparison)


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
            get=lambda session: _shown(session, COMPARED).controls.comparison, assign=_set_comparison,
            choices=lambda session: get_args(Comparison), flag=True, flag_type=Comparison,
            scenes=COMPARED, usual="field"),
)  # fmt: skip
