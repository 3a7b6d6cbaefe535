"""What is to be shown of a textured mesh, as plain values: all that panel, window, paths and compositor share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

from fieldcore.border_names import Border

from ...camera.controls import CameraControls
from ...compare import ERROR, Compare, Sides
from ...covariance import VARIANCES
from ...entries import again, entry, file_entry
from ...path.entry_checks import one_of
from ...record.passes import Pass

Shading = Literal["single", "mipmap", "anisotropic", "supersampled", "neural", "shader", "uv"]
"""How the texture is looked up: its nearest sample; OpenGL's trilinear mipmaps, also 16 times anisotropic; the mean of
many samples a pixel, which is the judge; the field, filtered once a pixel, by torch or in the fragment shader; or no
texture but the pass that all of them start from."""

SHADINGS: tuple[Shading, ...] = get_args(Shading)

Output = Literal[Shading, "error", "other"]
"""The ways of shading, how far one of them is from the judge, and another model."""

BY_FIELD: tuple[Shading, ...] = ("neural", "shader")
"""Those that need a field."""

JUDGE: Shading = "supersampled"
"""What the others are compared with."""

COLOURLESS: tuple[Shading, ...] = ("uv",)
"""What shows numbers, and is compared with nothing."""

TEXTURED_MESH_PASSES = {
    way: Pass(way, content="numbers" if way in COLOURLESS else "picture") for way in get_args(Output)
}
"""Each is an output."""

PixelFilter = Literal["gaussian", "box"]
"""What a pixel averages over: a Gaussian of half a pixel's standard deviation, or one of a box's variance, 1/12."""

PIXEL_VARIANCE: dict[PixelFilter, float] = {"gaussian": 1 / 4, "box": 1 / 12}
"""Of each pixel filter along either axis, in squared pixels: the matrix P of ``J P J^T`` is this times the identity."""

FOUR: tuple[Shading, Shading, Shading, Shading] = ("single", "mipmap", "supersampled", "neural")
"""What a layout of four shows, in reading order; the fourth gives way to the output on the left."""

MOST_SAMPLES = 16
"""Samples a pixel along either axis."""


def _wrap(value: Any, where: str) -> Border:
    border: Border = one_of(value, where, get_args(Border))
    return border


@dataclass(frozen=True, kw_only=True)
class TexturedMeshControls(CameraControls):
    """What is shown of a textured mesh.

    Attributes:
        field: file of the field that is its texture; empty where there is none yet.
        other_field: the same of the other model.
        texture: picture laid on the model instead of its own; empty where there is none.
        variance: added to every pixel's footprint by the field, in squared domain units of the texture.
        wrap: how that picture continues outside [0, 1]; None for what the model says.
        atlas: whether texture coordinates are made for a model that has none.
    """

    log10_variances: ClassVar[tuple[float, float]] = (-8.0, -1.0)
    """Of what the field averages over beyond a pixel, as far as a person may go; the least stands for none."""
    reference = JUDGE
    judged = SHADINGS
    opened_entry = "model"
    alike = SHADINGS
    former: ClassVar = {
        "comparison": ("one", "wipe", "two_up", "four", "error"),
        "shading": ("mipmap", *SHADINGS),
        "other": ("single", *SHADINGS),
    }

    left: Output = again(Compare, "left", "mipmap")
    right: Output = again(Compare, "right", "single")
    model: str = file_entry("the path of a model", required=True)
    field: str = file_entry("the path of a field")
    other_field: str = file_entry("the path of the field of the other model")
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
    texture: str = file_entry("the file of a picture")
    wrap: Border | None = entry(None, check=_wrap, along="constant")
    atlas: bool = entry(False, along="constant")

    @property
    def four(self) -> tuple[str, ...]:
        """See the base."""
        return (*FOUR[:3], FOUR[3] if self.left in FOUR[:3] else self.left)

    @property
    def beside(self) -> TexturedMeshControls:
        """See the base; what needs a field is shown by mipmaps where the other model has none."""
        beside = replace(super().beside, field=self.other_field, texture="", wrap=None, atlas=False)
        return replace(beside, left="mipmap") if beside.left in BY_FIELD and not beside.field else beside

    def in_sight(self) -> TexturedMeshControls:
        """See the base."""
        seen = super().in_sight()
        return seen if seen.other else replace(seen, other_field="")

    @classmethod
    def of_former(cls, values: Mapping[str, str]) -> Sides:
        """See the base."""
        layout: Any = values["comparison"]
        return ("one", ERROR, values["shading"]) if layout == ERROR else (layout, values["shading"], values["other"])
