"""What a scene is asked to show, as plain values: all that panel, window, paths and scenes share."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fieldcore.filters import Gaussian
else:  # it imports torch, which a page of help should not wait for
    Gaussian = Any

Point = tuple[float, float]
"""A point or displacement in domain units: along the width, then down the height."""

Covariance = tuple[float, float, float]
"""The entries xx, xy, yy of a 2 x 2 covariance matrix, in squared domain units."""


LEAST_ZOOM, MOST_ZOOM = 0.1, 2000.0
"""How far a person may zoom; paths may go further."""

Comparison = Literal["field", "truth", "error", "wipe", "two_up"]
"""What is shown: the field, the truth, how far apart they are, both with a divider between them, or two fields."""


@dataclass(frozen=True)
class Controls:
    """The state of the picture scene.

    Attributes:
        field: path of the field shown.
        covariance: of the Gaussian the picture is averaged over; an isotropic one is (variance, 0, variance).
        center: the point of the domain at the middle of the frame.
        zoom: 1 fits the whole picture into the frame, 2 shows it twice as large.
        caption: whether the filter is written and drawn in the corner.
        comparison: what is shown.
        other: path of the field on the right of a two-up; empty where there is none.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
        error_range: mean absolute difference that an error map shows brightest, as a share of the value range.
        foveated: whether the variance grows away from ``gaze``.
        gaze: the point of the domain that stays sharpest.
        falloff: standard deviation a domain unit away from ``gaze``; the variance there is its square.
    """

    field: str
    covariance: Covariance = (0.0, 0.0, 0.0)
    center: Point = (0.0, 0.0)
    zoom: float = 1.0
    caption: bool = True
    comparison: Comparison = "field"
    other: str = ""
    divider: float = 0.5
    error_range: float = 0.1
    foveated: bool = False
    gaze: Point = (0.0, 0.0)
    falloff: float = 0.14

    @property
    def gaussian(self) -> Gaussian:
        """The filter; isotropic ones as a variance, which every field evaluates faster."""
        from fieldcore.filters import Gaussian

        xx, xy, yy = self.covariance
        return Gaussian(xx) if is_isotropic(self.covariance) else Gaussian([[xx, xy], [xy, yy]])

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Controls:
        """Inverse of ``to_dict``, for values that this program wrote."""
        restored: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**restored)


def is_isotropic(covariance: Covariance) -> bool:
    """Whether the covariance is one variance in all directions."""
    xx, xy, yy = covariance
    return xx == yy and xy == 0


def filter_entry(covariance: Covariance) -> dict[str, Any]:
    """The filter as paths and reports write it: ``variance`` if there is one, else ``covariance``."""
    return {"variance": covariance[0]} if is_isotropic(covariance) else {"covariance": list(covariance)}
