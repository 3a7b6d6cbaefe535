"""What the radiance scene is asked to show, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, Literal

from ...camera.camera import Camera
from ...camera.controls import CameraControls
from ...compare import Compare
from ...entries import again, entry, file_entry

Output = Literal[
    "colour", "depth", "normals", "density", "photo", "error", "flip", "outline", "agreement", "borrowed", "other"
]  # fmt: skip
"""What is seen, how far, facing where; the density on a plane, the photograph, and how far colours are from it; FLIP's
error; the photograph with the outlines of its mask and of what is seen; where photographs agree; what is seen with
another surface's appearance; and another field."""

_DRAWN_FROM = {"flip": ("colour", "photo"), "outline": ("colour", "photo")}
"""What outputs are drawn from besides themselves."""

WITH_FRUSTA = ("colour", "depth", "normals", "agreement", "borrowed")
"""Outputs that are seen by the camera that flies, over which the photographs' cameras are drawn."""

NO_VIEW = -1
LEAST_LOG10_VARIANCE = -7.0
"""Of the scale knob: from there down nothing is averaged."""


def _from_the_front() -> Camera:
    return Camera.looking_at((0.0, 0.0, 0.0), (0.6, 0.35, 2.2), 50.0)


def _only_for_slices(controls: Any) -> str:
    return "" if "density" in controls.shown else "only for the density: show it first"


@dataclass(frozen=True, kw_only=True)
class RadianceControls(CameraControls):
    """The state of the radiance scene.

    A scene lies in [-1, 1]^3 as far as it is learned, y up.

    Attributes:
        field: file of a radiance field.
        truth: the folder of the photographs; empty where that is not known.
        appearance: file of the surface whose appearance is borrowed; empty where there is none.
    """

    reference = "photo"
    judged = ("colour",)
    alike = ("colour", "depth", "normals", "density")

    left: Output = again(Compare, "left", "colour")
    right: Output = again(Compare, "right", "photo")
    field: str = file_entry("the path of a field", required=True)
    camera: Camera = dataclass_field(default_factory=_from_the_front)
    view: int = entry(
        NO_VIEW,
        "look through view",
        "the photograph whose camera is looked through, from 0; -1 is the camera that flies",
        group="Camera",
        least=float(NO_VIEW),
        most=1e5,
    )
    log10_smoothing: float = entry(
        LEAST_LOG10_VARIANCE,
        "smoothing, log10",
        "the variance of a Gaussian that the scene is averaged over beside the pixels' cones; from -7 down none",
        group="Scale",
        bounds=(LEAST_LOG10_VARIANCE, 0.0),
    )
    slice_axis: Literal["x", "y", "z"] = entry(
        "z",
        "slice across",
        "the axis across which the density is shown on a plane",
        group="Slice",
        refusal=_only_for_slices,
    )
    slice_position: float = entry(
        0.0,
        "slice at",
        "where on that axis, in domain units",
        group="Slice",
        setting="slice-at",
        least=-1.0,
        most=1.0,
        refusal=_only_for_slices,
    )
    frusta: bool = entry(
        False,
        "cameras",
        "show where the photographs were taken, those that were held out in orange",
        group="Camera",
        along="constant",
    )
    truth: str = file_entry("the folder of the photographs")
    appearance: str = file_entry("the path of a surface, whose appearance is borrowed")

    @property
    def four(self) -> tuple[str, ...]:
        """See the base."""
        return ("colour", "photo", "depth", "density")

    def _needed(self, shown: tuple[str, ...]) -> tuple[Any, ...]:
        """See the base."""
        needed = [name for output in super()._needed(shown) for name in (*_DRAWN_FROM.get(output, ()), output)]
        return tuple(dict.fromkeys(needed))

    @property
    def variance(self) -> float:
        """That everything is averaged over."""
        return 0.0 if self.log10_smoothing <= LEAST_LOG10_VARIANCE else float(10**self.log10_smoothing)
