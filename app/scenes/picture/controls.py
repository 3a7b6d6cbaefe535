"""What the picture scene is asked to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...entries import entry, file_entry
from ...filter.controls import FilterControls
from ...plane.controls import PlaneControls, Point, point_check
from ...plane.insets import NO_INSETS, InsetControls, inset_entry
from ...plane.size_maps import POINTS, MapControls

if TYPE_CHECKING:
    from torch import Tensor

    from fieldcore.filters import Filter
    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    Filter = SignalFacts = Tensor = Any

SAMPLE = "sample:"
"""A picture that comes with scikit-image begins so."""


def is_no_file(truth: str) -> bool:
    """Whether it is a sample, or a formula, which is its own source."""
    from fieldcore.signals import SIGNALS  # it imports torch, which most refusals need not wait for

    return truth.startswith(SAMPLE) or truth in SIGNALS


def _only_foveated(controls: Controls) -> str:
    return "" if controls.foveated else "only for the foveated filter: press F"


@dataclass(frozen=True, kw_only=True)
class Controls(InsetControls, MapControls, FilterControls, PlaneControls):
    """The state of the picture scene.

    Attributes:
        truth: what the field was trained on, a file, ``sample:NAME`` or a formula; empty where that is not known.
        foveated: whether the variance grows away from ``gaze``.
        gaze: the point of the domain that stays sharpest.
        falloff: with the power 2, the standard deviation a domain unit beyond the fovea.
        fovea_radius: how far from ``gaze`` nothing is added.
        falloff_power: the variance at a distance d is ``(falloff max(d - fovea_radius, 0))^falloff_power``.
    """

    insets_known = ("spectrum", "filter")

    truth: str = file_entry(f"the file of a picture or {SAMPLE}NAME", is_no_file=is_no_file)
    insets: str = inset_entry(NO_INSETS, insets_known)
    foveated: bool = entry(False, "foveated", "let the variance grow away from the cursor", group="Filter")
    gaze: Point = entry((0.0, 0.0), undone=False, check=point_check, space=POINTS)
    falloff: float = entry(
        0.14,
        "falloff",
        "foveated: the standard deviation one domain unit beyond the fovea, where the power is 2",
        group="Filter",
        least=0.0,
        bounds=(0.0, 1.0),
        along="constant",
        seen=lambda controls: controls.foveated,
        refusal=_only_foveated,
    )
    fovea_radius: float = entry(
        0.0,
        "fovea's radius",
        "foveated: how far from the cursor nothing is added, in domain units",
        group="Filter",
        least=0.0,
        bounds=(0.0, 1.0),
        seen=lambda controls: controls.foveated,
        refusal=_only_foveated,
    )
    falloff_power: float = entry(
        2.0,
        "falloff's power",
        "foveated: the variance is (falloff times the distance beyond the fovea) to this power",
        group="Filter",
        above=0.0,
        most=8.0,
        bounds=(1.0, 4.0),
        seen=lambda controls: controls.foveated,
        refusal=_only_foveated,
    )

    @property
    def varies(self) -> bool:
        """See the base."""
        return self.foveated or (self.half_size_map != "" and not self.is_off)

    def filters_at(self, facts: SignalFacts, points: Tensor, more_variance: float) -> Filter:
        """See the base."""
        from ...filter.per_point import mapped, widened

        filters, growth = self.filter, points.new_full((len(points),), more_variance)
        if self.half_size_map and not self.is_off:
            filters = mapped(filters, self.map_shares(points, facts), self.half_size_least, self.dim)
        if self.foveated:
            growth = self._foveal_variances(points) + more_variance
        return widened(filters, growth, (0, 1), self.dim)

    def _foveal_variances(self, points: Tensor) -> Tensor:
        """What is added at points (n, 2) by how far they are from the gaze: (n)."""
        away = points - points.new_tensor(self.gaze)
        if self.fovea_radius == 0 and self.falloff_power == 2:
            return self.falloff**2 * away.square().sum(1)
        beyond = (away.norm(dim=1) - self.fovea_radius).clamp_min(0)
        return (self.falloff * beyond) ** self.falloff_power

    def check_files(self, facts: SignalFacts) -> None:
        """See the base."""
        self.check_map(facts)

    @property
    def described(self) -> dict[str, Any]:
        """See the base."""
        return {**super().described, **self.map_description, **(self._foveation if self.foveated else {})}

    @property
    def _foveation(self) -> dict[str, Any]:
        """As reports write it, of entries that are as usual nothing."""
        usual = type(self)()
        names = [n for n in ("fovea_radius", "falloff_power") if getattr(self, n) != getattr(usual, n)]
        return {"gaze": list(self.gaze), "falloff": self.falloff, **{name: getattr(self, name) for name in names}}
