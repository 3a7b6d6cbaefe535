"""The kernels that a person chooses from. A new one is an entry of ``KERNELS``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GAUSSIAN = "gaussian"

Gizmo = Literal["ellipse", "angle", "curve", "none"]
"""What it is shaped by in the panel, beside its size: the axes of an ellipse, an angle, a curve that is drawn."""


@dataclass(frozen=True)
class KernelChoice:
    """A kernel in the panel.

    Attributes:
        title: in the panel and on captions.
        begins: the text that it begins as; see ``fieldcore.kernel_names``.
        meaning: in plain words.
        sized_by: whether a variance or a half size says how large it is.
        gizmo: what else shapes it.
        gain: what its values are multiplied by when it is chosen.
    """

    title: str
    begins: str
    meaning: str
    sized_by: Literal["variance", "half size"] = "half size"
    gizmo: Gizmo = "none"
    gain: float = 1.0


KERNELS: dict[str, KernelChoice] = {
    GAUSSIAN: KernelChoice("Gaussian", GAUSSIAN, "a normal density", "variance", "ellipse"),
    "box": KernelChoice("box", "box", "the mean of a rectangle"),
    "tent": KernelChoice("tent", "tent", "linear from its middle to its ends"),
    "quadratic": KernelChoice("quadratic", "quadratic", "the B-spline of degree 2, near to a Gaussian"),
    "drawn": KernelChoice("drawn", "drawn:0.1,0.4,0.8,1,0.8,0.4,0.1", "drawn by hand", gizmo="curve"),
    "edge": KernelChoice(
        "edge", "edge", "a derivative: bright where the picture grows brighter", gizmo="angle", gain=4.0
    ),
    "difference": KernelChoice(
        "difference", "difference", "a narrow B-spline less a wide one: what is of that size", gain=4.0
    ),
}
"""By the name before the colon; whatever else is the name of a kernel's file."""

_FILE = KernelChoice("file", "", "a kernel's file")


def choice_of(kernel: str) -> KernelChoice:
    """What is known of a kernel by its text."""
    return KERNELS.get(kernel.partition(":")[0], _FILE)


def is_file(kernel: str) -> bool:
    """Whether a kernel is a file's, by its text; samples come with the program."""
    return choice_of(kernel) is _FILE and not kernel.startswith("sample:")


def title_of(kernel: str) -> str:
    """What a kernel is called on captions."""
    return kernel.rpartition("/")[2].removesuffix(".json") if choice_of(kernel) is _FILE else choice_of(kernel).title
