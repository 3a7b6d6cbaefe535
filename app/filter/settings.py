"""The settings of filters, in all scenes that have them."""

from __future__ import annotations

from typing import Any

from fieldcore.errors import InputError

from ..covariance import covariance_matrix, dim_of, isotropic
from ..entry_settings import settings_of
from ..principal_axes import MOST_ANISOTROPY
from ..scene_names import ON_PLANE, SIZED, SMOOTHED
from ..setting import Session, Setting, joined, numbers_of
from .controls import FilterControls
from .half_size import LARGEST, LEAST_LOG10, MOST_LOG10
from .kernels import GAUSSIAN, KERNELS

_PLANES = tuple(scene for scene in ON_PLANE if scene in SMOOTHED)
_MOST_VARIANCE = 100.0  # five times as wide as what is shown: it is one colour by then


def _shown(session: Session) -> Any:
    """The state of the scene shown; while that has no such filter, of the first that has."""
    return session.state_among(SMOOTHED)


def _by_variance(session: Session) -> bool:
    return bool(getattr(session.state_among(SIZED).controls, "is_gaussian", True))


def _by_half_size(session: Session) -> bool:
    return not _by_variance(session)


def _axis(name: str, entry: str, label: str, meaning: str, least: float, most: float) -> Setting:
    """An axis of a Gaussian on a plane."""
    return Setting(
        name, "Filter", label, meaning, "slider",
        get=lambda session: getattr(session.state_among(_PLANES).axes, entry),
        assign=lambda session, value: session.state_among(_PLANES).set_axes(**{entry: value}),
        least=least, most=most, scenes=_PLANES, seen=_by_variance,
    )  # fmt: skip


def _set_variance(session: Session, value: float) -> None:
    _check(value)
    shown = _shown(session)
    shown.take_filter(kernel=GAUSSIAN, covariance=isotropic(value, dim_of(shown.controls.covariance)))


def _set_covariance(session: Session, text: str) -> None:
    shown = _shown(session)
    covariance = numbers_of(text, len(shown.controls.covariance), "covariance")
    matrix = covariance_matrix(covariance)
    _check(matrix.tolist())
    if matrix.diagonal().max() > _MOST_VARIANCE:
        raise InputError(f"covariance: expected variances up to {_MOST_VARIANCE:g}, got '{text}'")
    shown.take_filter(kernel=GAUSSIAN, covariance=covariance)


def _check(covariance: float | list[list[float]]) -> None:
    """Raise InputError unless it is the variance or the covariance of a Gaussian."""
    from fieldcore.filters import Gaussian  # not before one is set: it imports torch

    Gaussian(covariance)


def _set_kernel(session: Session, kernel: str) -> None:
    from fieldcore.kernel_names import check_kernel_name, kernel_of

    shown = _shown(session)
    if kernel != GAUSSIAN:
        check_kernel_name(kernel, "kernel")
        kernel_of(kernel, 0.0, shown.controls.dim)  # a file that cannot be read is no kernel
    shown.choose_kernel(kernel)


def _set_half_size(session: Session, text: str) -> None:
    shown = _shown(session)
    dim = shown.controls.dim
    sizes = numbers_of(text, 1 if "," not in text else dim, "half-size")
    if not all(0 <= size <= LARGEST for size in sizes):
        raise InputError(f"half-size: expected numbers from 0 to {LARGEST:g}, got '{text}'")
    shown.linked = len(set(sizes)) == 1
    shown.change(half_size=sizes * dim if len(sizes) == 1 else sizes)


def _half_size_text(session: Session) -> str:
    sizes = _shown(session).controls.half_size
    return joined(sizes[:1] if len(set(sizes)) == 1 else sizes)


