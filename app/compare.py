"""What every scene compares: which of its outputs share the frame, and how; the base of all controls.

    Output = Literal["field", "truth", "error"]

    @dataclass(frozen=True, kw_only=True)
    class ShapeControls(Compare):
        left: Output = again(Compare, "left", "field")
        right: Output = again(Compare, "right", "truth")

A scene names its outputs so, and draws one of them into one pane. The error map is an output like others: how far what
is on the other side of the frame is from the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeVar, get_args

from .entries import Controls, entries_of, entry
from .frame_size import Size
from .panes import Layout, Pane, panes_of

ERROR, ERROR_KINDS = "error", ("absolute", "signed")
"""The error map, and what its kinds are called in panes: of differences without their signs, or with them."""

Metric = Literal["difference", "relative", "squared", "flip"]

METRICS: tuple[Metric, ...] = get_args(Metric)

FLIP: Metric = "flip"
"""The metric of two pictures as they are seen, not of their values."""

OTHER = "other"
"""The output that shows another of what is open."""

LAYOUTS: tuple[Layout, ...] = get_args(Layout)

Sides = tuple[str, str, str]
"""Layout, left and right."""

COMPARISONS: dict[str, Sides] = {
    "field": ("one", "field", "truth"),
    "truth": ("one", "truth", "field"),
    "error": ("one", "error", "field"),
    "wipe": ("wipe", "field", "truth"),
}
"""By the names of older programs."""

Shown = TypeVar("Shown", bound="Compare")


def only_for_flip(controls: Compare) -> str:
    """Why an entry of FLIP cannot be set now; empty where it can."""
    return only_for_errors(controls) or ("" if controls.metric == FLIP else "only for FLIP: choose that metric")


def only_for_errors(controls: Compare) -> str:
    """Why an entry of error maps cannot be set now; empty where it can."""
    return "" if set(ERROR_KINDS) & set(controls.shown) else "only for the error map: press E"


@dataclass(frozen=True, kw_only=True)
class Compare(Controls):
    """How outputs share the frame.

    Attributes:
        layout: how many there are, and where.
        left: the one shown; of two the one on the left.
        right: the other one.
        divider: share of the frame's width left of the divider of a wipe, in [0, 1].
        error: which error map is shown.
        error_range: what it shows in its last colour.
        metric: what it measures.
        flip_range: what it shows in its last colour where that is FLIP, from 0 to 1.
        linked_views: whether two of what is open are seen from one place.
        caption: whether labels and scales are written.
        reference: what errors are measured from.
        judged: what they are measured of.
        error_titles: of their scales.
        former: entries that paths of older programs have in place of layout, left and right, with their values, of
            which the first is the usual one.
    """

    reference: ClassVar[str] = "truth"
    judged: ClassVar[tuple[str, ...]] = ("field",)
    error_titles: ClassVar[Mapping[str, str]] = {"absolute": "mean absolute error", "signed": "mean signed error"}
    former: ClassVar[Mapping[str, Collection[str]]] = {}

    layout: Layout = entry(
        "one",
        "layout",
        "one output; two with a divider between them, side by side, beside a strip, or cut along a diagonal; or four",
        group="Compare",
        brief=str,
    )
    left: str = entry(
        "",
        "left",
        "the output that is shown, on the left of a wipe or a two-up",
        group="Compare",
        aliases=("shading",),
        brief=str,
    )
    right: str = entry(
        "",
        "right",
        "the output on the right of a wipe or a two-up; an error map shown alone is of this one",
        group="Compare",
        aliases=("beside",),
    )
    divider: float = entry(
        0.5,
        "divider",
        "where the wipe divides the view, as a share of its width",
        group="Compare",
        aliases=("shape-divider", "shading-divider"),
        least=0.0,
        most=1.0,
        refusal=lambda controls: "" if controls.layout == "wipe" else "only for the wipe: press X",
    )
    error: Literal["absolute", "signed"] = entry(
        "absolute",
        "error map",
        "how large the error is whatever its sign, or with its sign in colours on either side of grey",
        group="Compare",
        along="constant",
        refusal=only_for_errors,
    )
    error_range: float = entry(
        0.1,
        "largest error",
        "what the error map shows in its last colour: a share of the range from black to white, of a shape a distance",
        group="Compare",
        aliases=("distance-range", "shading-error-range"),
        bounds=(0.0005, 0.5),
        above=0.0,
        along="constant",
        refusal=only_for_errors,
    )
    metric: Metric = entry(
        "difference",
        "error metric",
        "what the error map measures: the difference, that relative to the truth (at least 0.01), or squared, or FLIP: "
        "how different the two look in each other's place",
        group="Compare",
        along="constant",
        written=lambda metric: None if metric == "difference" else metric,
    )
    flip_range: float = entry(
        0.5,
        "largest FLIP",
        "what the error map shows in its last colour where it measures FLIP, which goes from 0 to 1",
        group="Compare",
        bounds=(0.01, 1.0),
        above=0.0,
        along="constant",
        written=lambda most: None if most == 0.5 else most,
        refusal=only_for_flip,
    )
    linked_views: bool = entry(
        True,
        "linked views",
        "look at both of two that stand beside each other from one place; else from two, and the mouse and the keys "
        "move the view that the mouse is on",
        group="Compare",
        along="constant",
        written=lambda linked: None if linked else False,
        off="look at two that stand beside each other from two places",
        seen=lambda controls: OTHER in controls.outputs(),
    )
    caption: bool = entry(True, along="constant")

    @classmethod
    def outputs(cls) -> tuple[str, ...]:
        """By name all that the scene can show."""
        return get_args(next(one.type for one in entries_of(cls) if one.name == "left"))

    @property
    def four(self) -> tuple[str, ...]:
        """What is shown in a layout of four."""
        raise NotImplementedError

    @property
    def subject(self) -> Any:
        """What the error map is of: a side that can be judged, rather not the reference itself."""
        sides = [side for side in (self.left, self.right) if side in self.judged]
        return next((side for side in sides if side != self.reference), next(iter(sides), type(self).left))

    @property
    def shown(self) -> tuple[str, ...]:
        """What the panes show, in reading order; of an error map its kind."""
        sides = (self.left,) if self.layout == "one" else (self.left, self.right)
        shown = self.four if self.layout == "four" else sides
        return tuple(self.error if output == ERROR else output for output in shown)

    @property
    def needed(self) -> tuple[Any, ...]:
        """All outputs that these are drawn from: of an error map what it is of, and the reference."""
        return self._needed(self.shown)

    def _needed(self, shown: tuple[str, ...]) -> tuple[Any, ...]:
        needed: dict[str, None] = {}
        for output in shown:
            is_error = output in (ERROR, *ERROR_KINDS)
            needed |= dict.fromkeys((self.subject, self.reference) if is_error else (output,))
        return tuple(needed)

    @property
    def shows_flip(self) -> bool:
        """Whether some pane shows FLIP."""
        return self.metric == FLIP and bool(set(ERROR_KINDS) & set(self.shown))

    @property
    def parted(self) -> bool:
        """Whether two of what is open are seen from two places, which has no meaning for an error of one of them."""
        is_judged = self.subject == OTHER and bool(set(ERROR_KINDS) & set(self.shown))
        return not self.linked_views and OTHER in self.shown and not is_judged

    def error_title(self, kind: str) -> str:
        """Of the scale of an error map."""
        return self.error_titles[kind] if self.metric in ("difference", FLIP) else f"{self.metric} error"

    @property
    def in_strip(self) -> tuple[str, ...]:
        """By name what is said of both in the strip of the layout ``beside``; without it there is no strip."""
        return ()

    @property
    def drawn_layout(self) -> Layout:
        """The layout, but for a strip that would be empty."""
        return "two_up" if self.layout == "beside" and not self.in_strip else self.layout

    def panes(self, framebuffer_px: Size) -> tuple[Pane, ...]:
        """Where each output lies in a frame of that size."""
        return panes_of(self.drawn_layout, self.shown, framebuffer_px, self.divider)

    def pane_size(self, framebuffer_px: Size) -> Size:
        """The size of each."""
        return self.panes(framebuffer_px)[0].size

    def pair(self, layout: Layout) -> tuple[str, str]:
        """What a layout shows left and right where it is asked for by a key: what is cut, with its error."""
        if layout == "cut":
            return self.subject, ERROR
        return self.subject, self.reference if self.right in (self.subject, ERROR) else self.right

    def showing(self: Shown, what: str) -> Shown:
        """The same with a layout and what that shows by itself, or with one output alone."""
        if what in LAYOUTS:
            left, right = self.pair(what)
            return replace(self, layout=what, left=left, right=right)
        right = self.subject if what in (ERROR, self.reference) else self.right
        return replace(self, layout="one", left=what, right=right)

    def alone(self: Shown, output: str) -> Shown:
        """One output alone, as a picture without words."""
        return replace(self.showing(output), caption=False)

    def shows(self, what: str) -> bool:
        """Whether that layout is shown, or that output alone."""
        return what in (self.layout, self.left) if self.layout == "one" else what == self.layout

    def without(self: Shown, refused: Callable[[str], str]) -> Shown:
        """The same without outputs that cannot be shown, for which a reason is given."""

        def allowed(output: str) -> bool:
            return not any(map(refused, self._needed((output,))))

        usual = type(self).left
        left, right = (side if allowed(side) else usual for side in (self.left, self.right))
        if self.layout == "four" and all(map(allowed, self.four)):
            return self
        if self.layout == "one":
            return replace(self, left=left)
        alone = self.layout == "four" or (left == right and self.left != self.right)
        return replace(self, layout="one", left=left) if alone else replace(self, left=left, right=right)

    @property
    def comparison_described(self) -> dict[str, Any]:
        """What is shown, for reports: of entries that make no difference nothing."""
        names = ["layout", "left"]
        names += ["right"] if self.layout not in ("one", "four") or self.left == ERROR else []
        names += [] if only_for_errors(self) else ["error"]
        names += [] if only_for_errors(self) or self.metric == "difference" else ["metric"]
        names += ["divider"] if self.layout == "wipe" else []
        return {name: getattr(self, name) for name in names}

    @classmethod
    def of_former(cls, values: Mapping[str, str]) -> Sides:
        """Layout, left and right as an older program's entries say it."""
        named: Any = cls.former["comparison"]
        sides: Sides = named[values["comparison"]]
        return sides
