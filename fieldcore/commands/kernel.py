"""``fieldcore kernel fit``: a kernel from a curve, a picture or a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..files import locked, refuse_overwriting
from ..sources import check_source, local_file, source_name
from .command_group import CommandGroup
from .common import GeneralOptions, require_between

if TYPE_CHECKING:
    from ..filters import Profile

_CURVES = (".csv", ".txt", ".tsv", ".dat")


@dataclass(frozen=True, kw_only=True)
class KernelFit(GeneralOptions):
    """Fit a piecewise polynomial kernel to a curve, a picture or a formula, and write it to a file.

    A curve is lines of position and value (or values alone, evenly spaced) along one axis, used along every axis. A
    picture is the whole kernel, bright where it is large, and becomes a sum of products. The mass is made 1, or where
    parts cancel the integral of its absolute value.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore kernel fit curve.csv --degree 1 --knots 9 --out my.json",
        "fieldcore kernel fit disc.png --out bokeh.json",
        "fieldcore kernel fit gaussian --degree 2 --knots 9",
        "fieldcore kernel fit oriented-box:30,0.1 --terms 16 --out streak.json",
    )

    source: str = argument(
        "Curve (.csv, .txt), picture, or formula.",
        metavar="CURVE",
        more=lambda: f"Formulas: {', '.join(_formulas())}.",
    )
    out: str | None = option(
        "The kernel's file, ending in .json.",
        default=None,
        metavar="FILE",
        short="o",
        group="output",
        usual="named after the input, in this folder",
    )
    overwrite: bool = option("Replace an existing file.", default=False, group="output")
    degree: int = option("Degree of the polynomials, 0 to 2; of pictures 0 or 1.", default=1, metavar="DEGREE")
    knots: int | None = option(
        "Knots along each axis, at most 65; a larger picture is averaged.",
        default=None,
        metavar="COUNT",
        usual="9 for curves, 33 for pictures",
    )
    terms: int | None = option(
        "Products of a picture's sum, at most 16.",
        default=None,
        metavar="COUNT",
        usual="as few as leave a thousandth of its norm",
    )

    def __post_init__(self) -> None:
        require_between("--degree", self.degree, 0, 2)
        require_between("--knots", self.knots, self.degree + 2, 65)
        require_between("--terms", self.terms, 1, 16)

    def run(self) -> None:
        """Check what can be known, then fit and write."""
        name = self.source.partition(":")[0]
        is_formula = name in _formulas() and not Path(self.source).is_file()
        out = Path(self.out or f"{name if is_formula else source_name(self.source)}.json")
        if out.suffix != ".json":
            raise InputError(f"--out '{out}': a kernel's file ends in .json")
        refuse_overwriting(out, self.overwrite)
        if not is_formula:
            check_source("kernel", self.source, "give a curve, a picture, or a formula: " + ", ".join(_formulas()))
        terms, residual = self._of_formula() if is_formula else self._of_file()
        self._write(out, terms, residual)

    def _write(self, out: Path, terms: Sequence[Sequence[Profile]], residual: float) -> None:
        from ..kernel_file import write_kernel

        with locked(out):
            write_kernel(out, terms, residual)
        profile = terms[0][0]
        self.print_result(
            {
                "out": str(out),
                "products": len(terms),
                "degree": profile.degree,
                "knots": len(profile.knots),
                "residual": float(f"{residual:.4g}"),
            }
        )

    def _of_file(self) -> tuple[Sequence[Sequence[Profile]], float]:
        with local_file("kernel", self.source) as path:
            if Path(path).suffix.lower() in _CURVES:
                return self._of_curve(Path(path))
            return self._of_picture(path)

    def _of_curve(self, path: Path) -> tuple[Sequence[Sequence[Profile]], float]:
        from ..kernel_fitting import fit_profile
        from ..kernel_sources import read_curve

        if self.terms is not None:
            raise InputError("--terms: a curve is one product; leave it out")
        u, values = read_curve(path)
        profile, residual = fit_profile(u, values, self.degree, self.knots or 9)
        return [[profile]], residual

    def _of_picture(self, path: Any) -> tuple[Sequence[Sequence[Profile]], float]:
        from ..kernel_fitting import products_of_picture
        from ..kernel_sources import read_kernel_picture

        return products_of_picture(read_kernel_picture(path, self._values_a_side()), self.degree, self.terms)

    def _of_formula(self) -> tuple[Sequence[Sequence[Profile]], float]:
        from ..kernel_fitting import fit_profile, products_of_picture
        from ..kernel_sources import curve_of_formula, is_curve, picture_of_formula

        if is_curve(self.source):
            profile, residual = fit_profile(*curve_of_formula(self.source), self.degree, self.knots or 9)
            return [[profile]], residual
        return products_of_picture(picture_of_formula(self.source, self._values_a_side()), self.degree, self.terms)

    def _values_a_side(self) -> int:
        """Cells of degree 0, or inner knots of degree 1."""
        return (self.knots or 33) - 1 - self.degree if self.degree < 2 else 2


def _formulas() -> tuple[str, ...]:
    from ..kernel_sources import FORMULAS

    return tuple(FORMULAS)


KERNEL = CommandGroup(
    about="Fit kernels to convolve with.",
    members=lambda: {"fit": KernelFit},
    what="command",
    examples=KernelFit.examples,
)
