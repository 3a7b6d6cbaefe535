"""What is told of a point of a textured mesh that is seen: where it is, its texture coordinates and its colours."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from ...camera.sight import Rows, vector_words
from ...compare import ERROR_KINDS
from ...gl.overlays import signed_number
from .controls import COLOURLESS, PIXEL_VARIANCE, TexturedMeshControls


def rows_at(
    point: Float[np.ndarray, "3"],
    normal: Float[np.ndarray, "3"],
    uv: Float[np.ndarray, "2"],
    jacobian: Float[np.ndarray, "2 2"],
    sheet_px: tuple[int, int],
    output: str,
    colours: Mapping[str, Float[np.ndarray, "3"]],
    controls: TexturedMeshControls,
) -> Rows:
    """What is told of a point.

    Args:
        point: in the world.
        normal: unit normal there.
        uv: texture coordinates in the sheet.
        jacobian: d(u, v) by pixel of the view.
        sheet_px: size of the sheet of textures.
        output: what the pane shows.
        colours: display-encoded, by way of shading.
        controls: what is shown.
    """
    texels = np.array(sheet_px)
    rows = [
        ("point", vector_words(point)),
        ("normal", vector_words(normal)),
        ("u, v", f"{uv[0]:.4f}, {uv[1]:.4f}"),
        ("texel", f"{uv[0] * texels[0]:.1f}, {(1 - uv[1]) * texels[1]:.1f}"),
        ("footprint, σ", footprint_words(texels[:, None] * jacobian, controls)),  # noqa: RUF001
    ]
    shown = str(controls.subject) if output in ERROR_KINDS else output
    values = {way: colours[way] for way in (shown, controls.reference) if way in colours and way not in COLOURLESS}
    rows += [(way, "  ".join(f"{value:.3f}" for value in colour)) for way, colour in values.items()]
    if len(values) == 2:
        one, judge = values[shown], values[controls.reference]
        rows.append(("error", signed_number(float((one - judge).mean()))))
    return tuple(rows)


def footprint_words(jacobian: Float[np.ndarray, "2 2"], controls: TexturedMeshControls) -> str:
    """The standard deviations of what a pixel averages over, in texels, the longer one first."""
    sizes = math.sqrt(PIXEL_VARIANCE[controls.pixel_filter]) * np.linalg.svd(jacobian.astype(np.float64))[1]
    return f"{sizes[0]:.3g} by {sizes[1]:.3g} texels"
