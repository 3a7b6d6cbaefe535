"""RGB spaces described by primaries and a curve, and CMYK and Lab without a profile, to sRGB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .curves import display_from_linear, linear_from_display

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""XYZ to cone responses (ICC.1:2022, annex E)."""

D50_XYZ = np.array([0.9642, 1.0, 0.8249])


@dataclass(frozen=True)
class Chromaticities:
    """CIE xy of an RGB space's primaries and white."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float]

    @classmethod
    def from_numbers(cls, numbers: Float[np.ndarray, "8"]) -> Chromaticities | None:
        """Red, green, blue and white, x and y each; None where no RGB space has them."""
        rx, ry, gx, gy, bx, by, wx, wy = (float(n) for n in numbers)
        found = cls((rx, ry), (gx, gy), (bx, by), (wx, wy))
        if not np.isfinite(numbers).all() or min(ry, gy, by, wy) <= 0:
            return None
        xyz = np.array([xyz_of(*point) for point in (found.red, found.green, found.blue)])
        return found if abs(np.linalg.det(xyz)) > 1e-6 else None

    def near(self, other: Chromaticities, tolerance: float = 2e-3) -> bool:
        """Whether no coordinate differs by more than ``tolerance``."""
        pairs = zip(self._points(), other._points(), strict=True)
        return all(abs(a - b) <= tolerance for one, two in pairs for a, b in zip(one, two, strict=True))

    def luminance_weights(self) -> Float[np.ndarray, "3"]:
        """How much red, green and blue each add to luminance."""
        return self.xyz_from_rgb()[1]

    def xyz_from_rgb(self) -> Float[np.ndarray, "3 3"]:
        """Linear RGB to XYZ, where white has Y = 1."""
        primaries = np.array([xyz_of(*point) for point in (self.red, self.green, self.blue)]).T
        return primaries * np.linalg.solve(primaries, xyz_of(*self.white))

    def _points(self) -> tuple[tuple[float, float], ...]:
        return (self.red, self.green, self.blue, self.white)


SRGB = Chromaticities((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))


def srgb_from(source: Chromaticities) -> Float[np.ndarray, "3 3"] | None:
    """Linear RGB of a space to linear sRGB, white to white (Bradford); None where that changes nothing."""
    if source.near(SRGB):
        return None
    adapted = _adaptation(xyz_of(*source.white), xyz_of(*SRGB.white)) @ source.xyz_from_rgb()
    return np.linalg.solve(SRGB.xyz_from_rgb(), adapted)


def converter(
    curve: Callable[[np.ndarray], np.ndarray] | None, source: Chromaticities | None, linear_light: bool = False
) -> Callable[[Float[np.ndarray, "h w c"]], Float[np.ndarray, "h w c"]] | None:
    """Display-encoded colours of a space to sRGB, or None where they are sRGB already.

    Args:
        curve: encoded values to linear light; None for the sRGB curve.
        source: None for sRGB's own. Grey has no primaries: only the curve changes it.
        linear_light: give linear sRGB, which goes beyond 1 where the curve does, in place of display-encoded.
    """
    matrix = None if source is None else srgb_from(source)
    if curve is None and matrix is None and not linear_light:
        return None

    def to_srgb(colour: Float[np.ndarray, "h w c"]) -> Float[np.ndarray, "h w c"]:
        if colour.shape[2] == 1 and curve is None and not linear_light:
            return colour
        linear = linear_from_display(colour) if curve is None else curve(colour)
        if matrix is not None and colour.shape[2] == 3:
            linear = linear @ matrix.T.astype(np.float32)
        shown = np.maximum(linear, 0) if linear_light else display_from_linear(linear).clip(0, 1)
        return shown.astype(np.float32)

    return to_srgb


def rgb_from_cmyk(cmyk: Float[np.ndarray, "h w 4"]) -> Float[np.ndarray, "h w 3"]:
    """Shares of ink in [0, 1] to display-encoded colours, as if inks were ideal."""
    return (1 - cmyk[..., :3]) * (1 - cmyk[..., 3:])


def rgb_from_lab(
    lab: Float[np.ndarray, "h w 3"], white: Float[np.ndarray, "3"] = D50_XYZ
) -> Float[np.ndarray, "h w 3"]:
    """CIELAB (L in [0, 100]) to display-encoded sRGB; ``white`` is its reference, in XYZ."""
    y = (lab[..., 0] + 16) / 116
    curved = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], -1)
    xyz = np.where(curved > 6 / 29, curved**3, (curved - 4 / 29) * 3 * (6 / 29) ** 2) * white
    matrix = np.linalg.solve(SRGB.xyz_from_rgb(), _adaptation(white, xyz_of(*SRGB.white)))
    return display_from_linear(xyz @ matrix.T).clip(0, 1).astype(np.float32)


def xyz_of(x: float, y: float) -> Float[np.ndarray, "3"]:
    """CIE xy to XYZ where Y is 1."""
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _adaptation(source: Float[np.ndarray, "3"], target: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
    return np.linalg.solve(_BRADFORD, np.diag(_BRADFORD @ target / (_BRADFORD @ source)) @ _BRADFORD)
