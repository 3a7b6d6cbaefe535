"""FLIP as a map: how different two pictures look where one takes the other's place, pixel by pixel.

Source: P. Andersson et al., FLIP: A Difference Evaluator for Alternating Images, HPG 2020.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def flip_map(seen: Float[np.ndarray, "h w 3"], true: Float[np.ndarray, "h w 3"]) -> Float[np.ndarray, "h w"]:
    """FLIP between two display-encoded pictures: from 0, where they look alike, to 1."""
    import flip_evaluator

    seen, true = (np.ascontiguousarray(picture, np.float32) for picture in (seen, true))
    error = flip_evaluator.evaluate(true, seen, "LDR", applyMagma=False)[0]
    values: Float[np.ndarray, "h w"] = np.asarray(error, np.float32).reshape(*seen.shape[:2], -1)[..., 0]
    return np.ascontiguousarray(values)
