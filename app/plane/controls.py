"""What every scene on a plane is asked to show: the base of its controls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .. import entries
from ..covariance import Covariance
from ..entries import entry, file_entry
from ..path.entry_checks import numbers
from ..record.passes import Pass
from .view_motion import VIEWS

if TYPE_CHECKING:
    from torch import Tensor

    from fieldcore.filters import Filter
    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    Filter = SignalFacts = Tensor = Any

Point = tuple[float, float]
"""A point or displacement in domain units: along the width, then down the height."""

LEAST_ZOOM, MOST_ZOOM = 0.1, 2000.0
"""How far a person may zoom; paths may go further."""

Comparison = Literal["field", "truth", "error", "wipe", "two_up", "other"]
"""What is shown: the field, the truth, how far apart they are, both with a divider between them, two fields side by
side, or the second of them."""

SHOW_OTHER: tuple[Comparison, ...] = ("two_up", "other")
"""Those that need a second field."""

PLANE_PASSES = {name: Pass({"comparison": name}) for name in ("field", "truth", "error", "other")}
"""What a path can be rendered in, beside what its keyframes show: one output each."""

Words = tuple[tuple[str, bool], ...]
"""What is written, in parts, and whether each is a value or what is said of one."""


def point_check(value: Any, where: str) -> Point:
    """A point from its JSON value: ``Declaration.check``."""
    x, y = numbers(value, where, 2)
    return (x, y)


AnyPlaneControls = TypeVar("AnyPlaneControls", bound="PlaneControls")


@dataclass(frozen=True)
class PlaneControls(entries.Controls):
    """The state of a scene on a plane.

    A scene whose field has more coordinates than the two that are seen gives the others in ``further``, and the filter
    over all of them in ``filter_of``.

    Attributes:
        field: path of the field shown.
        center: the point of the domain at the middle of the frame.
        zoom: 1 fits the whole plane into the frame, 2 shows it twice as large.
        caption: whether the filter is written and drawn in the corner.
        comparison: what is shown.
        other: path of the field on the right of a two-up; empty where there is none.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
        error_range: mean absolute difference that an error map shows brightest, as a share of the value range.
        truth: what the field was trained on; empty where that is not known.
    """

    field: str = file_entry("the path of a field", required=True)
    center: Point = entry(
        (0.0, 0.0),
        "center x,y",
        "the point of the domain in the middle of the view, in domain units",
        group="View",
        bounds=(-2.0, 2.0),  # as far as it can be dragged
        metavar="X,Y",
        check=point_check,
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
    truth: str = file_entry("the file that the field was trained on")

    @property
    def varies(self) -> bool:
        """Whether the filter differs from point to point, as ``filters_at`` says."""
        return False

    def further(self, facts: SignalFacts) -> tuple[float, ...]:
        """Where the plane that is seen lies along the further coordinates of such a signal, in domain units."""
        return ()

    def of_truth(self: AnyPlaneControls, facts: SignalFacts) -> AnyPlaneControls:
        """What the truth is evaluated at, where that is another light or filter than the field's."""
        return self

    def truth_label(self, facts: SignalFacts) -> str:
        """What the truth is called; empty for its own name."""
        return ""

    def shown_facts(self, facts: SignalFacts) -> SignalFacts:
        """The facts of such a signal with the range of values that is shown."""
        return facts

    def corner(self, facts: SignalFacts, framebuffer_px: Any) -> tuple[Any, tuple[Any, ...]] | None:
        """What makes an image for the lower right of a frame of that size, and of what; None for none."""
        return None

    def unseen(self, facts: SignalFacts) -> str:
        """Why nothing of such a signal can be seen there; empty where something can."""
        return ""

    def filter_of(self, facts: SignalFacts) -> Filter:
        """The filter asked for, over all coordinates of such a signal."""
        raise NotImplementedError

    def filters_at(self, facts: SignalFacts, points: Tensor, more_variance: float) -> Filter:
        """Where it differs, the filters at points (n, 2), all with so much more variance."""
        raise NotImplementedError

    def check_files(self, facts: SignalFacts) -> None:
        """Raise InputError if a file that the filter needs cannot be read, or does not suit such a signal."""

    @property
    def shown_range(self) -> tuple[float, float] | None:
        """Values that are shown black and white under the filter; None for those of the signal."""
        return None

    @property
    def plane_covariance(self) -> Covariance:
        """Of the filter, along the two coordinates that are seen."""
        raise NotImplementedError

    @property
    def outline(self) -> tuple[float, ...]:
        """Of a kernel, its values at even distances from end to end; empty where the covariance says all."""
        return ()

    @property
    def caption_words(self) -> Words:
        """What the caption says of the filter, and of the slice."""
        raise NotImplementedError

    @property
    def described(self) -> dict[str, Any]:
        """What a frame shows beside its comparison, for reports: the filter, and the slice."""
        raise NotImplementedError

    def in_sight(self: AnyPlaneControls) -> AnyPlaneControls:
        """The same without the second field, unless it is shown."""
        return self if self.comparison in SHOW_OTHER else replace(self, other="")


def description_of(controls: PlaneControls) -> dict[str, Any]:
    """What a frame shows, for reports."""
    return {
        **controls.described,
        "center": list(controls.center),
        "zoom": controls.zoom,
        "comparison": controls.comparison,
        **({"divider": controls.divider} if controls.comparison == "wipe" else {}),
    }
