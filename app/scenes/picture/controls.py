"""What the picture scene is asked to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...covariance import (
    COVARIANCES,
    Covariance,
    covariance_check,
    distinct_variances,
    filter_entry,
    gaussian_of,
    in_brief,
    variance_shorthand,
)
from ...entries import entry, file_entry
from ...path.tracks import Space
from ...plane.controls import PlaneControls, Point, Words, point_check

if TYPE_CHECKING:
    from torch import Tensor

    from fieldcore.filters import Gaussian
    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    Gaussian = SignalFacts = Tensor = Any

SAMPLE = "sample:"
"""A picture that comes with scikit-image begins so."""


def is_no_file(truth: str) -> bool:
    """Whether it is a sample, or a formula, which is its own source."""
    from fieldcore.signals import SIGNALS  # it imports torch, which most refusals need not wait for

    return truth.startswith(SAMPLE) or truth in SIGNALS


_POINTS = Space(np.array, lambda point: (float(point[0]), float(point[1])))


@dataclass(frozen=True)
class Controls(PlaneControls):
    """The state of the picture scene.

    Attributes:
        truth: what the field was trained on, a file, ``sample:NAME`` or a formula; empty where that is not known.
        covariance: of the Gaussian the picture is averaged over; an isotropic one is (variance, 0, variance).
        foveated: whether the variance grows away from ``gaze``.
        gaze: the point of the domain that stays sharpest.
        falloff: standard deviation a domain unit away from ``gaze``; the variance there is its square.
    """

    truth: str = file_entry(f"the file of a picture or {SAMPLE}NAME", is_no_file=is_no_file)
    covariance: Covariance = entry(
        (0.0, 0.0, 0.0), check=covariance_check(2), space=COVARIANCES, shorthand=variance_shorthand(2), brief=in_brief
    )
    foveated: bool = entry(False, "foveated", "let the variance grow away from the cursor", group="Filter")
    gaze: Point = entry((0.0, 0.0), check=point_check, space=_POINTS)
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

    @property
    def gaussian(self) -> Gaussian:
        """The filter; isotropic ones as a variance, which every field evaluates faster."""
        return gaussian_of(self.covariance)

    def filter_of(self, facts: SignalFacts) -> Gaussian:
        """See the base."""
        return self.gaussian

    @property
    def varies(self) -> bool:
        """See the base."""
        return self.foveated

    def growth_at(self, points: Tensor) -> Tensor:
        """See the base."""
        away = points - points.new_tensor(self.gaze)
        return self.falloff**2 * away.square().sum(1)

    @property
    def plane_covariance(self) -> Covariance:
        """See the base."""
        return self.covariance

    @property
    def caption_words(self) -> Words:
        """See the base."""
        from ...plane.caption import variance_words  # it imports Pillow, which a page of help should not wait for

        return variance_words(distinct_variances(self.covariance))

    @property
    def described(self) -> dict[str, Any]:
        """See the base."""
        foveation = {"gaze": list(self.gaze), "falloff": self.falloff} if self.foveated else {}
        return {**filter_entry(self.covariance), **foveation}
