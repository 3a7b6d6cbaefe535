"""Makes the kernels in this folder again, fitted to formulas: ``python -m assets.kernels`` (a second)."""

from __future__ import annotations

from pathlib import Path

from fieldcore import Profile, fit_profile, products_of_picture, write_kernel
from fieldcore.kernel_sources import curve_of_formula, picture_of_formula

FOLDER = Path(__file__).parent


def main(folder: Path = FOLDER) -> None:
    """A Gaussian of 9 knots, its derivative along x, a sharpening, a disc and a slanted streak."""
    gaussian, residual = fit_profile(*curve_of_formula("gaussian"), degree=2, knots=9)
    write_kernel(folder / "gaussian.json", [[gaussian]], residual)
    edge, residual = fit_profile(*curve_of_formula("gaussian-edge"), degree=2, knots=9)
    write_kernel(folder / "edge.json", [[edge, gaussian]], residual)
    wide = Profile.quadratic()
    narrow = Profile(wide.degree, 0.25 * wide.knots, wide.weights / 0.25**wide.order)
    write_kernel(folder / "sharpen.json", [[narrow.scaled(2.0), narrow], [wide.scaled(-1.0), wide]])
    disc, residual = products_of_picture(picture_of_formula("disc", 31))
    write_kernel(folder / "disc.json", disc, residual)
    streak, residual = products_of_picture(picture_of_formula("oriented-box:30,0.15", 31), terms=16)
    write_kernel(folder / "streak.json", streak, residual)


if __name__ == "__main__":
    main()
