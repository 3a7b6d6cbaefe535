"""What every scene on a plane is asked to show: the base of its controls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from ..compare import COMPARISONS, OTHER, Compare
from ..covariance import Covariance
from ..entries import again, entry, file_entry
from ..panes import Layout
from ..path.entry_checks import numbers
from .tone import ToneControls
from .view_motion import OTHER_VIEWS, VIEWS

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

Output = Literal["field", "truth", "other", "error"]
"""The field, the truth, a second field, and how far one of the fields is from the truth."""

Words = tuple[tuple[str, bool], ...]
"""What is written, in parts, and whether each is a value or what is said of one."""


def point_check(value: Any, where: str) -> Point:
    """A point from its JSON value: ``Declaration.check``."""
    x, y = numbers(value, where, 2)
    return (x, y)


AnyPlaneControls = TypeVar("AnyPlaneControls", bound="PlaneControls")


@dataclass(frozen=True, kw_only=True)
class PlaneControls(ToneControls, Compare):
    """The state of a scene on a plane.

    A scene whose field has more coordinates than the two that are seen gives the others in ``further``, and the filter
    over all of them in ``filter_of``.

    Attributes:
        field: path of the field shown.
        center: the point of the domain at the middle of the frame.
        zoom: 1 fits the whole plane into the frame, 2 shows it twice as large.
        caption: whether labels are written, and the filter is and drawn in the corner.
        other: path of a second field; empty where there is none.
        error_range: as a share of the value range.
        truth: what the field was trained on; empty where that is not known.
        other_center, other_zoom: of the second field, where the two views are not linked.
    """

    judged: ClassVar[tuple[str, ...]] = ("field", "other")
    former: ClassVar = {
        "comparison": {**COMPARISONS, "two_up": ("two_up", "field", "other"), "other": ("one", "other", "truth")}
    }

    left: Output = again(Compare, "left", "field")
    right: Output = again(Compare, "right", "truth")
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
    other_center: Point = entry(
        (0.0, 0.0), check=point_check, joint=OTHER_VIEWS, written=lambda at: None if at == (0.0, 0.0) else at
    )
    other_zoom: float = entry(
        1.0, least=0.01, most=1e6, joint=OTHER_VIEWS, written=lambda zoom: None if zoom == 1.0 else zoom
    )
    other: str = file_entry("the path of a field")
    truth: str = file_entry("the file that the field was trained on")

    def seen_in(self: AnyPlaneControls, output: str) -> AnyPlaneControls:
        """The same with the view of the pane that shows an output."""
        if output != OTHER or not self.parted:
            return self
        return replace(self, center=self.other_center, zoom=self.other_zoom)

    @property
    def varies(self) -> bool:
        """Whether the filter differs from point to point, as ``filters_at`` says."""
        return False

    def further(self, facts: SignalFacts) -> tuple[float, ...]:
        """Where the plane that is seen lies along the further coordinates of such a signal, in domain units."""
        return ()

    def source_of(self, name: str, sources: Any) -> Any:
        """What the layer of that name comes from, of ``layers.Sources``; None where it is missing."""
        return getattr(sources, name)

    def of_truth(self: AnyPlaneControls, facts: SignalFacts) -> AnyPlaneControls:
        """What the truth is evaluated at, where that is another light or filter than the field's."""
        return self

    def truth_label(self, facts: SignalFacts) -> str:
        """What the truth is called; empty for its own name."""
        return ""

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
    def equivalent_covariance(self) -> Covariance:
        """Of the Gaussian that is as wide as the filter, along the two coordinates that are seen."""
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
        """What a frame shows beside how it is compared, for reports: the filter, and the slice."""
        raise NotImplementedError

    @property
    def four(self) -> tuple[str, ...]:
        """See the base: both fields, the truth and the error; of one field the error in both ways."""
        return ("field", "truth", *(("other", "error") if self.other else ("absolute", "signed")))

    def pair(self, layout: Layout) -> tuple[str, str]:
        """See the base: side by side two fields, if there are two."""
        if layout == "cut":
            return super().pair(layout)
        return "field", "other" if self.other and layout == "two_up" else "truth"

    def in_sight(self: AnyPlaneControls) -> AnyPlaneControls:
        """The same without the second field, unless it is shown."""
        return self if "other" in self.needed else replace(self, other="")


MERELY_DRAWN: dict[str, Any] = {
    "right": "truth", "divider": 0.5, "error": "absolute", "error_range": 1.0, "caption": True,
    "exposure": 0.0, "offset": 0.0, "tone": "srgb", "metric": "difference", "flip_range": 1.0,
}  # fmt: skip
"""Entries that nothing is evaluated for, of which some pictures may be needed for one reason or another."""


def description_of(controls: PlaneControls) -> dict[str, Any]:
    """What a frame shows, for reports."""
    view = {"center": list(controls.center), "zoom": controls.zoom}
    return {**controls.described, **view, **controls.comparison_described, **controls.tone_described}