def _half_size_slider(axis: int) -> Setting:
    """Of one axis; the first is that of all where they are linked."""
    name, label = ("log10-half-size", "log10 half size") if axis == 0 else ("log10-half-size-y", "second axis")
    return Setting(
        name, "Filter", label, "how far the kernel reaches on either side, in domain units (the longer side is 2), as "
        "a power of ten; leftmost is off" + ("" if axis == 0 else "; along the second axis"), "slider",
        get=lambda session: _shown(session).log10_half_size(axis),
        assign=lambda session, value: _shown(session).set_log10_half_size(axis, value),
        least=LEAST_LOG10, most=MOST_LOG10, least_is_none=True, scenes=SMOOTHED,
        seen=lambda session: _by_half_size(session) and (axis == 0 or not _shown(session).linked),
    )  # fmt: skip


FILTER_SETTINGS: tuple[Setting, ...] = (
    Setting("kernel", "Filter", "kernel", f"what is averaged over: {', '.join(KERNELS)} (with an angle in degrees or a "
            "ratio after a colon, as in edge:30), or the file of a kernel", "text",
            get=lambda session: _shown(session).controls.kernel, assign=_set_kernel, flag=True, scenes=SMOOTHED,
            usual=GAUSSIAN),
    Setting("filter-preset", "Filter", "begin from", "a filter of that standard deviation, in pixels of what is "
            "filtered, of a shape in cells of its bake; a streak, 8 of them long and half of one wide; or a variance "
            "that the publication's scores are quoted for", "choice",
            get=lambda session: session.state_among(SIZED).preset,
            assign=lambda session, name: session.state_among(SIZED).choose_preset(name),
            choices=lambda session: tuple(session.state_among(SIZED).presets), scenes=SIZED),
    Setting("log10-variance", "Filter", "log10 variance", "how much is averaged over: the Gaussian's variance in "
            "squared domain units (the longer side is 2), as a power of ten, along several axes the mean of theirs; "
            "leftmost is none. On a model it is added to each pixel's footprint, of what the field shades", "slider",
            get=lambda session: session.state_among(SIZED).log10_variance,
            assign=lambda session, value: session.state_among(SIZED).set_log10_variance(value),
            least=-8.0, most=0.0, bounds=lambda session: session.state_among(SIZED).controls.log10_variances,
            least_is_none=True, scenes=SIZED, seen=_by_variance, flag=True, aliases=("video-log10-variance",)),
    _axis("anisotropy", "anisotropy", "anisotropy, decades",
          "how much more is averaged over along one direction than across it: log10 of the two variances' ratio",
          0.0, MOST_ANISOTROPY),
    _axis("angle", "angle_deg", "angle, degrees", "that direction, counter-clockwise from the picture's width",
          -90.0, 90.0),
    Setting("variance", "Filter", "variance", "the variance of an isotropic filter, in squared domain units", "number",
            get=lambda session: _shown(session).controls.covariance[0], assign=_set_variance, most=_MOST_VARIANCE,
            flag=True, scenes=SMOOTHED, seen=_by_variance),
    Setting("covariance", "Filter", "covariance", "the covariance matrix, in squared domain units: xx,xy,yy of a "
            "picture, y down the height; xx,xy,xz,yy,yz,zz of a shape", "text",
            get=lambda session: joined(_shown(session).controls.covariance), assign=_set_covariance, flag=True,
            scenes=SMOOTHED, metavar="XX,XY,YY", seen=_by_variance),
    _half_size_slider(0),
    _half_size_slider(1),
    Setting("linked", "Filter", "linked", "one half size for all axes, or one for each", "toggle",
            get=lambda session: _shown(session).linked, assign=lambda session, value: _shown(session).link(value),
            scenes=SMOOTHED, seen=_by_half_size),
    Setting("half-size", "Filter", "half size", "how far the kernel reaches on either side, in domain units: one "
            "number for all axes, or one for each, as in 0.2,0; 0 is no filter there", "text", get=_half_size_text,
            assign=_set_half_size, flag=True, scenes=SMOOTHED, metavar="NUMBERS", usual="0", seen=_by_half_size),
    *settings_of(FilterControls, _PLANES),
)  # fmt: skip
