"""What the picture scene is asked to show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ... import entries
from ...covariance import COVARIANCES, Covariance, covariance_check, gaussian_of, in_brief, variance_shorthand
from ...entries import entry, file_entry
from ...path.entry_checks import numbers
from ...path.tracks import Space
from ...plane.view_motion import VIEWS

if TYPE_CHECKING:
    from fieldcore.filters import Gaussian
else:  # it imports torch, which a page of help should not wait for
    Gaussian = Any

Point = tuple[float, float]
"""A point or displacement in domain units: along the width, then down the height."""

LEAST_ZOOM, MOST_ZOOM = 0.1, 2000.0
"""How far a person may zoom; paths may go further."""

Comparison = Literal["field", "truth", "error", "wipe", "two_up"]
"""What is shown: the field, the truth, how far apart they are, both with a divider between them, or two fields."""

SAMPLE = "sample:"
"""A picture that comes with scikit-image begins so."""


def is_no_file(truth: str) -> bool:
    """Whether it is a sample, or a formula, which is its own source."""
    from fieldcore.signals import SIGNALS  # it imports torch, which most refusals need not wait for

    return truth.startswith(SAMPLE) or truth in SIGNALS


def _point(value: Any, where: str) -> Point:
    x, y = numbers(value, where, 2)
    return (x, y)


_POINTS = Space(np.array, lambda point: (float(point[0]), float(point[1])))


@dataclass(frozen=True)
class Controls(entries.Controls):
    """The state of the picture scene.

    Attributes:
        field: path of the field shown.
        other: path of the field on the right of a two-up; empty where there is none.
        truth: what the field was trained on, a file, ``sample:NAME`` or a formula; empty where that is not known.
        covariance: of the Gaussian the picture is averaged over; an isotropic one is (variance, 0, variance).
        center: the point of the domain at the middle of the frame.
        zoom: 1 fits the whole picture into the frame, 2 shows it twice as large.
        caption: whether the filter is written and drawn in the corner.
        comparison: what is shown.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
        error_range: mean absolute difference that an error map shows brightest, as a share of the value range.
        foveated: whether the variance grows away from ``gaze``.
        gaze: the point of the domain that stays sharpest.
        falloff: standard deviation a domain unit away from ``gaze``; the variance there is its square.
    """

    field: str = file_entry("the path of a field", required=True)
    covariance: Covariance = entry(
        (0.0, 0.0, 0.0), check=covariance_check(2), space=COVARIANCES, shorthand=variance_shorthand(2), brief=in_brief
    )
    center: Point = entry(
        (0.0, 0.0),
        "center x,y",
        "the point of the domain in the middle of the view, in domain units",
        group="View",
        bounds=(-2.0, 2.0),  # as far as the picture can be dragged
        metavar="X,Y",
        check=_point,
        joint=VIEWS,
    )
    zoom: float = entry(
        1.0,
        "zoom",
        "1 shows the whole picture",
        group="View",
        widget="number",
        least=0.01,
        most=1e6,
        bounds=(LEAST_ZOOM, MOST_ZOOM),
        joint=VIEWS,
        brief=lambda zoom: f"zoom {zoom:.3g}",
    )
    caption: bool = entry(True, along="constant")
    comparison: Comparison = entry("field", brief=str)
    other: str = file_entry("the path of a field")
    divider: float = entry(
        0.5,
        "divider",
        "where the wipe divides the view, as a share of its width",
        group="Compare",
        least=0.0,
        most=1.0,
        refusal=lambda controls: "" if controls.comparison == "wipe" else "only for the wipe: press X",
    )
    error_range: float = entry(
        0.1,
        "brightest error",
        "the mean absolute difference that the error map shows brightest, as a share of the range from black to white",
        group="Compare",
        bounds=(0.005, 0.5),
        above=0.0,
        along="constant",
        refusal=lambda controls: "" if controls.comparison == "error" else "only for the error map: press E",
    )
    foveated: bool = entry(False, "foveated", "let the variance grow away from the cursor", group="Filter")
    gaze: Point = entry((0.0, 0.0), check=_point, space=_POINTS)
    falloff: float = entry(
        0.14,
        "falloff",
        "foveated: the standard deviation one domain unit away from the cursor",
        group="Filter",
        least=0.0,
        bounds=(0.0, 1.0),
        along="constant",
        refusal=lambda controls: "" if controls.foveated else "only for the foveated filter: press F",
    )
    truth: str = file_entry(f"the file of a picture or {SAMPLE}NAME", is_no_file=is_no_file)

    @property
    def gaussian(self) -> Gaussian:
        """The filter; isotropic ones as a variance, which every field evaluates faster."""
        return gaussian_of(self.covariance)

    def in_sight(self) -> Controls:
        """The same without the second field, unless it is shown."""
        return self if self.comparison == "two_up" else replace(self, other="")
