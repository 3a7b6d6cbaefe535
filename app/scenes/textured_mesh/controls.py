"""What is to be shown of a textured mesh, as plain values: all that panel, window, paths and compositor share."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, ClassVar, Literal, get_args

from fieldcore.border_names import Border

from ...camera.camera import Camera
from ...covariance import VARIANCES
from ...entries import Controls, entry, file_entry
from ...path.entry_checks import one_of
from ...record.passes import Pass

Shading = Literal["single", "mipmap", "anisotropic", "supersampled", "neural", "shader", "uv"]
"""How the texture is looked up: its nearest sample; OpenGL's trilinear mipmaps, also 16 times anisotropic; the mean of
many samples a pixel, which is the judge; the field, filtered once a pixel, by torch or in the fragment shader; or no
texture but the pass that all of them start from."""

BY_FIELD: tuple[Shading, ...] = ("neural", "shader")
"""Those that need a field."""

JUDGE: Shading = "supersampled"
"""What the others are compared with."""

COLOURLESS: tuple[Shading, ...] = ("uv",)
"""What shows numbers, and is compared with nothing."""

TEXTURED_MESH_PASSES = {
    way: Pass({"shading": way, "comparison": "one"}, "numbers" if way in COLOURLESS else "picture")
    for way in get_args(Shading)
}
"""Each is a way of shading."""

TexturedMeshComparison = Literal["one", "wipe", "two_up", "four", "error"]
"""One way of shading; two with a divider between, side by side; four at once; how far one is from the judge."""

PixelFilter = Literal["gaussian", "box"]
"""What a pixel averages over: a Gaussian of half a pixel's standard deviation, or one of a box's variance, 1/12."""

PIXEL_VARIANCE: dict[PixelFilter, float] = {"gaussian": 1 / 4, "box": 1 / 12}
"""Of each pixel filter along either axis, in squared pixels: the matrix P of ``J P J^T`` is this times the identity."""

FOUR: tuple[Shading, Shading, Shading, Shading] = ("single", "mipmap", "supersampled", "neural")
"""What the comparison of four shows, in reading order; the fourth gives way to the way of shading that is chosen."""

MOST_SAMPLES = 16
"""Samples a pixel along either axis."""


def _wrap(value: Any, where: str) -> Border:
    border: Border = one_of(value, where, get_args(Border))
    return border


@dataclass(frozen=True)
class TexturedMeshControls(Controls):
    """What is shown of a textured mesh.

    Attributes:
        field: file of the field that is its texture; empty where there is none yet.
        texture: picture laid on the model instead of its own; empty where there is none.
        camera: who looks.
        variance: added to every pixel's footprint by the field, in squared domain units of the texture.
        wrap: how that picture continues outside [0, 1]; None for what the model says.
        atlas: whether texture coordinates are made for a model that has none.
        caption: whether labels are written.
    """

    log10_variances: ClassVar[tuple[float, float]] = (-8.0, -1.0)
    """Of what the field averages over beyond a pixel, as far as a person may go; the least stands for none."""

    model: str = file_entry("the path of a model", required=True)
    field: str = file_entry("the path of a field")
    camera: Camera = dataclass_field(default_factory=Camera)
    shading: Shading = entry(
        "mipmap",
        "shading",
        "how the texture is looked up: its nearest sample (single), OpenGL's mipmaps (also anisotropic), the mean of "
        "many samples (supersampled, the judge), the field filtered once a pixel by torch (neural) or in the fragment "
        "shader (shader), or the pass itself (uv)",
        group="Shading",
        brief=str,
    )
    other: Shading = entry(
        "single", "on the right", "the same on the right of a wipe or a two-up", group="Shading", setting="beside"
    )
    comparison: TexturedMeshComparison = entry(
        "one",
        "show",
        "one way of shading, a wipe between two, two side by side, four at once, or how far one is from the judge",
        group="Shading",
        setting="shadings",
        brief=str,
    )
    divider: float = entry(
        0.5,
        "divider",
        "where the wipe divides the view, as a share of its width",
        group="Shading",
        setting="shading-divider",
        flag=False,
        least=0.0,
        most=1.0,
        refusal=lambda controls: "" if controls.comparison == "wipe" else "only for the wipe: press X",
    )
    variance: float = entry(0.0, least=0.0, space=VARIANCES)
    pixel_filter: PixelFilter = entry(
        "gaussian",
        "pixel filter",
        "what a pixel averages over: a Gaussian whose standard deviation is half a pixel, or one with the variance of "
        "a pixel's box",
        group="Shading",
        along="constant",
    )
    samples: int = entry(
        8,
        "judge's samples",
        "the judge takes this many by this many samples a pixel; more are slower and more right",
        group="Shading",
        least=1.0,
        most=float(MOST_SAMPLES),
        renders=("textured_mesh",),
        along="constant",
    )
    lit: bool = entry(
        True,
        "light",
        "let light fall on the model",
        group="Camera",
        setting="light",
        off="show the model's bare texture, without light",
        along="constant",
    )
    grid: bool = entry(False, "grid and axes", "show the ground's grid and the axes", group="Camera", along="constant")
    caption: bool = entry(True, along="constant")
    error_range: float = entry(
        0.1,
        "brightest error",
        "the mean absolute difference that the error map shows brightest",
        group="Shading",
        setting="shading-error-range",
        flag=False,
        bounds=(0.005, 0.5),
        above=0.0,
        along="constant",
        refusal=lambda controls: "" if controls.comparison == "error" else "only for the error map: press E",
    )
    texture: str = file_entry("the file of a picture")
    wrap: Border | None = entry(None, check=_wrap, along="constant")
    atlas: bool = entry(False, along="constant")
